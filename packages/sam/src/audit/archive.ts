/**
 * Leaves that left the database: a file for each piece of a log, a leaf a line, in a directory of their own
 * (docs/audit.md).
 *
 * Nothing in it is believed, as nothing in the database is: whoever reads compares with a head. What is missing or was
 * changed keeps the SAM from starting, and evidence from being made.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { join as concatenated, toBase64url } from '@natsuin/pki/encoding'
import type { LogName } from '@natsuin/protocol/log'
import { replaceFile } from '@natsuin/protocol/node'
import type { LogRow } from '../store/store.ts'
import { hashLeaf } from './merkle-tree.ts'

interface Piece {
  readonly from: number
  readonly leaves: readonly Uint8Array[]
}

const LINE_FEED = 0x0a
const ENDING = '.jsonl'

export class Archive {
  readonly #directory: string
  /** How many leaves of each log are here, from the first one on. */
  readonly #sizes = new Map<LogName, number>()
  /** The piece that was read last: readers go on from where they were. */
  #newest: (Piece & { readonly log: LogName }) | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  size(log: LogName): number {
    const known = this.#sizes.get(log)
    if (known !== undefined) return known
    const last = this.#starts(log).at(-1)
    const size = last === undefined ? 0 : last + this.#read(log, last).leaves.length
    this.#sizes.set(log, size)
    return size
  }

  /** Up to `count` rows from `from` on, as far as they are here. */
  rows(log: LogName, from: number, count: number): readonly LogRow[] {
    const rows: LogRow[] = []
    const end = Math.min(from + count, this.size(log))
    for (let next = from; next < end; next = from + rows.length) {
      const start = this.#starts(log).findLast(one => one <= next)
      const piece = start === undefined ? undefined : this.#read(log, start)
      const leaves = piece?.leaves.slice(next - piece.from, end - piece.from) ?? []
      if (leaves.length === 0) break
      rows.push(...leaves.map((leaf, i) => ({ index: next + i, leaf, hash: hashLeaf(leaf) })))
    }
    return rows
  }

  /** On the disk when it resolves. */
  async append(log: LogName, leaves: readonly Uint8Array[]): Promise<void> {
    const from = this.size(log)
    mkdirSync(this.#folder(log), { recursive: true })
    const lines = concatenated(leaves.flatMap(leaf => [leaf, Uint8Array.of(LINE_FEED)]))
    await replaceFile(this.#file(log, from), lines, 0o600)
    this.#sizes.set(log, from + leaves.length)
  }

  /** So that the directory can be verified as an export can. */
  async sign(
    log: LogName,
    { checkpoint, samKey }: { readonly checkpoint: string; readonly samKey: Uint8Array },
  ) {
    await replaceFile(join(this.#folder(log), 'checkpoint'), checkpoint, 0o600)
    await replaceFile(join(this.#directory, 'sam-key'), `${toBase64url(samKey)}\n`, 0o600)
  }

  #read(log: LogName, from: number): Piece {
    if (this.#newest?.log === log && this.#newest.from === from) return this.#newest
    const leaves = linesOf(new Uint8Array(readFileSync(this.#file(log, from))))
    this.#newest = { log, from, leaves }
    return this.#newest
  }

  #starts(log: LogName): readonly number[] {
    const folder = this.#folder(log)
    if (!existsSync(folder)) return []
    const names = readdirSync(folder).filter(name => name.endsWith(ENDING))
    return names.map(name => Number(name.slice(0, -ENDING.length))).toSorted((a, b) => a - b)
  }

  #folder = (log: LogName) => join(this.#directory, log)
  /** Named after the first leaf in it; as many digits as keep the names in order. */
  #file = (log: LogName, from: number) =>
    join(this.#folder(log), `${String(from).padStart(15, '0')}${ENDING}`)
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (
    let start = 0, end = bytes.indexOf(LINE_FEED);
    end >= 0;
    start = end + 1, end = bytes.indexOf(LINE_FEED, start)
  )
    lines.push(bytes.slice(start, end))
  return lines
}
