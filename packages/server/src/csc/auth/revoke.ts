/** auth/revoke — ends a token, whatever gave it out. CSC API v1.0.4.0 and v2.0.0.2, 11.3. */
import { authRevokeRequest, nothing } from '@natsuin/protocol/csc'
import { serviceToken } from '../admission.ts'
import { cscMethod, Reply } from '../method.ts'

export const authRevoke = cscMethod({
  summary: 'Ends an access token, a refresh token with all that came of it, or a SAD.',
  access: serviceToken,
  request: authRevokeRequest,
  answers: { 204: nothing },
  malformedAuthorization: 'authorization-malformed-loudly',

  // The hint only says where to look first, and here all is found at once.
  async handle({ request: { token }, access }, { tokenRevocation }) {
    await tokenRevocation.revoke(token, access)
    return new Reply(204)
  },
})
