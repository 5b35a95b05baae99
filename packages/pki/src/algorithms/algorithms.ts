/**
 * Every algorithm once: OIDs, sizes and what belongs together.
 *
 * Everything else is handed an entry of these tables, never a name to take apart (nothing is inferred from a
 * prefix of an OID or a name). OIDs: RFC 5754 (SHA-2 with RSA and ECDSA), RFC 9688 (SHA-3 with them), RFC 8017 (RSA),
 * RFC 5480 (EC), RFC 8410 (Ed25519).
 *
 * What the keys of a deployment sign with is the column `signs` of the key types, and SHA-2 alone; signatures by other
 * people's keys are made and verified with everything.
 */

export type Sha2Algorithm = 'sha256' | 'sha384' | 'sha512'
export type Sha3Algorithm = 'sha3-256' | 'sha3-384' | 'sha3-512'
export type DigestAlgorithm = Sha2Algorithm | Sha3Algorithm
export type Curve = 'P-256' | 'P-384' | 'P-521'
export type KeyType = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'rsa-3072' | 'rsa-4096' | 'ed25519'
export type KeyFamily = 'ec' | 'rsa' | 'ed25519'
export type SignatureAlgorithm =
  | `ecdsa-${DigestAlgorithm}`
  | `rsa-pss-${DigestAlgorithm}`
  | `rsa-${DigestAlgorithm}`
  | 'ed25519'
export type SignatureFamily = 'ecdsa' | 'rsa-pss' | 'rsa-pkcs1' | 'ed25519'

export interface DigestEntry {
  readonly oid: string
  /** Digest length in bytes. */
  readonly size: number
}

export const digestAlgorithms: Readonly<Record<DigestAlgorithm, DigestEntry>> = {
  sha256: { oid: '2.16.840.1.101.3.4.2.1', size: 32 },
  sha384: { oid: '2.16.840.1.101.3.4.2.2', size: 48 },
  sha512: { oid: '2.16.840.1.101.3.4.2.3', size: 64 },
  'sha3-256': { oid: '2.16.840.1.101.3.4.2.8', size: 32 },
  'sha3-384': { oid: '2.16.840.1.101.3.4.2.9', size: 48 },
  'sha3-512': { oid: '2.16.840.1.101.3.4.2.10', size: 64 },
}

/** What crypto modules and WebCrypto know; SHA-3 comes to them later, if it does. */
export function isSha2(digest: DigestAlgorithm): digest is Sha2Algorithm {
  return digest === 'sha256' || digest === 'sha384' || digest === 'sha512'
}

export interface SignatureEntry {
  /** RSASSA-PSS has one OID for all its digests: its parameters tell them apart (RFC 4055, 3.1). */
  readonly oid: string
  readonly family: SignatureFamily
  /** What kind of key makes it. */
  readonly key: KeyFamily
  /**
   * What the representation of the data to be signed is computed with. Ed25519 signs the data themselves; CMS names
   * SHA-512 beside it (RFC 8419, 3.1).
   */
  readonly digest: DigestAlgorithm
}

const ecdsa = (oid: string, digest: DigestAlgorithm): SignatureEntry => ({
  oid,
  family: 'ecdsa',
  key: 'ec',
  digest,
})
const rsaPss = (digest: DigestAlgorithm): SignatureEntry => ({
  oid: '1.2.840.113549.1.1.10',
  family: 'rsa-pss',
  key: 'rsa',
  digest,
})
const rsa = (oid: string, digest: DigestAlgorithm): SignatureEntry => ({
  oid,
  family: 'rsa-pkcs1',
  key: 'rsa',
  digest,
})

export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, SignatureEntry>> = {
  'ecdsa-sha256': ecdsa('1.2.840.10045.4.3.2', 'sha256'),
  'ecdsa-sha384': ecdsa('1.2.840.10045.4.3.3', 'sha384'),
  'ecdsa-sha512': ecdsa('1.2.840.10045.4.3.4', 'sha512'),
  'ecdsa-sha3-256': ecdsa('2.16.840.1.101.3.4.3.10', 'sha3-256'),
  'ecdsa-sha3-384': ecdsa('2.16.840.1.101.3.4.3.11', 'sha3-384'),
  'ecdsa-sha3-512': ecdsa('2.16.840.1.101.3.4.3.12', 'sha3-512'),
  'rsa-pss-sha256': rsaPss('sha256'),
  'rsa-pss-sha384': rsaPss('sha384'),
  'rsa-pss-sha512': rsaPss('sha512'),
  'rsa-pss-sha3-256': rsaPss('sha3-256'),
  'rsa-pss-sha3-384': rsaPss('sha3-384'),
  'rsa-pss-sha3-512': rsaPss('sha3-512'),
  'rsa-sha256': rsa('1.2.840.113549.1.1.11', 'sha256'),
  'rsa-sha384': rsa('1.2.840.113549.1.1.12', 'sha384'),
  'rsa-sha512': rsa('1.2.840.113549.1.1.13', 'sha512'),
  'rsa-sha3-256': rsa('2.16.840.1.101.3.4.3.14', 'sha3-256'),
  'rsa-sha3-384': rsa('2.16.840.1.101.3.4.3.15', 'sha3-384'),
  'rsa-sha3-512': rsa('2.16.840.1.101.3.4.3.16', 'sha3-512'),
  ed25519: { oid: '1.3.101.112', family: 'ed25519', key: 'ed25519', digest: 'sha512' },
}

export interface KeyTypeEntry {
  /** Key size in bits, as CSC's `key/len` says it. */
  readonly bits: number
  readonly family: KeyFamily
  /** Only for EC keys. */
  readonly curve?: Curve
  readonly curveOid?: string
  /** The algorithms that a deployment's key of this type signs with, the recommended one first. */
  readonly signs: readonly [SignatureAlgorithm, ...SignatureAlgorithm[]]
}

/** PSS first: RSASSA-PSS is REQUIRED in new applications (RFC 8017, 8). */
const RSA_SIGNS = [
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
] as const

/** One digest per curve, of the curve's own strength: a shorter digest weakens the key, a longer one is cut. */
export const keyTypes: Readonly<Record<KeyType, KeyTypeEntry>> = {
  'ec-p256': {
    bits: 256,
    family: 'ec',
    curve: 'P-256',
    curveOid: '1.2.840.10045.3.1.7',
    signs: ['ecdsa-sha256'],
  },
  'ec-p384': {
    bits: 384,
    family: 'ec',
    curve: 'P-384',
    curveOid: '1.3.132.0.34',
    signs: ['ecdsa-sha384'],
  },
  'ec-p521': {
    bits: 521,
    family: 'ec',
    curve: 'P-521',
    curveOid: '1.3.132.0.35',
    signs: ['ecdsa-sha512'],
  },
  'rsa-3072': { bits: 3072, family: 'rsa', signs: RSA_SIGNS },
  'rsa-4096': { bits: 4096, family: 'rsa', signs: RSA_SIGNS },
  ed25519: { bits: 256, family: 'ed25519', signs: ['ed25519'] },
}

/** The digest algorithm with this OID; `undefined` for unknown and for refused ones (SHA-1, SHA-224). */
export function digestByOid(oid: string): DigestAlgorithm | undefined {
  return (Object.keys(digestAlgorithms) as DigestAlgorithm[]).find(name => digestAlgorithms[name].oid === oid)
}

/**
 * The one signature algorithm with this OID; `undefined` for unknown and for refused ones (SHA-1, MD5), and for
 * RSASSA-PSS, whose OID does not say the digest.
 */
export function signatureByOid(oid: string): SignatureAlgorithm | undefined {
  const [name, ...others] = SIGNATURE_NAMES.filter(one => signatureAlgorithms[one].oid === oid)
  return others.length === 0 ? name : undefined
}

/** The signature algorithm of a family with a digest; CMS may name the two apart (RFC 5754, 3.2). */
export function signatureOf(
  family: SignatureFamily,
  digest: DigestAlgorithm,
): SignatureAlgorithm | undefined {
  return SIGNATURE_NAMES.find(
    name => signatureAlgorithms[name].family === family && signatureAlgorithms[name].digest === digest,
  )
}

/** Whether the algorithm signs the data themselves, so that a digest alone is not enough (RFC 8032, 5.1.6). */
export function signsMessages(algorithm: SignatureAlgorithm): boolean {
  return signatureAlgorithms[algorithm].family === 'ed25519'
}

// Object.keys loses the key type of a Record that is exhaustive by construction.
const SIGNATURE_NAMES = Object.keys(signatureAlgorithms) as readonly SignatureAlgorithm[]
