/** credentials/info — one credential. CSC API v1.0.4.0 and v2.0.0.2, 11.5. */
import { credentialsInfoRequest, credentialsInfoResponse } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import { anyToken } from '../admission.ts'
import { cscMethod } from '../method.ts'
import { credentialInfo } from './credential-info.ts'
import { wayOf } from './ways/ways.ts'

export const credentialsInfo = cscMethod({
  summary: 'One credential: its key, its certificates, and how its use is approved.',
  access: anyToken,
  request: credentialsInfoRequest,
  answers: { 200: credentialsInfoResponse },

  async handle({ request, access }, { credentials, clients, description, algorithms }) {
    const { credentialID: credentialId } = request
    checkOwnCredential(access, credentialId)
    const credential = await credentials.belongingTo(signersOf(access), credentialId)
    const way = wayOf(credential, clients.find(access.clientId))
    return credentialInfo({ credential, way }, { ...request, lang: description.lang }, algorithms)
  },
})

/** A credential token speaks of its own credential only. */
export function checkOwnCredential(access: Access, credentialId: string): void {
  if (access.scope === 'credential' && access.activation.credential_id !== credentialId) {
    throw new Refusal('credential-unknown')
  }
}
