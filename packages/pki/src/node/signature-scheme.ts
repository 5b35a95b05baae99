/**
 * What `node:crypto` has to be told so that a signature is of exactly the named algorithm and in the encoding of
 * X.509 and CMS: nothing is left to its defaults.
 */
import { constants } from 'node:crypto'
import {
  type DigestAlgorithm,
  digestAlgorithms,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithms,
} from '../algorithms/algorithms.ts'

/** `hash` is the first parameter of `sign` and `verify`, the rest goes beside the key. */
export interface SignatureScheme {
  /** Nothing for algorithms that sign the message itself. */
  readonly hash: DigestAlgorithm | undefined
  readonly dsaEncoding?: 'der'
  readonly padding?: number
  /** In bytes. */
  readonly saltLength?: number
}

export function signatureScheme(algorithm: SignatureAlgorithm): SignatureScheme {
  const { family, digest } = signatureAlgorithms[algorithm]
  return SCHEMES[family](digest)
}

const SCHEMES: Readonly<Record<SignatureFamily, (hash: DigestAlgorithm) => SignatureScheme>> = {
  ecdsa: hash => ({ hash, dsaEncoding: 'der' }),
  'rsa-pkcs1': hash => ({ hash, padding: constants.RSA_PKCS1_PADDING }),
  // MGF1 with the same digest is what OpenSSL does without being told. The salt: RFC 4055, 3.1.
  'rsa-pss': hash => ({
    hash,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: digestAlgorithms[hash].size,
  }),
  ed25519: () => ({ hash: undefined }),
}
