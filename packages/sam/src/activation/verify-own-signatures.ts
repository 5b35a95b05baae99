/**
 * Verifies what the module returned before anyone sees it: a faulty signature can give away the key
 * (threats T-SAD-33), and one by another key would be somebody else's.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { verifyDigest } from '@natsuin/crypto-module'
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import type { ApprovedRepresentation } from '../sad/active-sad.ts'
import type { AuthorisedActivation } from './authorised-activation.ts'

/** Whether each value is a signature by the credential's key over the representation in its place. */
export function areOwnSignatures(
  activation: AuthorisedActivation,
  signatures: readonly Uint8Array[],
): boolean {
  const { representations } = activation
  const isOwn = judgeOf(activation)
  return (
    signatures.length === representations.length &&
    representations.every((one, i) => isOwn(one, signatures[i] ?? new Uint8Array()))
  )
}

function judgeOf({ algorithm, sad }: AuthorisedActivation) {
  const { keyType: type, publicKey: spki } = sad.terms.key
  const { digest: hash } = signatureAlgorithms[algorithm]
  const key = importKey(spki)
  return ({ dtbsr, dtbs }: ApprovedRepresentation, signature: Uint8Array): boolean =>
    // With the preimage the platform verifies it directly, which is several times faster.
    dtbs === undefined
      ? verifyDigest({ type, spki }, { algorithm, digest: dtbsr }, signature)
      : verify(hash, dtbs, { key, dsaEncoding: 'der' }, signature)
}

function importKey(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}
