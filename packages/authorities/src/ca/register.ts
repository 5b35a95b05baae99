/**
 * The register of certificates: typed records over the store, opened and closed with the seal.
 *
 * Nothing that the database says is believed beside what is sealed: a record answers for its own key, serial
 * number and state only.
 */
import type { RecordName, Seal } from '@natsuin/crypto-module'
import { toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { openSealed } from '../store/record-seal.ts'
import type { CertificateRow, CertificateState, Store } from '../store/store.ts'
import {
  type CertificateRecord,
  certificateRecord,
  type PreparedRecord,
  type RevokedRecord,
} from './certificate-record.ts'

export class Register {
  readonly #store: Store
  readonly #seal: Seal

  constructor(store: Store, seal: Seal) {
    this.#store = store
    this.#seal = seal
  }

  /** @throws Refusal `record-altered` */
  async byKey(keyDigest: string): Promise<CertificateRecord | undefined> {
    const row = await this.#store.certificateByKey(keyDigest)
    return row === undefined ? undefined : this.#open(row)
  }

  /** @param serial content octets, lower-case hex. @throws Refusal `record-altered` */
  async bySerial(serial: string): Promise<CertificateRecord | undefined> {
    const row = await this.#store.certificateBySerial(serial)
    return row === undefined ? undefined : this.#open(row)
  }

  /** `false` when the key has a record already. */
  add(record: CertificateRecord): Promise<boolean> {
    return this.#store.insertCertificate(this.#close(record))
  }

  /** `false` when another call has moved the record since it was read. */
  move(from: CertificateState, record: Exclude<CertificateRecord, PreparedRecord>): Promise<boolean> {
    return this.#store.moveCertificate(from, this.#close(record))
  }

  /** Every revoked record whose seal holds, and how many there are whose seal does not. */
  async revoked(): Promise<{ readonly records: readonly RevokedRecord[]; readonly altered: number }> {
    const rows = await this.#store.revokedCertificates()
    const records = rows.flatMap(row => this.#openRevoked(row) ?? [])
    return { records, altered: rows.length - records.length }
  }

  #openRevoked(row: CertificateRow): RevokedRecord | undefined {
    try {
      const record = this.#open(row)
      return record.state === 'revoked' ? record : undefined
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }

  #open(row: CertificateRow): CertificateRecord {
    const content = openSealed(this.#seal, nameOf(row), row.sealed)
    const record = readStrictJson(content, certificateRecord)
    const { keyDigest, serial, state } = record
    if (keyDigest !== row.keyDigest || serial !== row.serial || state !== row.state) {
      throw new Refusal('record-altered', { kind: 'certificate', id: row.keyDigest })
    }
    return record
  }

  #close(record: CertificateRecord): CertificateRow {
    const { keyDigest, serial, state } = record
    const sealed = this.#seal.close(nameOf(record), writeJson(toWire(record)))
    return { keyDigest, serial, state, sealed }
  }
}

/** A record is written once in each state, so the state says which version it is. */
const nameOf = ({ keyDigest, state }: Pick<CertificateRow, 'keyDigest' | 'state'>): RecordName => ({
  kind: 'certificate',
  id: keyDigest,
  version: VERSION[state],
})

const VERSION: Readonly<Record<CertificateState, number>> = { prepared: 1, issued: 2, revoked: 3 }
