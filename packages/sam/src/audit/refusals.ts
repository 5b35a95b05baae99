/**
 * Records what was refused (EN 419 241-2, SAM-01): which operation, why, and for which credential.
 *
 * Bounded, because whoever can ask can make the log grow. What did not even have the shape of a request is not
 * recorded, and neither is a refusal that the log itself caused.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { ShapeError } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { StoreError } from '../store/store.ts'
import { NotCommitted } from './journal.ts'

/** Not worth a leaf, or not possible. */
const UNRECORDED: ReadonlySet<string> = new Set<SapRefusal>([
  'malformed',
  'method-unknown',
  'log-unavailable',
])

type Recorder = Pick<Sam, 'logs' | 'time' | 'limits'>

export class RefusalRecorder {
  readonly #sam: Recorder
  #second = 0
  #recorded = 0

  constructor(sam: Recorder) {
    this.#sam = sam
  }

  /** Runs an operation; a refusal is on record before it is answered. @throws what the operation throws */
  async recording<T>(operation: string, request: unknown, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      const known = inWords(error)
      if (known instanceof Refusal && !UNRECORDED.has(known.code))
        await this.#record(operation, request, known.code)
      throw known
    }
  }

  async #record(operation: string, request: unknown, reason: string): Promise<void> {
    if (!this.#isWithinBudget()) return
    const { logs, time } = this.#sam
    const at = time.milliseconds()
    const credential = credentialOf(request)
    try {
      await logs.activity.append({ leaves: [{ event: 'refused', at, operation, reason, ...credential }] })
    } catch {
      // It stays refused; the journal itself has said that it cannot write.
    }
  }

  #isWithinBudget(): boolean {
    const { time, limits } = this.#sam
    const second = time.seconds()
    this.#recorded = second === this.#second ? this.#recorded + 1 : 1
    this.#second = second
    return this.#recorded <= limits.refusalsPerSecond
  }
}

/** A database that is away, or declined a write, is an outage of the log to whoever asked. */
function inWords(error: unknown): unknown {
  if (error instanceof NotCommitted || error instanceof StoreError)
    return refuse('log-unavailable', {}, { cause: error })
  return error instanceof ShapeError ? refuse('malformed', {}, { cause: error }) : error
}

function credentialOf(request: unknown): { credentialId?: string } {
  const { credentialId } = Object(request) as { credentialId?: unknown }
  return typeof credentialId === 'string' ? { credentialId } : {}
}
