/** credentials/sendOTP — sends the signer a code. CSC API v1.0.4.0, 11.8; v2 has `credentials/getChallenge` in its place. */
import { credentialsSendOtpRequest, nothing } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { signersOf } from '../../oauth/access-tokens.ts'
import { codeMeansIn } from '../../signing/credentials.ts'
import { serviceToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { cscMethod, Reply } from '../method.ts'

export const credentialsSendOtp = cscMethod({
  summary: 'Sends the signer a one-time code.',
  access: serviceToken,
  request: credentialsSendOtpRequest,
  answers: { 204: nothing },
  malformedAuthorization: 'authorization-malformed-misspelt',

  async handle({ request: { credentialID: credentialId }, access }, { credentials, sentCodes }) {
    const { approvals } = await credentials.belongingTo(signersOf(access), credentialId)
    // Nobody can send what an app makes.
    if (codeMeansIn(approvals) !== 'pin-sent-code') throw new RequestRefused('credential-not-explicit')
    await sentCodes.send({ credentialId, clientId: access.clientId }).catch(refuseLocked)
    return new Reply(204)
  },
})

/** The lock is one, for PIN and code; here it is the code that is told of. */
function refuseLocked(error: unknown): never {
  if (error instanceof Refusal && error.code === 'means-locked') throw new RequestRefused('otp-locked')
  throw error
}
