/**
 * `credentials/revoke` — a credential that never signs again (sole-control 9 and 10).
 *
 * Sticky from the first moment: memory refuses before the commit, and activations under way compare at release. The
 * leaf of the state log is the revocation: which credentials there are is known from the log, so a record that was
 * edited or deleted cannot prevent it. Afterwards the record forgets the key (EN 419 241-1:2018, SRG_KM.7.1).
 */
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { remove } from '../audit/removals.ts'
import { forgetKey } from '../keys/destroy.ts'
import type { Sam } from '../sam.ts'
import { checkKnown } from './check-known.ts'

/** @throws Refusal `credential-unknown`, `log-unavailable`, `module-unavailable` */
export async function revokeCredential(
  sam: Sam,
  { credentialId, reason }: SapRequest<'credentials/revoke'>,
): Promise<SapResponse<'credentials/revoke'>> {
  const { state, time } = sam
  await checkKnown(sam, credentialId)
  await remove(sam, {
    refuseInMemory: () => state.revoke(credentialId),
    isLogged: () => state.isRevocationLogged(credentialId),
    leaf: () => ({ event: 'credential-revoked', at: time.milliseconds(), credentialId, reason }),
    failpoint: 'credential-revoked',
  })
  await forgetKey(sam, credentialId)
  return {}
}
