/** What a log asks a witness: C2SP tlog-witness, `add-checkpoint`. */
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { ShapeError } from '../shape/shape.ts'

export interface AddCheckpoint {
  /** Size of the newest tree that the witness cosigned, as the log believes. */
  readonly oldSize: number
  /** From the old size to the checkpoint's: RFC 9162, 2.1.4.1. */
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
}

export function writeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map(hash => `${toBase64(hash)}\n`).join('')}\n${checkpoint}`
}

/** @throws ShapeError */
export function readAddCheckpoint(body: string): AddCheckpoint {
  const [, old, lines = '', checkpoint] = BODY.exec(body) ?? []
  if (old === undefined || checkpoint === undefined) throw new ShapeError('', 'an add-checkpoint request')
  return { oldSize: Number(old), proof: lines.split('\n').slice(0, -1).map(hashIn), checkpoint }
}

const BODY = /^old (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([\s\S]+)$/

function hashIn(line: string): Uint8Array {
  const hash = fromBase64(line)
  if (hash === undefined) throw new ShapeError('', 'a hash in base64')
  return hash
}
