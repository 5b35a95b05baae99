/**
 * The SAM's time (sole-control 12): the wall clock, never going back, checked against the monotonic clock, against the
 * newest time in the logs and in the copies outside, and against the witnesses.
 *
 * Once a moment was observed it stays observed, so a clock that is set back revives nothing that had expired.
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
}

/** NTP slews a clock by at most 500 parts per million; over days that adds up to more than any fixed limit. */
const SLEW = 500e-6

export class SamTime {
  readonly #clock: Clock
  readonly #limits: TimeLimits
  readonly #wallAtStart: number
  readonly #monotonicAtStart: number
  #newest: number
  #trusted: boolean
  #onParted: ((parted: Parted) => void) | undefined

  /** @param notBefore newest time in the logs and outside, milliseconds: a wall clock behind it cannot be trusted */
  constructor(clock: Clock, limits: TimeLimits, notBefore: number) {
    this.#clock = clock
    this.#limits = limits
    this.#wallAtStart = clock.wall()
    this.#monotonicAtStart = clock.monotonic()
    this.#newest = Math.max(this.#wallAtStart, notBefore)
    this.#trusted = this.#wallAtStart >= notBefore - limits.driftMilliseconds
  }

  /** Told once, also of what was found before. */
  watch(onParted: (parted: Parted) => void): void {
    this.#onParted = onParted
    if (!this.#trusted) this.#tell()
  }

  /** Milliseconds since 1970-01-01T00:00:00Z. */
  milliseconds(): number {
    const wall = this.#clock.wall()
    const elapsed = this.#clock.monotonic() - this.#monotonicAtStart
    const drift = Math.abs(wall - this.#wallAtStart - elapsed)
    if (drift > this.#limits.driftMilliseconds + elapsed * SLEW) this.#distrust()
    this.#newest = Math.max(this.#newest, Math.floor(wall))
    return this.#newest
  }

  /** Seconds since 1970-01-01T00:00:00Z. */
  seconds(): number {
    return Math.floor(this.milliseconds() / 1000)
  }

  /**
   * Compares with what somebody else's clock said between a moment and now (sole-control 12).
   * @param askedAt milliseconds by this clock @param theirs seconds
   */
  compare(askedAt: number, theirs: number): void {
    const tolerance = this.#limits.driftMilliseconds
    const [earliest, latest] = [theirs * 1000, (theirs + 1) * 1000]
    if (latest < askedAt - tolerance || earliest > this.milliseconds() + tolerance) this.#distrust()
  }

  /** @throws Refusal `time-untrusted` at level 3 when the clocks have parted */
  checkTrusted(level: Level): void {
    this.milliseconds()
    if (level === 3 && !this.#trusted) throw refuse('time-untrusted')
  }

  #distrust(): void {
    if (!this.#trusted) return
    this.#trusted = false
    this.#tell()
  }

  #tell(): void {
    const elapsed = Math.floor(this.#clock.monotonic() - this.#monotonicAtStart)
    this.#onParted?.({ wall: Math.floor(this.#clock.wall()), elapsed })
  }
}
