/**
 * credentials/getChallenge — what an object of `credentials/info` wants to be answered: a challenge, or nothing, when it is on
 * its way to the signer. CSC API v2.0.0.2, 11.8 (204; one sentence of the text says 201).
 */
import { credentialsGetChallengeRequest, getChallengeResponse, nothing } from '@natsuin/protocol/csc'
import { signersOf } from '../../oauth/access-tokens.ts'
import { serviceToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { cscMethod } from '../method.ts'
import { wayOf } from './ways/ways.ts'

export const credentialsGetChallenge = cscMethod({
  summary: 'The challenge of an authentication object; without a body when it was sent to the signer.',
  access: serviceToken,
  request: credentialsGetChallengeRequest,
  answers: { 200: getChallengeResponse, 204: nothing },

  async handle({ request, access }, services) {
    const { credentialID: credentialId, authObjectID } = request
    const { clientId } = access
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    const { challenge } = wayOf(credential, services.clients.find(clientId))
    if (challenge === undefined || challenge.id !== authObjectID)
      throw new RequestRefused('auth-object-invalid')
    return challenge.make({ credentialId, clientId }, services)
  },
})
