/**
 * The sessions of one token, lent one operation at a time.
 *
 * A session has one operation of a kind active at a time (PKCS #11 Base V2.40, 5.11: C_SignInit answers
 * CKR_OPERATION_ACTIVE), so two signatures may not share one. A session whose operation failed may still have an operation active, or an object we could not
 * destroy: it is closed, which destroys its session objects, and another takes its place.
 */
import type { Handle } from 'pkcs11js'
import { ModuleRefusal } from '../module.ts'
import { translate } from './return-codes.ts'

export interface SessionSource {
  open(): Handle
  close(session: Handle): void
}

export class SessionPool {
  readonly #source: SessionSource
  readonly #idle: Handle[]
  readonly #waiting: ((session: Handle) => void)[] = []

  constructor(source: SessionSource, size: number) {
    this.#source = source
    this.#idle = Array.from({ length: size }, () => source.open())
  }

  /** Runs one operation on a session of its own; waits, in order, while all are lent. */
  async use<Result>(operation: (session: Handle) => Promise<Result>): Promise<Result> {
    const session = this.#idle.pop() ?? (await new Promise<Handle>(lend => this.#waiting.push(lend)))
    try {
      const result = await operation(session)
      this.#giveBack(session)
      return result
    } catch (error) {
      this.#giveBack(error instanceof ModuleRefusal ? session : this.#replace(session))
      throw translate(error)
    }
  }

  #giveBack(session: Handle): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(session)
    else next(session)
  }

  #replace(session: Handle): Handle {
    try {
      this.#source.close(session)
      return this.#source.open()
    } catch {
      // The token is gone. The dead session stays in the pool and answers every operation with the code that
      // makes the parent start another process.
      return session
    }
  }
}
