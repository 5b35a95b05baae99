/** Free ports: a taken one moves up to the next. */
import { createServer } from 'node:net'

const ATTEMPTS = 50

/** The first free port from `from` on that is not among `taken`. */
export async function freePort(from: number, taken: readonly number[] = []): Promise<number> {
  for (let port = from; port < from + ATTEMPTS; port++) {
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port from ${from} to ${from + ATTEMPTS - 1}`)
}

export function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  return promise
}
