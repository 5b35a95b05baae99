/** credentials/authorizeCheck — whether the signer has approved what he was asked. CSC API v2.0.0.2, 11.7. */
import { authorizeResponse, credentialsAuthorizeCheckRequest, handleResponse } from '@natsuin/protocol/csc'
import { signersOf } from '../../oauth/access-tokens.ts'
import { serviceToken } from '../admission.ts'
import { cscMethod } from '../method.ts'
import { givenOut, stillRunning } from './given-out.ts'

export const credentialsAuthorizeCheck = cscMethod({
  summary: 'Whether the signer has answered what credentials/authorize asked him.',
  access: serviceToken,
  request: credentialsAuthorizeCheckRequest,
  answers: { 200: authorizeResponse, 202: handleResponse },

  async handle({ request: { handle }, access }, services) {
    const approved = await services.outOfBand.check(handle, { ...access, signers: signersOf(access) })
    return approved === undefined ? stillRunning(handle) : givenOut(approved, services)
  },
})
