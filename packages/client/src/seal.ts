/**
 * Seals: software of an organisation approves with its seal key, nobody present (CSC API v2.0.0.2, 8.5).
 *
 * Natsuin's own in the words of the standard: the challenge of the object `SEAL` is a ticket of the signing module, and the
 * response is what the software approves under it, with a detached JWS by the seal key (docs/approve.md).
 */
import { digestByOid } from '@natsuin/pki/algorithms'
import { toBase64url } from '@natsuin/pki/encoding'
import { finishSeal, sealInput, toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import type { AuthenticationData } from './csc/authorize.ts'
import type { CredentialRequest } from './oauth/credential-request.ts'
import { jwsKey } from './oauth/jwt.ts'

/** What `credentialsGetChallenge` and `authData` call it. */
const SEAL = 'SEAL'

/**
 * What software with a seal key answers to a challenge, for `authData` of `credentialsAuthorize`: these signatures, each once,
 * in this order. The signing module verifies it; nobody in between can change it.
 *
 * @param challenge of `credentialsGetChallenge` with `authObjectID` `SEAL`, good for one answer
 * @param sealKey private key of WebCrypto, ECDSA P-256, whose public half was enrolled
 * @throws TypeError for a key or a digest algorithm that seals do not know
 */
export async function sealedApproval(
  challenge: string,
  { hashAlgorithmOID, documentDigests }: Pick<CredentialRequest, 'hashAlgorithmOID' | 'documentDigests'>,
  sealKey: CryptoKey,
): Promise<AuthenticationData> {
  const { alg, sign } = jwsKey(sealKey)
  const digestAlgorithm = digestByOid(hashAlgorithmOID)
  if (alg !== 'ES256' || digestAlgorithm === undefined) throw new TypeError('no seal can be made of that')
  const items = documentDigests.map(({ hash: dtbsr, label = '' }) => ({ basis: 'unseen', label, dtbsr }))
  const members = { v: 1, purpose: 'approve', ticket: challenge, digestAlgorithm }
  const statement = writeJson(toWire({ ...members, numSignatures: items.length, items }))
  const seal = finishSeal(await sign(sealInput(statement)))
  return { id: SEAL, value: `${toBase64url(statement)}.${seal}` }
}
