/** Brings one share of a token's PIN to the process that waits for it. */
import { connect } from 'node:net'
import { integer, oneOf, record } from '../../shape/shape.ts'
import { socketPath } from '../socket-path.ts'
import { firstLine } from './first-line.ts'
import type { ShareAnswer } from './gather-pin.ts'

const shareAnswer = record({
  share: oneOf('taken', 'again', 'unknown'),
  brought: integer({ min: 0, max: 100 }),
  needed: integer({ min: 0, max: 100 }),
})

/** @throws Error when nobody waits there (`ENOENT`, `ECONNREFUSED`), or who waits does not answer */
export async function bringShare(socket: string, share: string): Promise<ShareAnswer> {
  const peer = connect(socketPath(socket))
  peer.write(`${share.replaceAll('\n', ' ')}\n`)
  try {
    return shareAnswer(JSON.parse(await firstLine(peer)))
  } finally {
    peer.destroy()
  }
}
