/** The URIs by which XML signatures name algorithms: XMLDSig 1.1, 6.2 and 6.4; RFC 9231, 2.1, 2.3.3, 2.3.6, 2.3.10 and 2.3.12. */
import type { DigestAlgorithm, SignatureAlgorithm } from './algorithms.ts'

const XMLENC = 'http://www.w3.org/2001/04/xmlenc#'
const MORE_2001 = 'http://www.w3.org/2001/04/xmldsig-more#'
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#'
const MORE_2021 = 'http://www.w3.org/2021/04/xmldsig-more#'

const DIGESTS: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: `${XMLENC}sha256`,
  sha384: `${MORE_2001}sha384`,
  sha512: `${XMLENC}sha512`,
  'sha3-256': `${MORE_2007}sha3-256`,
  'sha3-384': `${MORE_2007}sha3-384`,
  'sha3-512': `${MORE_2007}sha3-512`,
}

/**
 * RSASSA-PSS by the URIs that fix all its parameters, among them a salt as long as the digest (RFC 9231, 2.3.10). RSA with
 * PKCS#1 v1.5 and SHA-3 has none (TS 119 312 V2.1.1, 10.3).
 */
const SIGNATURES: Readonly<Record<SignatureAlgorithm, string | undefined>> = {
  'ecdsa-sha256': `${MORE_2001}ecdsa-sha256`,
  'ecdsa-sha384': `${MORE_2001}ecdsa-sha384`,
  'ecdsa-sha512': `${MORE_2001}ecdsa-sha512`,
  'ecdsa-sha3-256': `${MORE_2021}ecdsa-sha3-256`,
  'ecdsa-sha3-384': `${MORE_2021}ecdsa-sha3-384`,
  'ecdsa-sha3-512': `${MORE_2021}ecdsa-sha3-512`,
  'rsa-pss-sha256': `${MORE_2007}sha256-rsa-MGF1`,
  'rsa-pss-sha384': `${MORE_2007}sha384-rsa-MGF1`,
  'rsa-pss-sha512': `${MORE_2007}sha512-rsa-MGF1`,
  'rsa-pss-sha3-256': `${MORE_2007}sha3-256-rsa-MGF1`,
  'rsa-pss-sha3-384': `${MORE_2007}sha3-384-rsa-MGF1`,
  'rsa-pss-sha3-512': `${MORE_2007}sha3-512-rsa-MGF1`,
  'rsa-sha256': `${MORE_2001}rsa-sha256`,
  'rsa-sha384': `${MORE_2001}rsa-sha384`,
  'rsa-sha512': `${MORE_2001}rsa-sha512`,
  'rsa-sha3-256': undefined,
  'rsa-sha3-384': undefined,
  'rsa-sha3-512': undefined,
  ed25519: `${MORE_2021}eddsa-ed25519`,
}

export function uriOfDigest(algorithm: DigestAlgorithm): string {
  return DIGESTS[algorithm]
}

/** `undefined` for every other URI: of what is refused (SHA-1, MD5) as of what is unknown. */
export function digestByUri(uri: string): DigestAlgorithm | undefined {
  // Object.keys loses the key type of a table that is exhaustive by construction.
  return (Object.keys(DIGESTS) as DigestAlgorithm[]).find(algorithm => DIGESTS[algorithm] === uri)
}

/** @throws RangeError where there is none */
export function uriOfSignature(algorithm: SignatureAlgorithm): string {
  const uri = SIGNATURES[algorithm]
  if (uri === undefined) throw new RangeError(`XML signatures have no name for ${algorithm}`)
  return uri
}

/** `undefined` for every other URI: HMAC and DSA are no signatures here. */
export function signatureByUri(uri: string): SignatureAlgorithm | undefined {
  return (Object.keys(SIGNATURES) as SignatureAlgorithm[]).find(algorithm => SIGNATURES[algorithm] === uri)
}
