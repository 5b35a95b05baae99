/**
 * `keys/destroy` — a key that is never used again (EN 419 241-1:2018, SRG_KM.7.1; TS 119 431-1, DEL-6.3.2).
 *
 * Refused from the first moment, by the state log for good; then its record forgets the key. Copies of the record
 * that somebody kept are worth nothing to a SAM, which knows the log, and to anybody else they are what the master key
 * wrapped: they end with that key, when it is rotated. Whoever can ask can only take power away, so `server` may.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { NotCommitted } from '../audit/journal.ts'
import { remove } from '../audit/removals.ts'
import { checkKnown } from '../credentials/check-known.ts'
import type { Sam } from '../sam.ts'
import type { CredentialRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'
import type { KeyDestruction } from './key-destruction.ts'

/** @throws Refusal `credential-unknown`, `log-unavailable`, `module-unavailable` */
export async function destroyKey(
  sam: Sam,
  { credentialId, reason }: SapRequest<'keys/destroy'>,
): Promise<SapResponse<'keys/destroy'>> {
  await checkKnown(sam, credentialId)
  await recordDestruction(sam, credentialId, reason)
  await forgetKey(sam, credentialId)
  return {}
}

/** @throws Refusal `log-unavailable`, `module-unavailable` */
export async function recordDestruction(
  sam: Sam,
  credentialId: string,
  reason: KeyDestruction,
): Promise<void> {
  const { state, time } = sam
  await remove(sam, {
    refuseInMemory: () => state.destroyKey(credentialId, reason),
    isLogged: () => state.isDestructionLogged(credentialId),
    leaf: () => ({ event: 'key-destroyed', at: time.milliseconds(), credentialId, reason }),
    failpoint: 'key-destroyed',
  })
}

/**
 * Writes the record again without its key. A record that was edited, deleted or is being written by somebody else keeps
 * what it has: nobody uses it any more, and the next rotation leaves it out.
 */
export async function forgetKey(sam: Sam, credentialId: string): Promise<void> {
  try {
    let stored = await sam.records.read('credential', credentialId)
    if (stored?.content.key === undefined) return
    await sam.logs.activity.append({
      leaves: [],
      records: () => withoutKey(sam, credentialId, stored),
      // A rotation may just have moved the key.
      reread: async () => {
        stored = await sam.records.read('credential', credentialId)
      },
    })
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof NotCommitted)) throw error
  }
}

function withoutKey(
  { records }: Sam,
  credentialId: string,
  stored: Versioned<CredentialRecord> | undefined,
): readonly StoredRecord[] {
  if (stored?.content.key === undefined) return []
  const { key: _, ...without } = stored.content
  return [records.seal('credential', credentialId, stored.version + 1, without)]
}
