/**
 * credentials/authorize — PIN and code for a SAD. CSC API v1.0.4.0 and v2.0.0.2, 11.6, for credentials of mode `explicit`.
 *
 * The two pass through the application and through here: that is what this mode is, and why it is level 2 at most
 * (sole-control 7). The SAM decides. It is told which digests they are for, so `hashes` is needed although the
 * credential says SCAL 1: an approval without digests there is none.
 */
import { authorizeResponse, credentialsAuthorizeRequest } from '@natsuin/protocol/csc'
import { epochSeconds } from '../../clock.ts'
import { signersOf } from '../../oauth/access-tokens.ts'
import type { Credential } from '../../signing/credentials.ts'
import { serviceToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { readApprovedHashes } from '../hashes.ts'
import { cscMethod } from '../method.ts'
import { pinAndCodeOf } from './factors.ts'

export const credentialsAuthorize = cscMethod({
  summary: 'Approves signatures with what the signer gave to the application.',
  access: serviceToken,
  request: credentialsAuthorizeRequest,
  answers: { 200: authorizeResponse },

  async handle({ request, access, edition }, { credentials, explicit, clock }) {
    const { credentialID: credentialId, numSignatures, description = '' } = request
    const credential = await credentials.belongingTo(signersOf(access), credentialId)
    checkExplicit(credential)
    checkEnabled(credential)
    if (numSignatures > credential.max_signatures) throw new RequestRefused('num-signatures-too-high')
    const approved = readApprovedHashes(request, edition)
    if (approved.dtbsrs.length !== numSignatures) throw new RequestRefused('num-signatures-invalid')
    const factors = pinAndCodeOf(request, edition)
    const { clientId, boundTo } = access
    const asked = { credentialId, clientId, boundTo, description, ...approved, ...factors }
    const { value, sad } = await explicit.authorize(asked)
    return { SAD: value, expiresIn: sad.expiresAt - epochSeconds(clock()) }
  },
})

function checkExplicit({ explicit }: Credential): void {
  if (!explicit) throw new RequestRefused('credential-not-explicit')
}

/** Where its key is disabled nothing is authorized: v1.0.4.0 and v2.0.0.2, 11.6. */
function checkEnabled({ status }: Credential): void {
  if (status !== 'valid') throw new RequestRefused('credential-disabled')
}
