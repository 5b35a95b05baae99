/**
 * What a deployment left on its disks, and what its clients saw: the two sides that the invariants compare
 * (threats 23).
 *
 * Read from outside, through connections of its own, while the processes run or after they ended.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Observation {
  /** DER SubjectPublicKeyInfo of the pinned SAM key. */
  readonly samKey: Uint8Array
  readonly log: readonly LogRow[]
  readonly records: readonly RecordRow[]
  readonly certificates: readonly CertificateRow[]
  /** The copy that the SAM keeps outside its database. */
  readonly checkpoint: string
  /** Copies of it that somebody took earlier. */
  readonly earlierCheckpoints: readonly string[]
  readonly received: Received
}

export interface LogRow {
  readonly index: number
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
}

/** A sealed record of the SAM, unopened. */
export interface RecordRow {
  readonly kind: string
  readonly id: string
  readonly version: number
}

/** A sealed record of the authorities, unopened. */
export interface CertificateRow {
  /** SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal. */
  readonly keyDigest: string
  /** Hexadecimal. */
  readonly serial: string
  readonly state: string
}

/** Everything that clients saw, and what signers said. */
export interface Received {
  readonly enrolments: readonly Enrolment[]
  readonly approvals: readonly Approval[]
  readonly deliveries: readonly Delivery[]
}

export interface Enrolment {
  readonly signerId: string
  readonly credentialId: string
  /** DER. */
  readonly certificate: Uint8Array
}

/** A statement that a signer's passkey signed. Digests are SHA-256, hexadecimal. */
export interface Approval {
  readonly statementDigest: string
  readonly assertionDigest: string
  readonly dtbsrs: readonly string[]
  /** Whether the service said that it has it. */
  readonly acknowledged: boolean
}

/** An answer with signature values. */
export interface Delivery {
  readonly idempotencyKey: string
  readonly credentialId: string
  readonly signatures: readonly { readonly content: Uint8Array; readonly value: Uint8Array }[]
}

/** @param directory of a deployment on the embedded database */
export function observe(
  directory: string,
  known: Pick<Observation, 'samKey' | 'earlierCheckpoints' | 'received'>,
): Observation {
  return {
    ...known,
    ...readSamStore(join(directory, 'sam', 'sam.db')),
    certificates: readCertificates(join(directory, 'authorities', 'authorities.db')),
    checkpoint: readCheckpoint(directory),
  }
}

export function readCheckpoint(directory: string): string {
  return readFileSync(join(directory, 'sam', 'checkpoint.txt'), 'utf8')
}

function readSamStore(path: string): Pick<Observation, 'log' | 'records'> {
  using database = new DatabaseSync(path, { timeout: 5000 })
  // One transaction, so that log and records are of one moment.
  database.exec('BEGIN')
  const log = database.prepare('SELECT idx AS "index", leaf, hash FROM log ORDER BY idx').all()
  const records = database.prepare('SELECT kind, id, version FROM records').all()
  // The columns are those of the queries above.
  return { log: log as unknown as LogRow[], records: records as unknown as RecordRow[] }
}

function readCertificates(path: string): CertificateRow[] {
  using database = new DatabaseSync(path, { timeout: 5000 })
  const rows = database.prepare('SELECT key_digest AS keyDigest, serial, state FROM certificate').all()
  return rows as unknown as CertificateRow[]
}
