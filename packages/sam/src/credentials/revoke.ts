/**
 * `credentials/revoke` — a credential that never signs again (sole-control 9 and 10).
 *
 * Sticky from the first moment: memory refuses before the commit, activations under way compare at release, and
 * the acknowledgement waits for the copy of the log's head outside the database. The leaf of the log is the
 * revocation; the credential's record is neither read nor written, so one that was edited or deleted cannot prevent
 * it: which credentials there are is known from the log.
 */
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `credential-unknown`, `log-unavailable`, `module-unavailable` */
export async function revokeCredential(
  sam: Sam,
  { credentialId, reason }: SapRequest<'credentials/revoke'>,
): Promise<SapResponse<'credentials/revoke'>> {
  const { state, journal, time } = sam
  if (!state.isCredential(credentialId)) throw refuse('credential-unknown')
  state.revoke(credentialId)
  if (!state.isRevocationLogged(credentialId)) {
    await journal.append({
      leaves: [{ event: 'credential-revoked', at: time.milliseconds(), credentialId, reason }],
    })
    state.revocationLogged(credentialId)
    await sam.failpoint('credential-revoked')
  }
  await sam.checkpoints.copyOutside()
  return {}
}
