/**
 * signatures/signHash — signs digests that the signer approved. CSC API v1.0.4.0, 11.9; v2.0.0.2, 11.10.
 *
 * Everything that decides is in the SAM. Here the request is read, in the standard's words, and its two
 * authorizations are brought together: the SAD is the credential token, in the header or in the body.
 */
import { toBase64 } from '@natsuin/pki/encoding'
import { signHashRequest, signHashResponse } from '@natsuin/protocol/csc'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { ActivationRecord } from '../../storage/activations.ts'
import { anyToken } from '../admission.ts'
import { chooseAlgorithm } from '../algorithms.ts'
import { checkOwnCredential } from '../credentials/info.ts'
import { checkUsable } from '../credentials/usable.ts'
import { RequestRefused } from '../errors.ts'
import { checkSizes, readHashes } from '../hashes.ts'
import { cscMethod, type Services } from '../method.ts'
import { ownSad, readSad } from '../sad.ts'

export const signaturesSignHash = cscMethod({
  summary: 'Signs digests that the signer approved.',
  access: anyToken,
  request: signHashRequest,
  answers: { 200: signHashResponse },

  async handle({ request, access, idempotencyKey }, services) {
    const { credentialID: credentialId } = request
    checkSynchronous(request.operationMode)
    const hashes = readHashes(request.hashes)
    const activation = await activationOf(request.SAD, access, services)
    checkOwnCredential(access, credentialId)
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    checkUsable(credential)
    const { key_type: keyType } = credential
    const chosen = chooseAlgorithm(keyType, await services.algorithms.of(keyType), request)
    checkSizes(hashes, chosen.digestAlgorithm)
    const signatures = await services.activations.sign(activation, {
      credentialId,
      clientId: access.clientId,
      ...chosen,
      dtbsrs: hashes,
      requestId: idempotencyKey,
    })
    return { signatures: signatures.map(toBase64) }
  },
})

/** Only `S`, the default: results are there when the answer is. */
function checkSynchronous(mode: 'S' | 'A' = 'S'): void {
  if (mode !== 'S') throw new RequestRefused('operation-mode-invalid')
}

/**
 * The activation behind the SAD. With a credential token in the header the body needs none, and may repeat it;
 * with a service token the body must carry one of the same signer and client.
 */
async function activationOf(
  sad: string | undefined,
  access: Access,
  services: Services,
): Promise<ActivationRecord> {
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
