/**
 * The SAM's time (sole-control 12): the wall clock, never going back, checked against the monotonic clock, against the
 * newest time in the logs and in the copies outside, and against the witnesses.
 *
 * Once a moment was observed it stays observed, and while the wall clock stands still or was set back, time goes on by
 * the monotonic clock: what was about to expire expires, and nothing that had expired is revived (threats 23,
 * T-DUR-06). A wall clock that jumps ahead is followed too, since a machine that slept has one that is right; but what
 * it says from then on is no reason to forget anything, nor for the next process to take it for the truth.
 * Drift past the limit is remembered until the process restarts; at level 3 nothing is authorised any more.
 */
import type { Level } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import type { Clock } from './clock.ts'

export interface TimeLimits {
  /** How far the clocks may part at once. */
  readonly driftMilliseconds: number
}

/** What the clocks said when they were found to have parted; milliseconds. */
export interface Parted {
  readonly wall: number
  /** Monotonic, since the process began. */
  readonly elapsed: number
  /** Of which is certain that it has come. */
  readonly certain: number
}

/** NTP slews a clock by at most 500 parts per million; over days that adds up to more than any fixed limit. */
const SLEW = 500e-6

/** Both clocks, read at once. */
interface Look {
  readonly wall: number
  readonly monotonic: number
}

export class SamTime {
  readonly #clock: Clock
  readonly #limits: TimeLimits
  readonly #first: Look
  #last: Look
  #newest: number
  #certain: number
  #trusted: boolean
  #onParted: ((parted: Parted) => void) | undefined

  /** @param notBefore newest time in the logs and outside, milliseconds: a wall clock behind it cannot be trusted */
  constructor(clock: Clock, limits: TimeLimits, notBefore: number) {
    this.#clock = clock
    this.#limits = limits
    this.#first = this.#look()
    this.#last = this.#first
    this.#newest = Math.max(this.#first.wall, notBefore)
    this.#certain = this.#newest
    this.#trusted = this.#first.wall >= notBefore - limits.driftMilliseconds
  }

  /** Told once, also of what was found before. */
  watch(onParted: (parted: Parted) => void): void {
    this.#onParted = onParted
    if (!this.#trusted) this.#tell()
  }

  /** Milliseconds since 1970-01-01T00:00:00Z. */
  milliseconds(): number {
    const look = this.#look()
    const passed = look.monotonic - this.#last.monotonic
    if (this.#parted(this.#last, look) || this.#parted(this.#first, look)) this.#distrust()
    this.#last = look
    // A little slower than the monotonic clock: a wall clock that was set back by a second is met again.
    this.#newest = Math.max(look.wall, this.#newest + passed * (1 - SLEW))
    this.#certain = this.#trusted ? this.#newest : this.#certain + passed * (1 - SLEW)
    return Math.floor(this.#newest)
  }

  /** Seconds since 1970-01-01T00:00:00Z. */
  seconds(): number {
    return Math.floor(this.milliseconds() / 1000)
  }

  /** A moment that has come by any clock, in milliseconds: for whoever forgets what is over. */
  certainMilliseconds(): number {
    this.milliseconds()
    return Math.floor(this.#certain)
  }

  /**
   * Compares with what somebody else's clock said between a moment and now (sole-control 12).
   * @param askedAt milliseconds by this clock @param theirs seconds
   */
  compare(askedAt: number, theirs: number): void {
    const tolerance = this.#limits.driftMilliseconds
    const [earliest, latest] = [theirs * 1000, (theirs + 1) * 1000]
    const isAhead = latest < askedAt - tolerance
    if (isAhead) this.#certain = Math.min(this.#certain, latest)
    if (isAhead || earliest > this.milliseconds() + tolerance) this.#distrust()
  }

  /** @throws Refusal `time-untrusted` at level 3 when the clocks have parted */
  checkTrusted(level: Level): void {
    this.milliseconds()
    if (level === 3 && !this.#trusted) throw refuse('time-untrusted')
  }

  #look(): Look {
    return { wall: this.#clock.wall(), monotonic: this.#clock.monotonic() }
  }

  #parted(from: Look, to: Look): boolean {
    const passed = to.monotonic - from.monotonic
    return Math.abs(to.wall - from.wall - passed) > this.#limits.driftMilliseconds + passed * SLEW
  }

  #distrust(): void {
    if (!this.#trusted) return
    this.#trusted = false
    this.#tell()
  }

  #tell(): void {
    const { wall, monotonic } = this.#look()
    const elapsed = Math.floor(monotonic - this.#first.monotonic)
    this.#onParted?.({ wall: Math.floor(wall), elapsed, certain: Math.floor(this.#certain) })
  }
}
