/** The key of a SAD as it is kept now: a rotation of the master key may have moved it since the SAD was accepted. */
import type { ActiveSad } from '../../sad/active-sad.ts'
import type { Sam } from '../../sam.ts'

/** @throws Refusal `record-altered` */
export async function refreshKey({ records, state }: Sam, sad: ActiveSad): Promise<void> {
  if (sad.kept.master === state.masterKey.label) return
  const { key } = await records.need('credential', sad.terms.credentialId)
  // A key for one session is in no record; the rotation waits for its end.
  if (key !== undefined) sad.kept = key
}
