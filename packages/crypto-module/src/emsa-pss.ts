/**
 * EMSA-PSS, the encoding that RSASSA-PSS puts around a digest: RFC 8017, 9.1, with MGF1 (B.2.1), one digest
 * algorithm for everything and a salt of its length (RFC 4055, 3.1).
 *
 * Node signs messages, not digests, so that where only the digest is known its own padding cannot be had. The
 * private key operation is the platform's, and so is the hash; tokens do all of it themselves (CKM_RSA_PKCS_PSS).
 */
import { createHash, randomFillSync } from 'node:crypto'
import { type DigestAlgorithm, digestAlgorithms } from '@natsuin/pki/algorithms'
import { concat, equal } from '@natsuin/pki/encoding'

/** Section 9.1.1: the encoded message, as long as the modulus. */
export function encodePss(
  algorithm: DigestAlgorithm,
  digest: Uint8Array,
  modulusBits: number,
): Uint8Array<ArrayBuffer> {
  const { size } = digestAlgorithms[algorithm]
  const salt = randomFillSync(new Uint8Array(size))
  const hash = saltedHash(algorithm, digest, salt)
  const block = new Uint8Array(blockLength(size, modulusBits))
  block[block.length - size - 1] = SEPARATOR
  block.set(salt, block.length - size)
  return concat(masked(algorithm, block, hash, modulusBits), hash, Uint8Array.of(TRAILER))
}

/** Section 9.1.2: whether the encoded message is one of this digest. */
export function isPssOf(
  algorithm: DigestAlgorithm,
  digest: Uint8Array,
  encoded: Uint8Array,
  modulusBits: number,
): boolean {
  const { size } = digestAlgorithms[algorithm]
  const length = blockLength(size, modulusBits)
  if (encoded.length !== length + size + 1 || encoded.at(-1) !== TRAILER) return false
  const maskedBlock = encoded.subarray(0, length)
  if (((maskedBlock[0] ?? 0) & ~firstByteMask(modulusBits)) !== 0) return false
  const hash = encoded.subarray(length, -1)
  const block = masked(algorithm, maskedBlock, hash, modulusBits)
  const separatorAt = length - size - 1
  const padded = block.subarray(0, separatorAt).every(byte => byte === 0) && block[separatorAt] === SEPARATOR
  return padded && equal(hash, saltedHash(algorithm, digest, block.subarray(separatorAt + 1)))
}

const SEPARATOR = 0x01
const TRAILER = 0xbc

/** Of DB: all of the encoded message but H and the trailer. */
const blockLength = (digestSize: number, modulusBits: number): number =>
  Math.ceil((modulusBits - 1) / 8) - digestSize - 1

/** H = Hash(eight zeros, mHash, salt). */
function saltedHash(algorithm: DigestAlgorithm, digest: Uint8Array, salt: Uint8Array): Uint8Array {
  return createHash(algorithm).update(new Uint8Array(8)).update(digest).update(salt).digest()
}

/** DB masked by MGF1(H), or maskedDB unmasked: the same, with the bits that the modulus has no room for cleared. */
function masked(
  algorithm: DigestAlgorithm,
  block: Uint8Array,
  hash: Uint8Array,
  modulusBits: number,
): Uint8Array<ArrayBuffer> {
  const mask = maskOf(algorithm, hash, block.length)
  const result = block.map((byte, i) => byte ^ (mask[i] ?? 0))
  result[0] = (result[0] ?? 0) & firstByteMask(modulusBits)
  return new Uint8Array(result)
}

const firstByteMask = (modulusBits: number): number => {
  const bits = modulusBits - 1
  return 0xff >> (8 * Math.ceil(bits / 8) - bits)
}

/** MGF1: RFC 8017, B.2.1. */
function maskOf(algorithm: DigestAlgorithm, seed: Uint8Array, length: number): Uint8Array {
  const rounds = Math.ceil(length / digestAlgorithms[algorithm].size)
  const blocks = Array.from({ length: rounds }, (_, counter) =>
    createHash(algorithm)
      .update(seed)
      .update(Uint8Array.of(0, 0, counter >> 8, counter & 0xff))
      .digest(),
  )
  return concat(...blocks).subarray(0, length)
}
