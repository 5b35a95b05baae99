/** The newest checkpoint that was cosigned of each log: a file for each, replaced whole and synced. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HeldFile, holdFile, replaceFile } from '@natsuin/protocol/node'

/** Of an origin, hexadecimal: its name in files and addresses (C2SP tlog-witness). */
export const originHash = (origin: string) => createHash('sha256').update(origin).digest('hex')

export class NewestCheckpoints {
  readonly #directory: string
  readonly #held: HeldFile

  /** @throws Error when another process has the directory */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const held = holdFile(join(directory, 'lock'))
    if (held === undefined) throw new Error(`another process has ${directory}`)
    this.#held = held
    this.#directory = directory
  }

  /** With its cosignature; undefined when there was none yet. */
  async read(hash: string): Promise<string | undefined> {
    try {
      return await readFile(this.#path(hash), 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Durable when it resolves. */
  async write(hash: string, checkpoint: string): Promise<void> {
    await replaceFile(this.#path(hash), checkpoint, 0o600)
  }

  close(): void {
    this.#held.release()
  }

  #path(hash: string): string {
    return join(this.#directory, `${hash}.txt`)
  }
}
