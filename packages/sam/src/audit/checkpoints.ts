/**
 * Signed heads of a log, and the copy of the newest one outside the database (sole-control 9).
 *
 * A head is signed when somebody wants it, once per head, and only after its leaves are committed. The copy is cosigned
 * by the witnesses, where there are any, and replaced as a whole and synced; what takes power away is acknowledged only
 * after that, everything else follows within the interval.
 */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Leaf, peekCheckpoint } from '@natsuin/protocol/log'
import { replaceFile } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SamKey } from '../keys/sam-key.ts'
import { refuse } from '../refuse.ts'
import type { Journal } from './journal.ts'
import { LogRejected } from './read-log.ts'

export interface CheckpointOptions {
  readonly journal: Pick<Journal<Leaf>, 'head'>
  readonly key: SamKey
  /** Path of the copy outside the database. */
  readonly file: string
  readonly witnesses?: CheckpointWitnesses
}

/** Who has to have seen a head before it counts as outside. */
export interface CheckpointWitnesses {
  /** The checkpoint with cosignatures under it. @throws LogRejected when a witness has seen another history, or more of it */
  cosign(checkpoint: string): Promise<string>
  /** Takes over what other SAMs have written by now; absent where there are no others. */
  readonly catchUp?: () => Promise<void>
  /** Told when nothing explains what a witness has seen. */
  readonly onRejected: (reason: LogRejected) => void
}

export class Checkpoints {
  readonly #options: CheckpointOptions
  #newest: { readonly size: number; readonly text: Promise<string> } | undefined
  #writing: Promise<void> = Promise.resolve()
  #copy: { readonly size: number; readonly text: string } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: CheckpointOptions) {
    this.#options = options
  }

  /** Path of the copy outside the database. */
  get file(): string {
    return this.#options.file
  }

  /** How many leaves that copy vouches for; -1 before the first. */
  get copied(): number {
    return this.#copy?.size ?? -1
  }

  /** The newest signed head. @throws Refusal `module-unavailable` */
  newest(): Promise<string> {
    const { head } = this.#options.journal
    if (this.#newest?.size === head.size) return this.#newest.text
    const signed = { size: head.size, text: this.#options.key.signCheckpoint(head) }
    this.#newest = signed
    // A module that was away for a moment must not keep this head from ever being signed.
    signed.text.catch(() => {
      if (this.#newest === signed) this.#newest = undefined
    })
    return signed.text
  }

  /** A signed head of at least this size: a cosigned one, unless the witnesses do not answer. @throws Refusal */
  async covering(size: number): Promise<string> {
    if (this.#options.witnesses === undefined) return this.newest()
    try {
      if (this.copied < size) await this.copyOutside()
      if (this.#copy !== undefined) return this.#copy.text
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    return this.newest()
  }

  /**
   * Resolves when the copy outside contains at least everything that is in the log now.
   * @throws Refusal `module-unavailable`, `log-unavailable` when the disk does not take it
   */
  copyOutside(): Promise<void> {
    const { size } = this.#options.journal.head
    const written = this.#writing.then(() => (this.copied >= size ? undefined : this.#write()))
    this.#writing = written.catch(() => {})
    return written
  }

  /** Copies at this interval while the log grows. */
  startCopying(milliseconds: number, onFault: (fault: unknown) => void): void {
    this.#timer = setInterval(() => this.copyOutside().catch(onFault), milliseconds)
    this.#timer.unref()
  }

  stopCopying(): void {
    clearInterval(this.#timer)
  }

  async #write(): Promise<void> {
    const { file, witnesses } = this.#options
    const text = await (witnesses === undefined ? this.newest() : this.#cosigned(witnesses))
    try {
      mkdirSync(dirname(file), { recursive: true })
      await replaceFile(file, text, 0o600)
    } catch (cause) {
      throw refuse('log-unavailable', { file: 'checkpoint' }, { cause })
    }
    this.#copy = { size: peekCheckpoint(text).size, text }
  }

  /** A witness may have seen leaves that another SAM wrote: then those are read first. */
  async #cosigned(witnesses: CheckpointWitnesses): Promise<string> {
    const checkpoint = await this.newest()
    try {
      return await witnesses.cosign(checkpoint)
    } catch (error) {
      if (!(error instanceof LogRejected)) throw error
      await witnesses.catchUp?.()
      if (this.#options.journal.head.size > peekCheckpoint(checkpoint).size) return this.#cosigned(witnesses)
      witnesses.onRejected(error)
      throw error
    }
  }
}

/** Where the copies are: a file for the state log, and one for the activity log of the SAM whose folder it is. */
export const checkpointFiles = (directory: string) => ({
  state: join(directory, 'state.txt'),
  activity: join(directory, 'activity.txt'),
})

/** @throws when there is none: a log that nobody vouches for is not taken over */
export function readCheckpointFile(file: string): Promise<string> {
  return readFile(file, 'utf8')
}
