/**
 * What a deployment left on its disks, and what its clients saw: the two sides that the invariants compare
 * (threats 23).
 *
 * Read from outside, through connections of its own, while the processes run or after they ended.
 */
import { execFileSync } from 'node:child_process'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Plan } from '@natsuin/testing/deployment'

export interface Observation {
  /** DER SubjectPublicKeyInfo of the pinned SAM key. */
  readonly samKey: Uint8Array
  /** By name: the state log, and an activity log for each SAM. */
  readonly logs: ReadonlyMap<string, readonly LogRow[]>
  readonly records: readonly RecordRow[]
  readonly certificates: readonly CertificateRow[]
  /** Names of the keys in the SAM's module, now and when it was founded; none when it does not show them. */
  readonly moduleKeys: readonly string[]
  readonly foundedKeys: readonly string[]
  /** What left the token of the SAMs; undefined where nobody stands in front of it and writes it down. */
  readonly tokenValues: readonly TokenValue[] | undefined
  /** The copies that the SAM keeps outside its database, of both its logs. */
  readonly checkpoints: readonly string[]
  /** Copies of them that somebody took earlier. */
  readonly earlierCheckpoints: readonly string[]
  readonly received: Received
}

export interface LogRow {
  readonly index: number
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
}

/** A signature value that the token made, whatever became of it. */
export interface TokenValue {
  /** What went in and what came out, hexadecimal. ECDSA: the digest, and r and s beside each other. */
  readonly input: string
  readonly value: string
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
  readonly removals: readonly Removal[]
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
  readonly proofDigest: string
  readonly dtbsrs: readonly string[]
  /** Of its ticket, hexadecimal: salts what the log says of these. */
  readonly nonce: string
  /** Whether the service said that it has it. */
  readonly acknowledged: boolean
}

/** An answer with signature values. */
export interface Delivery {
  readonly idempotencyKey: string
  readonly credentialId: string
  readonly signatures: readonly { readonly content: Uint8Array; readonly value: Uint8Array }[]
}

/** Somebody asked that a credential never sign again, or that its key be destroyed. */
export interface Removal {
  readonly event: 'credential-revoked' | 'key-destroyed'
  readonly credentialId: string
  /** How many answers with values there had been when the service said that it is done; undefined if it did not. */
  readonly acknowledgedAfter: number | undefined
}

/** Where things lie. */
export interface Place {
  readonly directory: string
  readonly plan: Pick<Plan, 'store' | 'module'>
}

export function observe(
  place: Place,
  known: Pick<Observation, 'samKey' | 'foundedKeys' | 'earlierCheckpoints' | 'received'>,
): Observation {
  return {
    ...known,
    ...readSamStore(place),
    certificates: readCertificates(place),
    moduleKeys: readModuleKeys(place),
    tokenValues: readTokenValues(place),
    checkpoints: readCheckpoints(place),
  }
}

/** Of both logs of every SAM. */
export function readCheckpoints({ directory }: Place): string[] {
  const files = globSync('sam*/checkpoints/*.txt', { cwd: directory })
  return files.map(name => readFileSync(join(directory, name), 'utf8'))
}

type SamStore = Pick<Observation, 'logs' | 'records'>

/** Logs and records of one moment. */
export function readSamStore({ directory, plan: { store } }: Place): SamStore {
  return store === 'sqlite' ? readSqlite(join(directory, 'sam', 'sam.db')) : readPostgres(store.sam)
}

function readSqlite(path: string): SamStore {
  using database = new DatabaseSync(path, { timeout: 5000 })
  database.exec('BEGIN')
  const leaves = database
    .prepare('SELECT log, idx AS "index", leaf, hash FROM leaves ORDER BY log, idx')
    .all()
  const records = database.prepare('SELECT kind, id, version FROM records').all()
  // The columns are those of the queries above.
  return { logs: byLog(leaves as unknown as NamedRow[]), records: records as unknown as RecordRow[] }
}

/** Through psql, which has no part in what the SAM believes of its connection. */
function readPostgres(url: string): SamStore {
  const query = `SELECT json_build_object(
    'leaves', (SELECT json_agg(json_build_object(
      'log', log, 'index', idx, 'leaf', encode(leaf, 'hex'), 'hash', encode(hash, 'hex')) ORDER BY log, idx)
      FROM natsuin_sam.leaves),
    'records', (SELECT json_agg(json_build_object('kind', kind, 'id', id, 'version', version))
      FROM natsuin_sam.records))`
  const answer = execFileSync('psql', [url, '-At', '-c', query], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  // The members are those of the query above.
  const { leaves, records } = JSON.parse(answer) as {
    leaves: (Omit<NamedRow, 'leaf' | 'hash'> & Record<'leaf' | 'hash', string>)[]
    records: RecordRow[]
  }
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
  return {
    logs: byLog(leaves.map(row => ({ ...row, leaf: bytes(row.leaf), hash: bytes(row.hash) }))),
    records,
  }
}

type NamedRow = LogRow & { readonly log: string }

function byLog(rows: readonly NamedRow[]): SamStore['logs'] {
  return Map.groupBy(rows, ({ log }) => log)
}

/** The software module keeps each key in a file of its name, SoftHSM each object in a file of a name that it draws. */
export function readModuleKeys({ directory, plan: { module } }: Place): string[] {
  if (module === 'software') return readdirSync(join(directory, 'sam', 'keys')).toSorted()
  const configuration = readFileSync(module.sam.environment['SOFTHSM2_CONF'] ?? '', 'utf8')
  const [, tokens = ''] = /^directories\.tokendir = (.+)$/m.exec(configuration) ?? []
  return globSync('*/*.object', { cwd: tokens }).toSorted()
}

/** From the log of the shim before the token (`testing/pkcs11-shim`, README), read by hand. */
function readTokenValues({ plan: { module } }: Place): TokenValue[] | undefined {
  const log = module === 'software' ? undefined : module.sam.environment['NATSUIN_SHIM_LOG']
  if (log === undefined) return undefined
  const mechanisms = new Map<string, string | undefined>()
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, process, name, session, code, ...members] = line.split(' ')
      const {
        mechanism,
        in: input = '',
        out: value = '',
      } = Object.fromEntries(members.map(one => one.split('=')))
      const key = `${process} ${session}`
      if (name === 'C_SignInit' && code === '0') mechanisms.set(key, mechanism)
      const isSignature = name === 'C_Sign' && value !== '' && mechanisms.get(key) !== MAC
      return isSignature ? [{ input, value }] : []
    })
}

/** CKM_SHA256_HMAC: seals, which are no signatures. */
const MAC = '251'

/** The authorities' store is the embedded one in every deployment. */
export function readCertificates({ directory }: Place): CertificateRow[] {
  using database = new DatabaseSync(join(directory, 'authorities', 'authorities.db'), { timeout: 5000 })
  const rows = database.prepare('SELECT key_digest AS keyDigest, serial, state FROM certificate').all()
  return rows as unknown as CertificateRow[]
}
