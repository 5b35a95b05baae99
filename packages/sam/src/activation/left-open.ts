/**
 * Reservations without an outcome: the log could not be written when the outcome was known, or the process that knew it
 * is gone. Each gets one, and stays used up (threats G2, INV-3).
 */
import { Refusal } from '@natsuin/protocol/refusal'
import { expectOnly } from '../expect-only.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import { settle } from './activate.ts'
import type { Settled } from './ongoing.ts'

/** Those of this process, as soon as the log can be written again. @throws Refusal `log-unavailable`, NotCommitted */
export async function settleLeftOpen(sam: Sam): Promise<void> {
  for (const [activationId, outcome] of sam.leftOpen) {
    await settleStored(sam, activationId, outcome)
    sam.leftOpen.delete(activationId)
  }
}

export async function settleStored(sam: Sam, activationId: string, outcome: Settled): Promise<void> {
  await settle(sam, activationId, await readGranted(sam, activationId), outcome)
}

/** The reservation; undefined when somebody took its record away or edited it, which must not stop every start. */
async function readGranted(
  { records }: Sam,
  activationId: string,
): Promise<RecordOf<'activation'> | undefined> {
  try {
    return (await records.read('activation', activationId))?.content
  } catch (error) {
    expectOnly(error, Refusal)
    return undefined
  }
}
