/** credentials/info — one credential. CSC API v2.0.0.2, 11.5. */
import type { CredentialInfo } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { Call, CscMethod, Services } from '../method.ts'
import { checkCommon, requiredText } from '../parameters.ts'
import { credentialInfo, readInfoOptions } from './credential-info.ts'

export const credentialsInfo: CscMethod = {
  access: 'credential',

  async handle({ parameters, access }: Call<Access>, services: Services): Promise<CredentialInfo> {
    checkCommon(parameters)
    const credentialId = requiredText(parameters, 'credentialID', 'credential-id-missing')
    const options = readInfoOptions(parameters, services.description.lang)
    checkOwnCredential(access, credentialId)
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    return credentialInfo(credential, options, services.algorithms)
  },
}

/** A credential token speaks of its own credential only. */
export function checkOwnCredential(access: Access, credentialId: string): void {
  if (access.scope === 'credential' && access.activation.credential_id !== credentialId) {
    throw new Refusal('credential-unknown')
  }
}
