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

const JOSE_DIGESTS: ReadonlyMap<string, DigestAlgorithm> = new Map<string, DigestAlgorithm>([
  ['S256', 'sha256'],
  ['S384', 'sha384'],
  ['S512', 'sha512'],
])

/** The digest with this name; `undefined` for unknown and for refused ones. */
export function joseDigest(name: string): DigestAlgorithm | undefined {
  return JOSE_DIGESTS.get(name)
}

/** @throws RangeError where annex E has no name for it */
export function joseDigestName(algorithm: DigestAlgorithm): string {
  for (const [name, digest] of JOSE_DIGESTS) if (digest === algorithm) return name
  throw new RangeError(`JSON signatures have no name for ${algorithm}`)
}
