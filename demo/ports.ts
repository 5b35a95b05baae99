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

/**
 * Whether nobody listens on it, on either loopback address: we listen on 127.0.0.1 alone, but a browser asks [::1]
 * first for `localhost`, and would meet whoever has the port there.
 */
export async function isFree(port: number): Promise<boolean> {
  return (await isFreeOn('127.0.0.1', port)) && (await isFreeOn('::1', port))
}

function isFreeOn(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', error => resolve('code' in error && NO_SUCH_ADDRESS.includes(String(error.code))))
  probe.listen(port, host, () => probe.close(() => resolve(true)))
  return promise
}

/** A machine without IPv6. */
const NO_SUCH_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']
