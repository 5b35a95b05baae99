/**
 * Failpoints: places where a test may stop this process, to kill it there (threats 23, T-DUR-02).
 *
 * Every operation passes its points in the order of this list. In production the function does nothing; `main.ts`
 * refuses another one unless the deployment was founded as `test`.
 */
import { connect } from 'node:net'

export type FailpointName =
  | 'ticket-issued'
  | 'request-approved'
  | 'roster-amended'
  | 'grant-accepted'
  | 'key-generated'
  | 'enrolled'
  | 'certificate-linked'
  | 'authenticator-added'
  | 'authenticator-removed'
  | 'authenticator-suspended'
  | 'attempted'
  | 'means-locked'
  | 'sad-accepted'
  | 'sad-extended'
  | 'granted'
  | 'module-signed'
  | 'completed'
  | 'certificate-requested'
  | 'certification-signed'
  | 'credential-revoked'
  | 'key-destroyed'
  | 'master-key-made'
  | 'master-key-rotation-begun'
  | 'key-moved'
  | 'master-key-rotated'
  | 'master-key-destroyed'
  | 'keys-restored'

export type Failpoint = (name: FailpointName) => Promise<void>

export const noFailpoints: Failpoint = async () => {}

/** Says the name of each point to whoever listens on the socket, and goes on when a line comes back. */
export function socketFailpoints(path: string): Failpoint {
  return async name => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const socket = connect(path, () => socket.write(`${name}\n`))
    socket.once('data', () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the failpoint socket closed without an answer')))
    try {
      await promise
    } finally {
      socket.destroy()
    }
  }
}
