/**
 * Signed heads of a log, and the copy of the newest one outside the database (sole-control 9).
 *
 * A head is signed when somebody wants it, once per head, and only after its leaves are committed. The copy is
 * replaced as a whole and synced; what takes power away is acknowledged only after that, everything else follows
 * within the interval.
 */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Leaf } from '@natsuin/protocol/log'
import { replaceFile } from '@natsuin/protocol/node'
import type { SamKey } from '../keys/sam-key.ts'
import type { Journal } from './journal.ts'

export interface CheckpointOptions {
  readonly journal: Pick<Journal<Leaf>, 'head'>
  readonly key: SamKey
  /** Path of the copy outside the database. */
  readonly file: string
}

export class Checkpoints {
  readonly #options: CheckpointOptions
  #newest: { readonly size: number; readonly text: Promise<string> } | undefined
  #writing: Promise<void> = Promise.resolve()
  #written = -1
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
    return this.#written
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

  /** Resolves when the copy outside contains at least everything that is in the log now. */
  copyOutside(): Promise<void> {
    const { size } = this.#options.journal.head
    const written = this.#writing.then(() => (this.#written >= size ? undefined : this.#write()))
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
    const { size } = this.#options.journal.head
    const { file } = this.#options
    mkdirSync(dirname(file), { recursive: true })
    await replaceFile(file, await this.newest(), 0o600)
    this.#written = size
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
