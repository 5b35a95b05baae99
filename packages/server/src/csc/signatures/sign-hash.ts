/**
 * signatures/signHash — signs digests that the signer approved. CSC API v1.0.4.0, 11.9; v2.0.0.2, 11.10.
 *
 * Everything that decides is in the SAM. Here the request is read, in the standard's words, and its two
 * authorizations are brought together: the SAD is the credential token, in the header or in the body.
 */
import { toBase64 } from '@natsuin/pki/encoding'
import { signHashRequest, signHashResponse } from '@natsuin/protocol/csc'
import { hashesRequest } from '../../signing/hash-worker.ts'
import { anyToken } from '../admission.ts'
import { chooseAlgorithm } from '../algorithms.ts'
import { checkSizes, readHashes } from '../hashes.ts'
import { cscMethod } from '../method.ts'
import { readMode } from './asynchronous.ts'
import { authorised } from './authorised.ts'

export const signaturesSignHash = cscMethod({
  summary: 'Signs digests that the signer approved.',
  access: anyToken,
  request: signHashRequest,
  answers: { 200: signHashResponse },

  async handle({ request, access, idempotencyKey }, services) {
    const { credentialID: credentialId } = request
    const asynchronous = readMode(request)
    const hashes = readHashes(request.hashes)
    const { activation, credential } = await authorised(request, access, services)
    const { key_type: keyType } = credential
    const chosen = chooseAlgorithm(keyType, await services.algorithms.of(keyType), request)
    checkSizes(hashes, chosen.digestAlgorithm)
    const { clientId } = access
    const asked = { credentialId, ...chosen, dtbsrs: hashes }
    if (asynchronous !== undefined) {
      const { signer_id: signerId, grant_digest: grantDigest } = activation
      const request = hashesRequest({ ...asked, grantDigest })
      const accepted = { clientId, signerId, request, paths: [], ...asynchronous }
      return { responseID: await services.responses.accept(accepted) }
    }
    const signing = { ...asked, clientId, requestId: idempotencyKey }
    const signatures = await services.activations.sign(activation, signing)
    return { signatures: signatures.map(toBase64) }
  },
})
