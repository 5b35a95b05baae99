/**
 * credentials/authorize — a SAD for what the signer gave to the application, or for what he is asked on a page of his own.
 * CSC API v1.0.4.0 and v2.0.0.2, 11.6, for credentials of mode `explicit` or, in v1, `implicit`.
 *
 * The SAM decides. It is told which digests they are for, so `hashes` is needed also where the credential says SCAL 1: an
 * approval without digests there is none.
 */
import { authorizeResponse, credentialsAuthorizeRequest, handleResponse } from '@natsuin/protocol/csc'
import { signersOf } from '../../oauth/access-tokens.ts'
import type { Credential } from '../../signing/credentials.ts'
import { serviceToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { readApprovedHashes } from '../hashes.ts'
import { cscMethod } from '../method.ts'
import { wayOf } from './ways/ways.ts'

export const credentialsAuthorize = cscMethod({
  summary: 'Approves signatures: with what the signer gave to the application, or by asking him.',
  access: serviceToken,
  request: credentialsAuthorizeRequest,
  answers: { 200: authorizeResponse, 202: handleResponse },

  async handle({ request, access, edition }, services) {
    const { credentialID: credentialId, numSignatures } = request
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    const { authorize } = wayOf(credential, services.clients.find(access.clientId))
    if (authorize === undefined) throw new RequestRefused('credential-not-explicit')
    checkEnabled(credential)
    await services.levelFloor.check(access.clientId, credential.level)
    if (numSignatures > credential.max_signatures) throw new RequestRefused('num-signatures-too-high')
    const approved = readApprovedHashes(request, { edition, clientId: access.clientId }, services)
    if (approved.digests.length !== numSignatures) throw new RequestRefused('num-signatures-invalid')
    return authorize({ request, approved, access, credential, edition }, services)
  },
})

/** Where its key is disabled nothing is authorized: v1.0.4.0 and v2.0.0.2, 11.6. */
function checkEnabled({ status }: Credential): void {
  if (status !== 'valid') throw new RequestRefused('credential-disabled')
}
