/**
 * DigestInfo, the value that RSASSA-PKCS1-v1_5 pads: RFC 8017, 9.2, step 2.
 *
 * Neither CKM_RSA_PKCS nor node's `privateEncrypt` builds it. The prefixes are those of RFC 8017, 9.2, note 1, and
 * for SHA-3 built alike.
 */
import { type DigestAlgorithm, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'

/** DER DigestInfo of a ready digest. */
export function digestInfo(algorithm: SignatureAlgorithm, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(PREFIXES[signatureAlgorithms[algorithm].digest], digest)
}

const prefix = (lastOidByte: number, size: number): Uint8Array =>
  Uint8Array.of(
    ...[0x30, 17 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02],
    ...[lastOidByte, 0x05, 0x00, 0x04, size],
  )

const PREFIXES: Readonly<Record<DigestAlgorithm, Uint8Array>> = {
  sha256: prefix(1, 32),
  sha384: prefix(2, 48),
  sha512: prefix(3, 64),
  'sha3-256': prefix(8, 32),
  'sha3-384': prefix(9, 48),
  'sha3-512': prefix(10, 64),
}
