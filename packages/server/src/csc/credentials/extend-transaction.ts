/**
 * credentials/extendTransaction — a SAD goes on under a new value. CSC API v1.0.4.0, 11.7; v2.0.0.2, 11.9.
 *
 * Nothing is approved here: the hashes have to be among those that the signer approved, and not signed yet. That is why
 * they are always needed.
 */
import { authorizeResponse, credentialsExtendTransactionRequest } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { signersOf } from '../../oauth/access-tokens.ts'
import { serviceToken } from '../admission.ts'
import { askedDigests, readApprovedHashes } from '../hashes.ts'
import { cscMethod } from '../method.ts'
import { ownSad } from '../sad.ts'
import { givenOut } from './given-out.ts'

export const credentialsExtendTransaction = cscMethod({
  summary: 'Goes on signing what was approved under a new SAD.',
  access: serviceToken,
  malformedAuthorization: 'authorization-malformed-loudly',
  request: credentialsExtendTransactionRequest,
  answers: { 200: authorizeResponse },

  async handle({ request, access, edition }, services) {
    const { credentialID: credentialId, SAD } = request
    const { clientId, boundTo } = access
    const dtbsrs = askedDigests(readApprovedHashes(request, { edition, clientId }, services))
    const activation = await ownSad(services, SAD, access)
    await services.credentials.belongingTo(signersOf(access), credentialId)
    if (activation.credential_id !== credentialId) throw new Refusal('sad-other-credential')
    const asked = { credentialId, clientId, boundTo, dtbsrs }
    const { value, sad } = await services.activations.extend(activation, asked)
    return givenOut({ value, expiresAt: sad.expiresAt }, services)
  },
})
