/**
 * Gives a token a rest that fails again and again (threats T-P11-06): callers are refused at once instead of waiting
 * for another failure, and the token is not beaten while it comes back.
 *
 * After a rest one request goes through; what becomes of it decides. Rests grow while they do not help.
 */
export class Breaker {
  readonly #now: () => number
  #failures = 0
  #restMilliseconds = FIRST_REST_MILLISECONDS
  #restsUntil: number | undefined

  /** @param now a clock that never goes back, in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the token rests, or has rested and nobody has tried it yet. */
  get isOpen(): boolean {
    return this.#restsUntil !== undefined
  }

  /** How long until it may be tried. */
  get remainingMilliseconds(): number {
    return Math.max(0, (this.#restsUntil ?? 0) - this.#now())
  }

  succeeded(): void {
    this.#failures = 0
    this.#restMilliseconds = FIRST_REST_MILLISECONDS
    this.#restsUntil = undefined
  }

  /** Returns whether a rest begins with this failure. Those of requests that were under way do not prolong one. */
  failed(): boolean {
    if (this.isOpen) return false
    this.#failures += 1
    if (this.#failures < FAILURES) return false
    this.#rest()
    return true
  }

  /** It was tried after its rest, and failed. */
  failedAgain(): void {
    this.#restMilliseconds = Math.min(this.#restMilliseconds * 2, LONGEST_REST_MILLISECONDS)
    this.#rest()
  }

  #rest(): void {
    this.#failures = 0
    this.#restsUntil = this.#now() + this.#restMilliseconds
  }
}

/** In a row. */
const FAILURES = 5
const FIRST_REST_MILLISECONDS = 250
const LONGEST_REST_MILLISECONDS = 8000
