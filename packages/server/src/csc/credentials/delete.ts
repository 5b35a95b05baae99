/** credentials/delete — the end of a credential, by its signer's log-in for just that. CSC API v2.2.0.0, 11.5. */
import { credentialsDeleteRequest, nothing } from '@natsuin/protocol/csc'
import type { RevocationReason } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { deleteCredential } from '../../signing/deletion.ts'
import { actToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { cscMethod, Reply } from '../method.ts'

export const credentialsDelete = cscMethod({
  summary: 'Ends a credential: its key is destroyed, and its certificate revoked if that is asked for.',
  since: '2.1.0.1',
  access: actToken('credential-deletion'),
  request: credentialsDeleteRequest,
  answers: { 204: nothing },

  async handle({ request, access }, { revocation: parts }) {
    const { credentialID: credentialId, revoke = false, revocationReason } = request
    const { signerId } = access
    // The signer was asked about one credential; this must be it.
    if (access.credentialId !== credentialId) throw new Refusal('credential-unknown')
    const revocation = revoke ? reasonNamed(revocationReason) : undefined
    await deleteCredential(parts, { signerId, credentialId, revocation })
    return new Reply(204)
  },
})

/** RFC 5280, 5.3.1: those that may stand in a CRL about a certificate of a person. */
const REASONS: ReadonlyMap<number, RevocationReason> = new Map([
  [0, 'unspecified'],
  [1, 'keyCompromise'],
  [3, 'affiliationChanged'],
  [4, 'superseded'],
  [5, 'cessationOfOperation'],
  [9, 'privilegeWithdrawn'],
])

function reasonNamed(code: number | undefined): RevocationReason {
  if (code === undefined) throw new RequestRefused('revocation-reason-missing')
  const reason = REASONS.get(code)
  if (reason === undefined) throw new RequestRefused('revocation-reason-invalid')
  return reason
}
