/**
 * The stage of every attack (sole-control 1 and 13): a real deployment at level 3, two signers, and an attacker
 * who has `server` whole.
 *
 * He holds server's credentials (raw connections to the SAM and to the authorities, on which he may say anything),
 * he fetches tickets and carries answers, and he writes to both databases. Of the people he has only what they
 * would give to an honest server: here Alice, Mallory and the officers answer whatever they are asked, with the
 * devices that only they hold. Whether a key was used is never read from an answer: it is counted in the log.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { parseCertificate } from '@natsuin/pki/x509'
import type { ApprovalItem, SeenItem } from '@natsuin/protocol/approval'
import {
  type IssuanceMethods,
  type IssuanceRefusal,
  issuanceMethods,
  issuanceRefusals,
} from '@natsuin/protocol/issuance'
import { type Leaf, type LeafEvent, leaf } from '@natsuin/protocol/log'
import { type Connection, connect } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  type SapMethods,
  type SapRefusal,
  type SapRequest,
  type SapResponse,
  sapMethods,
  sapRefusals,
} from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import type { Deviations, SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  type Answered,
  answer,
  approveStatementBytes,
  byPasskey,
  classOf,
  type Deployment,
  enrolSigner,
  type Member,
  type Plan,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { readSamStore } from '../e2e/invariants/observation.ts'

/** A class whose tickets and SADs are over in ten seconds. */
export const BRIEF = 'brief'
export const CLIENT = 'application'
export const OTHER_CLIENT = 'other-application'

export interface Stage {
  readonly deployment: Deployment
  /** Server's own door to the SAM, in the attacker's hands. */
  readonly sam: Connection<SapMethods>
  /** Server's own door to the authorities, likewise. */
  readonly authorities: Connection<IssuanceMethods>
  readonly alice: Signer
  readonly mallory: Signer
  /** What exists by now because a signer's or an issuing key was used. */
  keyUses(): KeyUses
  /** Every leaf of one kind that the SAM has logged. */
  leaves<E extends LeafEvent>(event: E): Extract<Leaf, { event: E }>[]
  /** Lets go of connections and database files; the deployment goes on. */
  disconnect(): void
  close(): Promise<void>
}

export interface KeyUses {
  /** Representations that the SAM went to the module with. */
  readonly granted: number
  /** Signature values that were made. */
  readonly completed: number
  readonly certificates: number
}

export async function openStage(
  members: Partial<Plan> = {},
  onLog?: (name: Member, line: string) => void,
): Promise<Stage> {
  const classes = [classOf(3), classOf(3, { id: BRIEF, ticketSeconds: 10, sadSeconds: 10 })]
  const deployment = await startThrowaway({ classes, ...members }, onLog === undefined ? {} : { onLog })
  const alice = await enrolSigner(deployment, { commonName: 'Alice Victim', countryName: 'JP' })
  const mallory = await enrolSigner(deployment, { commonName: 'Mallory Attacker', countryName: 'JP' })
  return stageOf(deployment, alice, mallory)
}

function stageOf(deployment: Deployment, alice: Signer, mallory: Signer): Stage {
  const sam = connectSam(deployment)
  const authorities = connectAuthorities(deployment)
  // Opened once and kept: they go on reading what the processes write, even if the files are exchanged.
  const log = openLog(deployment)
  const register = new DatabaseSync(databaseOf(deployment, 'authorities'), { readOnly: true })
  const leaves = <E extends LeafEvent>(event: E) =>
    log
      .leaves()
      .map(bytes => readStrictJson(bytes, leaf))
      .filter((one): one is Extract<Leaf, { event: E }> => one.event === event)
  const close = () => {
    for (const one of [sam, authorities, log, register]) one.close()
  }
  return {
    deployment,
    sam,
    authorities,
    alice,
    mallory,
    keyUses: () => ({
      granted: sum(leaves('granted').map(({ commitments }) => commitments.length)),
      completed: sum(leaves('completed').map(({ signatureDigests }) => signatureDigests.length)),
      certificates: Number(register.prepare('SELECT count(*) AS n FROM certificate').get()?.['n']),
    }),
    leaves,
    disconnect: close,
    async close() {
      close()
      await deployment.stop()
    },
  }
}

/** Every leaf that the SAM has written, wherever it writes them. */
function openLog(deployment: Deployment) {
  if (deployment.plan.store !== 'sqlite') {
    const leaves = () => [...readSamStore(deployment).logs.values()].flat().map(row => row.leaf)
    return { leaves, close: () => {} }
  }
  const database = new DatabaseSync(databaseOf(deployment, 'sam'), { readOnly: true })
  const all = () => database.prepare('SELECT leaf FROM leaves ORDER BY log, idx').all()
  return { leaves: () => all().map(row => bytesOf(row['leaf'])), close: () => database.close() }
}

/** The SAM restarts (by whatever means the attacker causes it), and he connects again. */
export async function reconnected(stage: Stage): Promise<Stage> {
  await stopSam(stage)
  return startSam(stage)
}

export async function stopSam(stage: Stage): Promise<void> {
  stage.disconnect()
  await stage.deployment.process('sam').stop()
}

/** @throws ProcessEnded when it does not start */
export async function startSam({ deployment, alice, mallory }: Stage): Promise<Stage> {
  await deployment.restart('sam')
  return stageOf(deployment, alice, mallory)
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

export function connectSam({ directory }: Deployment): Connection<SapMethods> {
  const address = { socket: join(directory, 'sam.sock') }
  return connect({ methods: sapMethods, address, refusals: sapRefusals })
}

function connectAuthorities({ directory }: Deployment): Connection<IssuanceMethods> {
  const address = { socket: join(directory, 'authorities.sock') }
  return connect({ methods: issuanceMethods, address, refusals: issuanceRefusals })
}

export function databaseOf({ directory }: Deployment, name: 'sam' | 'server' | 'authorities'): string {
  return join(directory, name, `${name}.db`)
}

/** The attacker writes to a database, beside the process that has it open. */
export function withDatabase<T>(path: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path, { timeout: 5000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** The same in PostgreSQL, as its owner. @returns what it prints */
export function withPostgres(url: string, sql: string): string {
  return execFileSync('psql', [url, '-At', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], {
    encoding: 'utf8',
  }).trim()
}

/**
 * The attempt is refused with this code, no signature and no certificate came to be, and the SAM's log says that
 * it was refused and why.
 */
export async function assertRefused(
  stage: Pick<Stage, 'keyUses' | 'leaves'>,
  code: SapRefusal | IssuanceRefusal,
  attempt: () => Promise<unknown>,
  what?: string,
): Promise<void> {
  const before = stage.keyUses()
  const told = await outcomeOf(attempt)
  assert.equal(told, code, what)
  assert.deepEqual(stage.keyUses(), before, what)
  const refused = stage.leaves('refused')
  const inTheLastSecond = refused.filter(({ at }) => at > Date.now() - 1500).length
  // In a storm the SAM answers and does not log.
  if (isRecorded(code) && inTheLastSecond < REFUSALS_PER_SECOND) {
    assert.equal(refused.at(-1)?.reason, code, what)
  }
}

/** The SAM's default. */
const REFUSALS_PER_SECOND = 50

/** What has no shape is not recorded, and what the authorities refuse is in no log of the SAM. */
function isRecorded(code: SapRefusal | IssuanceRefusal): boolean {
  const unrecorded: readonly string[] = ['malformed', 'log-unavailable']
  return (sapRefusals as readonly string[]).includes(code) && !unrecorded.includes(code)
}

/** The code of a refusal, or `done`. Faults are not caught: an attack must not be able to cause one. */
export async function outcomeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return 'done'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

/** Documents as the approval page has them when it has seen them: signed attributes with the document's digest. */
export async function seenItems(...labels: readonly string[]): Promise<SeenItem[]> {
  const signingCertificate = await essCertIdOf(utf8('a certificate'), 'sha256', nodePlatform)
  return labels.map(label => {
    const documentDigest = sha256(randomBytes(32))
    const dtbs = buildSignedAttributes({ messageDigest: documentDigest, signingCertificate })
    return { basis: 'seen', label, dtbsr: sha256(dtbs), dtbs, documentDigest }
  })
}

export interface How {
  readonly clientId?: string
  /** Instead of one that the SAM just issued. */
  readonly ticket?: string
  readonly origin?: string
  /** Whose passkey answers; default the signer's own. */
  readonly device?: SoftwareAuthenticator
  readonly deviations?: Deviations
}

export async function ticketFor({ sam }: Stage, { credentialId }: Signer, clientId = CLIENT) {
  return sam.call('tickets/approve', { credentialId, clientId })
}

/** A ticket for these documents, and what the signer's passkey says to it. */
export async function approval(
  stage: Stage,
  signer: Signer,
  items: readonly ApprovalItem[],
  how: How = {},
): Promise<Answered> {
  const ticket = how.ticket ?? (await ticketFor(stage, signer, how.clientId)).ticket
  return answerTo(stage, signer, approveStatementBytes(ticket, items), how)
}

export function answerTo(stage: Stage, signer: Signer, statement: Uint8Array, how: How = {}): Answered {
  return answer(statement, {
    device: how.device ?? signer.device,
    origin: how.origin ?? stage.deployment.urls.approval,
    ...(how.deviations && { deviations: how.deviations }),
  })
}

/** An honest approval by the signer: what the attacker may wait for, and then misuse. */
export async function approved(
  stage: Stage,
  signer: Signer,
  items: readonly ApprovalItem[],
  how: How = {},
): Promise<SapResponse<'approve'>> {
  return stage.sam.call('approve', byPasskey(await approval(stage, signer, items, how)))
}

export function useOf(
  { sad, credentialId, clientId }: SapResponse<'approve'>,
  items: readonly { readonly dtbsr: Uint8Array }[],
  changes: Partial<SapRequest<'sign'>> = {},
): SapRequest<'sign'> {
  return {
    sad,
    credentialId,
    clientId,
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'ecdsa-sha256',
    dtbsrs: items.map(({ dtbsr }) => dtbsr),
    requestId: '',
    ...changes,
  }
}

/** The positive twin: these documents, approved and signed as they should be. */
export async function signs(
  stage: Stage,
  signer: Signer,
  labels: readonly string[] = ['twin.pdf'],
): Promise<void> {
  const items = await seenItems(...labels)
  const { signatures } = await stage.sam.call('sign', useOf(await approved(stage, signer, items), items))
  await assertSignatures(stage, signer, items, signatures)
}

/** Each value is one by the signer's certified key over the document in its place. */
export async function assertSignatures(
  stage: Stage,
  signer: Signer,
  items: readonly Pick<SeenItem, 'dtbs'>[],
  signatures: readonly Uint8Array[],
): Promise<void> {
  assert.equal(signatures.length, items.length)
  const key = createPublicKey({ key: Buffer.from(keyOf(stage, signer)), format: 'der', type: 'spki' })
  for (const [i, { dtbs }] of items.entries()) {
    assert.ok(verify('sha256', dtbs, { key, dsaEncoding: 'der' }, signatures[i] ?? new Uint8Array()))
  }
}

function keyOf(stage: Stage, signer: Signer): Uint8Array {
  return parseCertificate(chainOf(stage, signer)[0] ?? new Uint8Array()).spki
}

/** The signer's certificates as server keeps them: end entity first. */
export function chainOf({ deployment }: Stage, { credentialId }: Signer): Uint8Array[] {
  const { store } = deployment.plan
  if (store !== 'sqlite') {
    const query = `SELECT certificates FROM credentials WHERE credential_id = '${credentialId}'`
    return decodeChain(withPostgres(store.server, query))
  }
  const row = withDatabase(databaseOf(deployment, 'server'), database =>
    database.prepare('SELECT certificates FROM credentials WHERE credential_id = ?').get(credentialId),
  )
  return decodeChain(String(row?.['certificates']))
}

function decodeChain(certificates: string): Uint8Array[] {
  const encoded = JSON.parse(certificates) as string[] // written by server as a list of base64
  return encoded.map(one => new Uint8Array(Buffer.from(one, 'base64')))
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
}

function bytesOf(value: unknown): Uint8Array {
  assert.ok(value instanceof Uint8Array)
  return value
}
