/**
 * Verifies what the module returned before anyone sees it: a faulty signature can give away the key
 * (threats T-SAD-33), and one by another key would be somebody else's.
 */
import { type KeyObject, verify } from 'node:crypto'
import { verifyDigest } from '@natsuin/crypto-module'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { signatureScheme } from '@natsuin/pki/node'
import type { AuthorisedActivation } from './authorised-activation.ts'
import type { Representation } from './representation.ts'

/** Whether each value is a signature by the credential's key over the representation in its place. */
export async function areOwnSignatures(
  activation: AuthorisedActivation,
  signatures: readonly Uint8Array[],
): Promise<boolean> {
  const { representations } = activation
  const isOwn = judgeOf(activation)
  const verdicts = await Promise.all(
    representations.map(async (one, i) => {
      const signature = signatures[i]
      return signature !== undefined && isOwn(one, signature)
    }),
  )
  return signatures.length === representations.length && verdicts.every(Boolean)
}

function judgeOf({ algorithm, sad }: AuthorisedActivation) {
  const { keyType: type, publicKey: spki } = sad.terms.key
  return async ({ dtbsr, dtbs }: Representation, signature: Uint8Array): Promise<boolean> =>
    // With the preimage the platform verifies it directly: faster, and on another thread than this one.
    dtbs === undefined
      ? verifyDigest({ type, spki }, { algorithm, digest: dtbsr }, signature)
      : verifyMessage(algorithm, dtbs, sad.publicKey, signature)
}

function verifyMessage(
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const { hash, ...options } = signatureScheme(algorithm)
  verify(hash, message, { key, ...options }, signature, (error, verdict) =>
    // What cannot be verified is not the key's own either.
    resolve(error === null && verdict),
  )
  return promise
}
