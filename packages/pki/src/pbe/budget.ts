/**
 * How much work a key file may ask for. The file names its own iteration counts, so they are added up and judged
 * before any derivation runs; what only comes to light behind one encryption is added to the same sum.
 */
import { KeyFileRefusal } from './key-file-refusal.ts'

export const KEY_FILE_LIMITS = {
  maxBytes: 256 * 1024,
  /** Of one derivation. */
  maxIterations: 600_000,
  /**
   * Of all together, in hash computations: three at their limit, which is what a file has whose MAC, certificates
   * and key were each stretched as far as is usual. About two seconds.
   */
  maxWork: 1_800_000,
  maxSaltBytes: 64,
  maxBags: 64,
  /** Of scrypt: 128 octets for each, 64 MiB. */
  maxScryptBlocks: 2 ** 19,
} as const

export class WorkBudget {
  #left: number = KEY_FILE_LIMITS.maxWork

  /** @throws KeyFileRefusal `derivation-too-costly` */
  take(work: number): void {
    this.#left -= work
    if (this.#left < 0) throw new KeyFileRefusal('derivation-too-costly')
  }
}

/** @throws KeyFileRefusal `too-many-iterations`; zero iterations are none of a derivation */
export function checkedIterations(count: bigint): number {
  if (count < 1n || count > BigInt(KEY_FILE_LIMITS.maxIterations))
    throw new KeyFileRefusal('too-many-iterations')
  return Number(count)
}

/** @throws KeyFileRefusal `salt-too-long` */
export function checkedSalt(salt: Uint8Array): Uint8Array {
  if (salt.length > KEY_FILE_LIMITS.maxSaltBytes) throw new KeyFileRefusal('salt-too-long')
  return salt
}

/** @throws KeyFileRefusal `file-too-large` */
export function checkFileSize(file: Uint8Array): void {
  if (file.length > KEY_FILE_LIMITS.maxBytes) throw new KeyFileRefusal('file-too-large')
}
