/** credentials/list — the credentials of the signer who authorised the client. CSC API v2.0.0.2, 11.4. */
import type { CredentialsListResponse } from '@natsuin/protocol/csc'
import type { Access } from '../../oauth/access-tokens.ts'
import type { Call, CscMethod, Services } from '../method.ts'
import { checkCommon, optionalFlag } from '../parameters.ts'
import { readSigner } from '../signer.ts'
import { credentialInfo, readInfoOptions } from './credential-info.ts'

export const credentialsList: CscMethod = {
  access: 'service',

  async handle({ parameters, access }: Call<Access>, services: Services): Promise<CredentialsListResponse> {
    checkCommon(parameters)
    const signerId = readSigner(parameters, access)
    const withInfo = optionalFlag(parameters, 'credentialInfo', 'credential-info-invalid')
    const onlyValid = optionalFlag(parameters, 'onlyValid', 'only-valid-invalid')
    const options = readInfoOptions(parameters, services.description.lang)
    const all = await services.credentials.listOf(signerId)
    const listed = onlyValid ? all.filter(({ status }) => status === 'valid') : all
    const infos = () =>
      Promise.all(
        listed.map(async credential => ({
          credentialID: credential.credential_id,
          ...(await credentialInfo(credential, options, services.algorithms)),
        })),
      )
    return {
      credentialIDs: listed.map(({ credential_id }) => credential_id),
      ...(withInfo ? { credentialInfos: await infos() } : {}),
      ...(onlyValid ? { onlyValid } : {}),
    }
  },
}
