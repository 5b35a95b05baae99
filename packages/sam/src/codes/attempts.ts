/**
 * How often somebody tried PIN and code, and when he is locked out (EN 419 241-2, FIA_AFL.1; threats T-OTP-01, T-OTP-02).
 *
 * An attempt counts before anything is compared, in memory and on disk, so that neither a thousand of them at once nor a
 * process that is killed in between is a further guess. A lockout is in the state log besides: whoever writes to the
 * database can take none back. One that succeeds is not counted as a guess, and counts the guesses anew; those of the day
 * it leaves.
 */
import type { SealedRecords } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'

/** Guesses in a row, and in a day; then it is locked for a while, or until the day is over. */
const MAX_GUESSES = 5
const MAX_GUESSES_A_DAY = 20
const LOCK_SECONDS = 900
const DAY_SECONDS = 86_400

export interface Tried {
  /** In a row. */
  readonly guesses: number
  /** Since `dayFrom`, in seconds. */
  readonly guessesToday: number
  readonly dayFrom: number
  /** When the newest one was, in seconds. */
  readonly lastAt: number
  /** The newest step whose code was accepted: neither it nor one before it is accepted again. */
  readonly lastStep: number
}

interface Known {
  tried: Tried
  /** Of the record; 0 before the first. */
  version: number
}

export const NEVER_TRIED: Tried = { guesses: 0, guessesToday: 0, dayFrom: 0, lastAt: 0, lastStep: 0 }

export class Attempts {
  readonly #records: SealedRecords
  readonly #known = new Map<string, Known>()

  constructor(records: SealedRecords) {
    this.#records = records
  }

  /** Makes known what is on disk, before the turn in which it counts. */
  async load(signerId: string): Promise<void> {
    if (this.#known.has(signerId)) return
    const stored = await this.#records.read('tried', signerId)
    if (this.#known.has(signerId)) return
    this.#known.set(signerId, { tried: stored?.content ?? NEVER_TRIED, version: stored?.version ?? 0 })
  }

  /** False when there is none left: then it was not counted either. @param now seconds */
  count(signerId: string, now: number): boolean {
    const known = this.#need(signerId)
    const tried = rested(known.tried, now)
    if (isOver(tried)) return false
    const guesses = { guesses: tried.guesses + 1, guessesToday: tried.guessesToday + 1 }
    known.tried = { ...tried, ...guesses, lastAt: now }
    return true
  }

  /** It was right: no guess. Whether it is accepted is another question. */
  uncount(signerId: string): void {
    const known = this.#need(signerId)
    const { guesses, guessesToday, ...tried } = known.tried
    known.tried = { ...tried, guesses: Math.max(0, guesses - 1), guessesToday: Math.max(0, guessesToday - 1) }
  }

  /** Until when, in seconds, when there is none left; undefined when there is. */
  lockedUntil(signerId: string): number | undefined {
    const { tried } = this.#need(signerId)
    if (!isOver(tried)) return undefined
    return tried.guessesToday >= MAX_GUESSES_A_DAY ? tried.dayFrom + DAY_SECONDS : tried.lastAt + LOCK_SECONDS
  }

  lastStep = (signerId: string): number => this.#need(signerId).tried.lastStep

  /** In the turn in which it was checked. @param lastStep of a code that has one */
  accept(signerId: string, lastStep = this.lastStep(signerId)): readonly StoredRecord[] {
    const known = this.#need(signerId)
    known.tried = { ...known.tried, guesses: 0, lastStep }
    return this.written(signerId)
  }

  /** The record that says how it is now. */
  written(signerId: string): readonly StoredRecord[] {
    const known = this.#need(signerId)
    known.version += 1
    return [this.#records.seal('tried', signerId, known.version, known.tried)]
  }

  /** After a write that did not happen: what is on disk decides again. */
  forget(signerId: string): void {
    this.#known.delete(signerId)
  }

  #need(signerId: string): Known {
    const known = this.#known.get(signerId)
    if (known === undefined) throw new Error('the attempts were not loaded')
    return known
  }
}

const isOver = ({ guesses, guessesToday }: Tried): boolean =>
  guesses >= MAX_GUESSES || guessesToday >= MAX_GUESSES_A_DAY

/** What is left of it once the lock or the day is over. */
function rested(tried: Tried, now: number): Tried {
  const isNewDay = now >= tried.dayFrom + DAY_SECONDS
  const day = isNewDay ? { guessesToday: 0, dayFrom: now } : {}
  const row = tried.guesses >= MAX_GUESSES && now >= tried.lastAt + LOCK_SECONDS ? { guesses: 0 } : {}
  return { ...tried, ...day, ...row }
}
