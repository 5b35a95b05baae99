/**
 * How JSON signatures name algorithms: RFC 7518, 3.1 and RFC 8037, 3.1; digests as TS 119 182-1 V1.2.1, annex E names
 * them.
 *
 * JOSE has no names for signatures with SHA-3, and each of its names for ECDSA is bound to one curve (RFC 7518, 3.4).
 */
import type { Curve, DigestAlgorithm, SignatureAlgorithm } from './algorithms.ts'

export interface JoseAlgorithm {
  readonly algorithm: SignatureAlgorithm
  /** The only curve that the name stands for. */
  readonly curve?: Curve
}

const JOSE_ALGORITHMS: ReadonlyMap<string, JoseAlgorithm> = new Map<string, JoseAlgorithm>([
  ['ES256', { algorithm: 'ecdsa-sha256', curve: 'P-256' }],
  ['ES384', { algorithm: 'ecdsa-sha384', curve: 'P-384' }],
  ['ES512', { algorithm: 'ecdsa-sha512', curve: 'P-521' }],
  ['PS256', { algorithm: 'rsa-pss-sha256' }],
  ['PS384', { algorithm: 'rsa-pss-sha384' }],
  ['PS512', { algorithm: 'rsa-pss-sha512' }],
  ['RS256', { algorithm: 'rsa-sha256' }],
  ['RS384', { algorithm: 'rsa-sha384' }],
  ['RS512', { algorithm: 'rsa-sha512' }],
  ['EdDSA', { algorithm: 'ed25519' }],
])

/** What `alg` names; `undefined` for everything that is no signature by a certified key (none, HS256, …). */
export function joseAlgorithm(alg: string): JoseAlgorithm | undefined {
  return JOSE_ALGORITHMS.get(alg)
}

/** The `alg` of an algorithm with a key; `undefined` where JOSE has no name for the two. */
export function joseNameOf(algorithm: SignatureAlgorithm, curve: Curve | undefined): string | undefined {
  for (const [name, entry] of JOSE_ALGORITHMS)
    if (entry.algorithm === algorithm && entry.curve === curve) return name
  return undefined
}

const JOSE_DIGESTS: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: 'S256',
  sha384: 'S384',
  sha512: 'S512',
  'sha3-256': 'S3-256',
  'sha3-384': 'S3-384',
  'sha3-512': 'S3-512',
}

export function joseDigestName(algorithm: DigestAlgorithm): string {
  return JOSE_DIGESTS[algorithm]
}

/** The digest with this name; `undefined` for unknown and for refused ones. */
export function joseDigest(name: string): DigestAlgorithm | undefined {
  return DIGESTS.find(digest => JOSE_DIGESTS[digest] === name)
}

// Object.keys loses the key type of a Record that is exhaustive by construction.
const DIGESTS = Object.keys(JOSE_DIGESTS) as readonly DigestAlgorithm[]
