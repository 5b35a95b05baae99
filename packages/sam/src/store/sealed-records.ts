/**
 * Records of the store, opened and typed.
 *
 * The newest version of every record that this process wrote or read stays in memory: while the SAM runs, a row
 * that is put back to an older version is refused like one that was edited (sole-control 9).
 */
import type { Seal } from '@natsuin/crypto-module'
import { toWire } from '@natsuin/protocol/approval'
import { readStrictJson, type Shape, writeJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import { type RecordKind, type RecordOf, recordShapes } from './record-shapes.ts'
import type { Store, StoredRecord } from './store.ts'

export interface Versioned<T> {
  readonly version: number
  readonly content: T
}

/** Records written more than once. The others have one version and need no memory. */
const REWRITTEN: ReadonlySet<string> = new Set<RecordKind>([
  'grant',
  'credential',
  'counter',
  'signer',
  'certification',
  'tried',
])

export class SealedRecords {
  readonly #store: Store
  readonly #seal: Seal
  readonly #newest = new Map<string, number>()

  constructor(store: Store, seal: Seal) {
    this.#store = store
    this.#seal = seal
  }

  /** @throws Refusal `record-altered` */
  async read<K extends RecordKind>(kind: K, id: string): Promise<Versioned<RecordOf<K>> | undefined> {
    const stored = await this.#store.read({ kind, id })
    if (stored === undefined) return undefined
    const content = this.#open(kind, stored)
    this.remember([stored])
    return { version: stored.version, content }
  }

  /** @throws Refusal `record-altered` also when there is none: for records that others point to. */
  async need<K extends RecordKind>(kind: K, id: string): Promise<RecordOf<K>> {
    const found = await this.read(kind, id)
    if (found === undefined) throw refuse('record-altered', { kind, id })
    return found.content
  }

  /** The row to write; version 1 is the first. */
  seal<K extends RecordKind>(kind: K, id: string, version: number, content: RecordOf<K>): StoredRecord {
    const name = { kind, id, version }
    return { ...name, sealed: this.#seal.close(name, writeJson(toWire(content))) }
  }

  /** Told by the journal what became durable. */
  remember(records: readonly StoredRecord[]): void {
    for (const { kind, id, version } of records) {
      if (REWRITTEN.has(kind)) this.#newest.set(`${kind}\n${id}`, version)
    }
  }

  #open<K extends RecordKind>(kind: K, stored: StoredRecord): RecordOf<K> {
    const { id, version, sealed } = stored
    const newest = this.#newest.get(`${kind}\n${id}`) ?? 0
    if (version < newest) throw refuse('record-altered', { kind, id, version, newest })
    const content = this.#seal.open({ kind, id, version }, sealed)
    if (content === undefined) throw refuse('record-altered', { kind, id, version })
    // The shape of a kind is in the table under the kind.
    return readStrictJson(content, recordShapes[kind] as Shape<RecordOf<K>>)
  }
}
