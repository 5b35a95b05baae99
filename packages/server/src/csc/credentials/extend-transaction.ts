/**
 * credentials/extendTransaction — a SAD goes on under a new value. CSC API v2.0.0.2, 11.9.
 *
 * Nothing is approved here: the hashes have to be among those that the signer approved, and not signed yet. That is why
 * they are always needed.
 */
import type { AuthorizeResponse } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { epochSeconds } from '../../clock.ts'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import { readDigestAlgorithm } from '../algorithms.ts'
import { checkSizes, readHashes } from '../hashes.ts'
import type { Call, CscMethod, Services } from '../method.ts'
import { checkCommon, requiredText } from '../parameters.ts'
import { ownSad } from '../sad.ts'

export const credentialsExtendTransaction: CscMethod = {
  access: 'service',

  async handle({ parameters, access }: Call<Access>, services: Services): Promise<AuthorizeResponse> {
    checkCommon(parameters)
    const credentialId = requiredText(parameters, 'credentialID', 'credential-id-missing')
    const dtbsrs = readHashes(parameters)
    checkSizes(dtbsrs, readDigestAlgorithm(parameters))
    const activation = await ownSad(services, requiredText(parameters, 'SAD', 'sad-missing'), access)
    const { clientId } = access
    await services.credentials.belongingTo(signersOf(access), credentialId)
    if (activation.credential_id !== credentialId) throw new Refusal('sad-other-credential')
    const { value, sad } = await services.activations.extend(activation, { credentialId, clientId, dtbsrs })
    return { SAD: value, expiresIn: sad.expiresAt - epochSeconds(services.clock()) }
  },
}
