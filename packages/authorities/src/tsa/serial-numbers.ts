/**
 * Serial numbers of time-stamps: unique for this authority, after a crash too (RFC 3161, 2.4.2).
 *
 * A block of numbers is taken from the store, durably, before the first of it is used; what a killed process
 * left of its block is never used. No block starts below the clock's milliseconds times 1024, so that a store
 * restored from yesterday cannot bring numbers back either. For the same reason the highest number taken is an
 * instant that has certainly passed: the floor of the clock after a restart.
 */
import type { Store } from '../store/store.ts'

export class TimeStampSerialNumbers {
  readonly #store: Store
  #block: Promise<Block> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** @param now milliseconds since 1970-01-01T00:00:00Z, of a clock that is trusted */
  async next(now: number): Promise<bigint> {
    for (;;) {
      const asked = this.#block
      const block = await asked
      if (block !== undefined && block.next < block.end && now < block.staleAt) return BigInt(block.next++)
      // Of all who found the block used up, one takes the next.
      if (this.#block === asked) this.#block = this.#take(now)
    }
  }

  async #take(now: number): Promise<Block> {
    try {
      const first = await this.#store.takeTimeStampSerials(now * PER_MILLISECOND, BLOCK)
      return { next: first, end: first + BLOCK, staleAt: now + FRESH_MILLISECONDS }
    } catch (error) {
      this.#block = undefined
      throw error
    }
  }
}

/** An instant that has certainly passed, milliseconds since 1970-01-01T00:00:00Z. */
export async function timeStampFloor(store: Store): Promise<number> {
  return Math.floor(((await store.nextTimeStampSerial()) - BLOCK) / PER_MILLISECOND)
}

interface Block {
  next: number
  readonly end: number
  /** A block that is used for long would leave the floor behind. */
  readonly staleAt: number
}

const PER_MILLISECOND = 1024
const BLOCK = 1024
const FRESH_MILLISECONDS = 1000
