/**
 * How often somebody may come: so many times a minute, evenly, after a burst (the generic cell rate algorithm of
 * ITU-T I.371; threats T-DOS-09, T-TSA-08).
 *
 * One number is kept for each: when he would be due if he had come evenly. A bounded number of them is remembered; who
 * has not come for longest is forgotten first, and then has a full allowance, never more.
 */
export interface AllowanceOptions {
  readonly perMinute: number
  /** How many may come at once. Default: what a minute allows. */
  readonly burst?: number
  /** How many callers are told apart. */
  readonly remembered?: number
}

const REMEMBERED = 10_000
const MINUTE_MILLISECONDS = 60_000

export class Allowances {
  readonly #interval: number
  readonly #ahead: number
  readonly #remembered: number
  /** By caller, in milliseconds of the monotonic clock; who came last is last. */
  readonly #due = new Map<string, number>()

  constructor({ perMinute, burst = perMinute, remembered = REMEMBERED }: AllowanceOptions) {
    this.#interval = MINUTE_MILLISECONDS / perMinute
    this.#ahead = this.#interval * (burst - 1)
    this.#remembered = remembered
  }

  /** Counts one. @returns seconds after which he may come again; 0 when he may now, and only then it counted */
  take(caller: string, now: number = performance.now()): number {
    const wait = this.wait(caller, now)
    if (wait > 0) return wait
    const due = Math.max(this.#due.get(caller) ?? 0, now)
    this.#due.delete(caller)
    this.#due.set(caller, due + this.#interval)
    if (this.#due.size > this.#remembered) this.#forgetFirst()
    return 0
  }

  /** Seconds after which he may come; counts nothing. */
  wait(caller: string, now: number = performance.now()): number {
    const early = (this.#due.get(caller) ?? 0) - now - this.#ahead
    return early > 0 ? Math.ceil(early / 1000) : 0
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#due.size
  }

  #forgetFirst(): void {
    const { value } = this.#due.keys().next()
    if (value !== undefined) this.#due.delete(value)
  }
}
