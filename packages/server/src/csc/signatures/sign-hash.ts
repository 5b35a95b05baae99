/**
 * signatures/signHash — signs digests that the signer approved. CSC API v2.0.0.2, 11.10.
 *
 * Everything that decides is in the SAM. Here the request is read, in the standard's words, and its two
 * authorizations are brought together: the SAD is the credential token, in the header or in the body.
 */
import { toBase64 } from '@natsuin/pki/encoding'
import type { SignHashResponse } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { Credential } from '../../signing/credentials.ts'
import type { ActivationRecord } from '../../storage/activations.ts'
import { chooseAlgorithm } from '../algorithms.ts'
import { checkOwnCredential } from '../credentials/info.ts'
import { RequestRefused } from '../errors.ts'
import { checkSizes, readHashes } from '../hashes.ts'
import type { Call, CscMethod, Services } from '../method.ts'
import { checkCommon, optionalText, type Parameters, requiredText } from '../parameters.ts'
import { ownSad, readSad } from '../sad.ts'

export const signaturesSignHash: CscMethod = {
  access: 'credential',

  async handle(call: Call<Access>, services: Services): Promise<SignHashResponse> {
    const { parameters, access } = call
    checkCommon(parameters)
    checkSynchronous(parameters)
    const credentialId = requiredText(parameters, 'credentialID', 'credential-id-missing')
    const hashes = readHashes(parameters)
    const activation = await activationOf(call, services)
    checkOwnCredential(access, credentialId)
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    checkUsable(credential)
    const { key_type: keyType } = credential
    const chosen = chooseAlgorithm(keyType, await services.algorithms.of(keyType), parameters)
    checkSizes(hashes, chosen.digestAlgorithm)
    const signatures = await services.activations.sign(activation, {
      credentialId,
      clientId: access.clientId,
      ...chosen,
      dtbsrs: hashes,
      requestId: call.idempotencyKey,
    })
    return { signatures: signatures.map(toBase64) }
  },
}

/** Only `S`, the default: results are there when the answer is. */
function checkSynchronous(parameters: Parameters): void {
  const mode = parameters['operationMode'] ?? 'S'
  if (mode !== 'S') throw new RequestRefused('operation-mode-invalid')
}

/**
 * The activation behind the SAD. With a credential token in the header the body needs none, and may repeat it;
 * with a service token the body must carry one of the same signer and client.
 */
async function activationOf(
  { parameters, access }: Call<Access>,
  services: Services,
): Promise<ActivationRecord> {
  const sad = optionalText(parameters, 'SAD', 'sad-missing')
  if (access.scope === 'credential') {
    if (sad !== undefined) checkSame(access.activation, await readSad(services, sad, access))
    return access.activation
  }
  if (sad === undefined) throw new RequestRefused('sad-missing')
  return ownSad(services, sad, access)
}

function checkSame(one: ActivationRecord, other: ActivationRecord): void {
  if (one.grant_digest !== other.grant_digest) throw new RequestRefused('sad-invalid')
}

function checkUsable({ status }: Credential): void {
  if (status === 'revoked') throw new Refusal('credential-revoked')
  if (status === 'expired') throw new Refusal('certificate-expired')
}
