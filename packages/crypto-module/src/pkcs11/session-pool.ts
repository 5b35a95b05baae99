/**
 * The sessions of one token, lent one operation at a time.
 *
 * A session has one operation of a kind active at a time (PKCS #11 Base V2.40, 5.11: C_SignInit answers
 * CKR_OPERATION_ACTIVE), so two signatures may not share one. A session whose operation failed may still have an
 * operation active, or an object we could not destroy: it is closed, which destroys its session objects, and another
 * takes its place. Sessions are opened when they are needed, up to a number, or up to what the token allows: beyond
 * that one waits for another to come back, and the token is asked for more only after a while.
 */
import type { Handle } from 'pkcs11js'
import { ModuleRefusal } from '../module.ts'
import { isSessionLimit } from './return-codes.ts'

export interface SessionSource {
  open(): Handle
  close(session: Handle): void
}

/** A session, and how many times all were lost before it was opened. */
interface Lent {
  readonly session: Handle
  readonly generation: number
}

export class SessionPool {
  readonly #source: SessionSource
  readonly #size: number
  readonly #idle: Lent[] = []
  readonly #waiting: PromiseWithResolvers<Lent>[] = []
  #open = 0
  #generation = 0
  /** How many the token allowed when it last refused one, and until when we believe that. */
  #allowed = { sessions: Infinity, until: 0 }

  constructor(source: SessionSource, size: number) {
    this.#source = source
    this.#size = size
  }

  /**
   * Runs one operation on a session of its own; waits, in order, while all are lent. The operation says by `spoil` that
   * the session is good for no other, though the operation itself succeeded. It is told the generation of its session,
   * which is the pool's no more when all were given up while it was on its way.
   */
  async use<Result>(
    operation: (session: Handle, spoil: () => void, generation: number) => Promise<Result>,
  ): Promise<Result> {
    const lent = await this.#lend()
    let intact = true
    const spoil = () => {
      intact = false
    }
    try {
      return await operation(lent.session, spoil, lent.generation)
    } catch (error) {
      if (!(error instanceof ModuleRefusal)) spoil()
      throw error
    } finally {
      if (intact && lent.generation === this.#generation) this.#giveBack(lent)
      else this.#drop(lent)
    }
  }

  /** How often all sessions were given up. */
  get generation(): number {
    return this.#generation
  }

  /** All sessions of now are good for nothing more. */
  forget(): void {
    this.#generation += 1
    for (const lent of this.#idle.splice(0)) this.#close(lent)
  }

  #lend(): Promise<Lent> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return Promise.resolve(idle)
    const waiting = Promise.withResolvers<Lent>()
    if (this.#open >= this.#limit) this.#waiting.push(waiting)
    else this.#openFor(waiting)
    return waiting.promise
  }

  #openFor(waiting: PromiseWithResolvers<Lent>): void {
    try {
      const session = this.#source.open()
      this.#open += 1
      waiting.resolve({ session, generation: this.#generation })
    } catch (error) {
      // What the token does not allow is had when somebody is done; where nobody is at work, there is none.
      if (isSessionLimit(error) && this.#open > 0) this.#await(waiting)
      else waiting.reject(error)
      if (this.#open === 0) for (const other of this.#waiting.splice(0)) other.reject(error)
    }
  }

  #await(waiting: PromiseWithResolvers<Lent>): void {
    this.#allowed = { sessions: this.#open, until: performance.now() + BELIEVED_MILLISECONDS }
    this.#waiting.push(waiting)
  }

  get #limit(): number {
    const { sessions, until } = this.#allowed
    return performance.now() < until ? Math.min(this.#size, sessions) : this.#size
  }

  #giveBack(lent: Lent): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(lent)
    else next.resolve(lent)
  }

  #drop(lent: Lent): void {
    this.#close(lent)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#openFor(next)
  }

  #close({ session }: Lent): void {
    this.#open -= 1
    try {
      this.#source.close(session)
    } catch {
      // It was gone already: that is often why it is closed.
    }
  }
}

const BELIEVED_MILLISECONDS = 10_000
