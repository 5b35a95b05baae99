/** One line from a socket. */
import type { Socket } from 'node:net'

const MAX_LINE = 200
const PATIENCE_MILLISECONDS = 10_000

/** @throws Error when the peer ends, breaks off, says too much or nothing for too long */
export function firstLine(peer: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  peer.setEncoding('utf8')
  peer.setTimeout(PATIENCE_MILLISECONDS, () => peer.destroy())
  peer.on('error', reject)
  peer.on('close', () => reject(new Error('the peer did not say a line')))
  peer.on('data', chunk => {
    said += chunk
    const [line, ...rest] = said.split('\n')
    if (rest.length > 0) resolve(line ?? '')
    else if (said.length > MAX_LINE) peer.destroy()
  })
  return promise
}
