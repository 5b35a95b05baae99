/**
 * `credentials/revoke` — a credential that never signs again (sole-control 9 and 10).
 *
 * Sticky from the first moment: memory refuses before the commit, and activations under way compare at release. The
 * leaf of the state log is the revocation; the credential's record is neither read nor written, so one that was edited
 * or deleted cannot prevent it: which credentials there are is known from the log.
 */
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { remove } from '../audit/removals.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `credential-unknown`, `log-unavailable`, `module-unavailable` */
export async function revokeCredential(
  sam: Sam,
  { credentialId, reason }: SapRequest<'credentials/revoke'>,
): Promise<SapResponse<'credentials/revoke'>> {
  const { state, time } = sam
  if (!state.isCredential(credentialId)) throw refuse('credential-unknown')
  await remove(sam, {
    refuseInMemory: () => state.revoke(credentialId),
    isLogged: () => state.isRevocationLogged(credentialId),
    leaf: () => ({ event: 'credential-revoked', at: time.milliseconds(), credentialId, reason }),
    failpoint: 'credential-revoked',
  })
  return {}
}
