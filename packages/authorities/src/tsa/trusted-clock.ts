/**
 * A clock that knows when not to be believed (EN 319 421 V1.3.1, TIS-7.7.2: stop issuing on drift).
 *
 * The wall clock is compared with a monotonic one since an anchor that both agreed on. While they agree, the
 * anchor follows, so that the slow correction of an NTP daemon is no alarm; a step, a freeze or a jump back is,
 * and it stays one until the wall clock agrees with the old anchor again. Nothing is issued earlier than what an
 * earlier process is known to have reached: that floor is kept outside this process. Against a clock that was
 * wrong from the start, or is led astray slowly, only an outside source would help; there is none yet.
 */

export interface Clocks {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly wall: () => number
  /** Milliseconds since any instant; never set, and running on while the machine sleeps. */
  readonly monotonic: () => number
}

export interface TrustedClockOptions {
  readonly clocks: Clocks
  readonly toleranceMilliseconds: number
  /** An instant that has certainly passed, milliseconds since 1970-01-01T00:00:00Z. */
  readonly floor: number
}

export class TrustedClock {
  readonly #clocks: Clocks
  readonly #tolerance: number
  readonly #floor: number
  #anchor: { readonly wall: number; readonly monotonic: number }

  constructor({ clocks, toleranceMilliseconds, floor }: TrustedClockOptions) {
    this.#clocks = clocks
    this.#tolerance = toleranceMilliseconds
    this.#floor = floor
    this.#anchor = { wall: clocks.wall(), monotonic: clocks.monotonic() }
  }

  /**
   * Now; `undefined` while the clock is not to be trusted. Ask at least every few seconds, or a slow correction
   * adds up to a step.
   */
  now(): Date | undefined {
    const reading = { wall: this.#clocks.wall(), monotonic: this.#clocks.monotonic() }
    const passed = reading.monotonic - this.#anchor.monotonic
    const drift = Math.abs(reading.wall - this.#anchor.wall - passed)
    if (drift > this.#tolerance || reading.wall < this.#floor - this.#tolerance) return undefined
    if (passed >= ANCHOR_MILLISECONDS) this.#anchor = reading
    return new Date(reading.wall)
  }
}

const ANCHOR_MILLISECONDS = 30_000
