/** Reads a statement and the ticket in it: the statement strictly, the ticket only if the SAM signed it. */
import { type SamStatementType, verifyJws } from '@natsuin/protocol/approval'
import { readStrictJson, type Shape, ShapeError } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { BrokenLink, demanded, type EvidenceReason } from '../verdict.ts'

export function readStatement<T>(bytes: Uint8Array, shape: Shape<T>): T {
  try {
    return readStrictJson(bytes, shape)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('statement-invalid', error.message)
  }
}

export function readTicket<T>(ticket: string, shape: Shape<T>, sam: Sam): Promise<T> {
  return readSigned(ticket, 'natsuin-ticket', shape, sam, 'ticket-not-genuine')
}

/** What the SAM key signed, of one type. */
export async function readSigned<T>(
  jws: string,
  type: SamStatementType,
  shape: Shape<T>,
  sam: Sam,
  reason: EvidenceReason,
): Promise<T> {
  try {
    const payload = await verifyJws(jws, type, shape, sam.key, sam.platform)
    return demanded(payload, reason, `the ${type} is not signed by the SAM key`)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink(reason, error.message)
  }
}
