/**
 * Key material from a password as PKCS #12 has always made it (RFC 7292, B.2): an iterated hash over blocks that
 * depend on the purpose. For MACs and for the encryption of old files; new ones use PBKDF2.
 *
 * The digest is the platform’s; what is here only arranges what it is computed over.
 */
import { concat } from '../encoding/bytes.ts'
import type { PasswordDigest, PasswordPlatform } from '../platform/index.ts'
import { passwordDigests } from './digests.ts'

/** RFC 7292, B.3: the octet that keeps the purposes apart. */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const

export interface Pkcs12Derivation {
  readonly digest: PasswordDigest
  readonly salt: Uint8Array
  readonly iterations: number
}

export interface Pkcs12Output {
  readonly purpose: (typeof PURPOSE)[keyof typeof PURPOSE]
  /** Octets. */
  readonly length: number
}

/** How many times the digest is computed. */
export function pkcs12Work({ digest, iterations }: Pkcs12Derivation, length: number): number {
  return iterations * Math.ceil(length / passwordDigests[digest].size)
}

/** @param password spelled as a BMPString with its end, or empty */
export function pkcs12Key(
  platform: PasswordPlatform,
  { digest, salt, iterations }: Pkcs12Derivation,
  password: Uint8Array,
  { purpose, length }: Pkcs12Output,
): Uint8Array {
  const { size, block } = passwordDigests[digest]
  const diversifier = new Uint8Array(block).fill(purpose)
  let input = concat(filled(salt, block), filled(password, block))
  const blocks: Uint8Array[] = []
  for (let made = 0; made < length; made += size) {
    let hashed = platform.hash(digest, concat(diversifier, input))
    for (let i = 1; i < iterations; i++) hashed = platform.hash(digest, hashed)
    blocks.push(hashed)
    input = nextInput(input, hashed, block)
  }
  return concat(...blocks).subarray(0, length)
}

/** B.2, steps 2 and 3: repeated up to a whole number of blocks; nothing stays nothing. */
function filled(bytes: Uint8Array, block: number): Uint8Array {
  return repeated(bytes, block * Math.ceil(bytes.length / block))
}

function repeated(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length] ?? 0)
}

/** B.2, step 6: every block of the input plus the hash (filled to a block) plus one, modulo 2^(8·block). */
function nextInput(input: Uint8Array, hashed: Uint8Array, block: number): Uint8Array<ArrayBuffer> {
  const addend = repeated(hashed, block)
  const next = new Uint8Array(input)
  for (let start = 0; start < next.length; start += block) {
    let carry = 1
    for (let i = block - 1; i >= 0; i--) {
      carry += (next[start + i] ?? 0) + (addend[i] ?? 0)
      next[start + i] = carry & 0xff
      carry >>= 8
    }
  }
  return next
}
