/**
 * The invariants of threats 23, checked from outside: what a service left on its disks against what its clients
 * saw. At rest: nothing may be under way.
 *
 * Each rule returns what is wrong, in sentences; nothing at all is what every test wants to see. The rules know
 * the shape of the log's leaves from `protocol` and share no other code with the service, so that a defect there
 * is not believed here.
 */
import { verify, X509Certificate } from 'node:crypto'
import { type Leaf, leaf as leafShape } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { isSignedBy } from './digest-signature.ts'
import { headOf, leafHash, prefixHashes, sha256 } from './merkle.ts'
import type {
  Approval,
  CertificateRow,
  Delivery,
  Enrolment,
  LogRow,
  Observation,
  Removal,
} from './observation.ts'

type LeafOf<E extends Leaf['event']> = Extract<Leaf, { event: E }> & {
  readonly log: string
  readonly index: number
}

/** The logs with their leaves read, by event. */
interface Case extends Observation {
  of<E extends Leaf['event']>(event: E): readonly LeafOf<E>[]
}

type Rule = (observed: Case) => readonly string[]

/** What does not hold. */
export function violations(observed: Observation): string[] {
  const unreadable = [...observed.logs].flatMap(([log, rows]) => checkRows(log, rows))
  if (unreadable.length > 0) return unreadable
  const leaves = [...observed.logs].flatMap(([log, rows]) =>
    rows.map(({ index, leaf }) => ({ ...readStrictJson(leaf, leafShape), log, index })),
  )
  const of = <E extends Leaf['event']>(event: E) =>
    leaves.filter((one): one is LeafOf<E> => one.event === event)
  return RULES.flatMap(rule => rule({ ...observed, of }))
}

/** INV-4: no gap, and every stored hash is that of its leaf. */
function checkRows(log: string, rows: readonly LogRow[]): string[] {
  return rows.flatMap(({ index, leaf, hash }, i) => {
    if (index !== i) return [`${log}: leaf ${i} is missing`]
    return leafHash(leaf).equals(hash)
      ? []
      : [`${log}: leaf ${i} does not have the hash that is stored with it`]
  })
}

const RULES: readonly Rule[] = [
  extendsCheckpoints,
  opensOnce,
  coversWhatWasClosed,
  knowsTheState,
  grantsOnApproval,
  settlesOnce,
  signsOnce,
  signsWhatWasGranted,
  keepsRecordsWithLeaves,
  recordsApprovals,
  keepsKeysWithRecords,
  recordsRemovals,
  deliversNothingRemoved,
  deliversWhatIsRecorded,
  repeatsTheSame,
  recordsEnrolments,
  certifiesOnce,
]

/** INV-4: every checkpoint that anybody holds, the state log included, is signed, and is one of its log. */
function extendsCheckpoints({ samKey, logs, checkpoints, earlierCheckpoints, of }: Case): string[] {
  const named = [...of('opened'), ...of('closed')].map(({ activity }) => activity)
  const held = new Set([...checkpoints, ...earlierCheckpoints, ...named])
  const roots = new Map([...logs].map(([log, rows]) => [log, prefixHashes(rows.map(({ leaf }) => leaf))]))
  return [...held].flatMap(text => {
    const head = headOf(text, samKey)
    if (head === undefined) return ['a checkpoint is not signed by the SAM key']
    const log = nameIn(head.origin)
    const size = logs.get(log)?.length ?? 0
    if (head.size > size) return [`${log} has lost leaves: ${size} of ${head.size}`]
    const root = roots.get(log)?.(head.size) ?? sha256()
    return root.equals(head.root) ? [] : [`${log} does not extend its checkpoint of ${head.size} leaves`]
  })
}

/** The log's name at the end of its origin: `state`, or `activity/` and the SAM. */
const nameIn = (origin: string) => /(?:state|activity\/[^/]+)$/.exec(origin)?.[0] ?? origin

function opensOnce({ of, logs }: Case): string[] {
  const geneses = of('genesis').map(({ index }) => index)
  const opened = of('opened')
  const known = new Set(['state', ...opened.map(({ instance }) => `activity/${instance}`)])
  return [
    ...(geneses.length === 1 && geneses[0] === 0
      ? []
      : ['the state log does not begin with its one genesis']),
    ...repeated(opened.map(({ bootId }) => bootId)).map(bootId => `boot ${bootId} opened its log twice`),
    ...[...logs.keys()].filter(log => !known.has(log)).map(log => `nobody opened ${log}`),
  ]
}

/** A SAM that ended by itself has taken the copies outside last. */
function coversWhatWasClosed({ samKey, logs, checkpoints, of }: Case): string[] {
  const size = logs.get('state')?.length ?? 0
  const last = of('closed').find(({ index }) => index === size - 1)
  if (last === undefined) return []
  const heads = checkpoints.map(text => headOf(text, samKey))
  const covered = (log: string) =>
    heads.some(head => nameIn(head?.origin ?? '') === log && head?.size === (logs.get(log)?.length ?? 0))
  return ['state', `activity/${last.instance}`]
    .filter(log => !covered(log))
    .map(log => `${log} was closed, and its checkpoint outside is older`)
}

/** INV-5: whoever granted knew that the credential was certified, and not that it was revoked. */
function knowsTheState({ logs, of }: Case): string[] {
  const size = logs.get('state')?.length ?? 0
  const linked = new Map(of('certificate-linked').map(one => [one.credentialId, one.index]))
  const revoked = new Map(of('credential-revoked').map(one => [one.credentialId, one.index]))
  return of('granted').flatMap(({ activationId, credentialId, stateSize }) => [
    ...(stateSize <= size ? [] : [`${activationId} was granted in a state that is not in the state log`]),
    ...(stateSize > (linked.get(credentialId) ?? size)
      ? []
      : [`${activationId} was granted before its certificate`]),
    ...(stateSize <= (revoked.get(credentialId) ?? size)
      ? []
      : [`${activationId} was granted after the revocation`]),
  ])
}

/** INV-1, INV-2: what was granted stands in an accepted approval, each representation as often as approved. */
function grantsOnApproval({ of, received }: Case): string[] {
  const accepted = new Map(of('sad-accepted').map(one => [one.sadId, one]))
  const left = new Map(received.approvals.map(one => [one.statementDigest, commitmentsOf(one)]))
  return of('granted').flatMap(({ activationId, sadId, credentialId, commitments, log, index }) => {
    const sad = accepted.get(sadId)
    if (sad === undefined || sad.log !== log || sad.index > index)
      return [`${activationId} was granted without an approval`]
    if (sad.credentialId !== credentialId) return [`${activationId} was granted for another credential`]
    const approved = left.get(hex(sad.statementDigest)) ?? []
    return commitments.every(commitment => take(approved, hex(commitment)))
      ? []
      : [`${activationId} was granted for what nobody approved`]
  })
}

/** What the log has to say of an approval's representations. */
const commitmentsOf = ({ nonce, dtbsrs }: Pick<Approval, 'nonce' | 'dtbsrs'>): string[] =>
  dtbsrs.map(dtbsr => hex(sha256(Buffer.from(`${SALTED}${nonce}${dtbsr}`, 'hex'))))
const SALTED = Buffer.from('natsuin-dtbsr-v1\n').toString('hex')

/** Each with the representation that it is of. */
const openCommitments = (approval: Approval): [string, string][] =>
  commitmentsOf(approval).map((commitment, i) => [commitment, approval.dtbsrs[i] ?? ''])

/** INV-3: each reservation has exactly one outcome, later than itself. */
function settlesOnce({ of }: Case): string[] {
  const outcomes = [...of('completed'), ...of('settled')]
  const granted = of('granted')
  const known = new Set(granted.map(({ activationId }) => activationId))
  return [
    ...repeated(granted.map(({ activationId }) => activationId)).map(id => `${id} was granted twice`),
    ...outcomes
      .filter(one => !known.has(one.activationId))
      .map(one => `${one.activationId} was never granted`),
    ...granted.flatMap(({ activationId, log, index }) => {
      const own = outcomes.filter(
        one => one.activationId === activationId && one.log === log && one.index > index,
      )
      return own.length === 1 ? [] : [`${activationId} has ${own.length} outcomes`]
    }),
  ]
}

/** Nothing is signed twice: a representation has at most one value, and a completed grant one for each. */
function signsOnce({ of }: Case): string[] {
  const granted = new Map(of('granted').map(one => [one.activationId, one.commitments.map(hex)]))
  const completed = of('completed').map(one => ({ ...one, commitments: granted.get(one.activationId) ?? [] }))
  return [
    ...completed
      .filter(({ commitments, signatureDigests }) => commitments.length !== signatureDigests.length)
      .map(({ activationId }) => `${activationId} has another number of values than representations`),
    ...repeated(completed.flatMap(({ commitments }) => commitments)).map(one => `${one} was signed twice`),
  ]
}

/** What the module signs at each start, with keys that it makes for this alone, to find out what the token can do. */
const PROBE = hex(sha256(Buffer.from('natsuin: probe')))

/**
 * INV-1: whatever the token signed was granted before, once for each time, or is the SAM's own; and what was completed,
 * the token signed.
 */
function signsWhatWasGranted({ of, tokenValues, samKey, received }: Case): string[] {
  if (tokenValues === undefined) return []
  const approved = new Map(received.approvals.flatMap(openCommitments))
  const opened = (commitment: Uint8Array) => approved.get(hex(commitment)) ?? hex(commitment)
  const granted = new Map(of('granted').map(one => [one.activationId, one.commitments.map(opened)]))
  const allowed = [...granted.values()].flat()
  const signed = tokenValues.map(({ input }) => input)
  const completed = of('completed').flatMap(({ activationId }) => granted.get(activationId) ?? [])
  return [
    ...tokenValues
      .filter(({ input }) => input !== PROBE && !take(allowed, input))
      .filter(value => !isSignedBy(samKey, value))
      .map(({ input }) => `the token signed ${input}, which was not granted, or not as often`),
    ...completed
      .filter(dtbsr => !take(signed, dtbsr))
      .map(dtbsr => `${dtbsr} was completed, and the token never signed it`),
  ]
}

/** A leaf and the record of what it says are written together or not at all. */
function keepsRecordsWithLeaves({ of, records }: Case): string[] {
  const versions = new Map(records.map(({ kind, id, version }) => [`${kind} ${id}`, version]))
  const removed = new Set([...of('credential-revoked'), ...of('key-destroyed')].map(one => one.credentialId))
  const added = (signerId: string) =>
    of('authenticator-added').filter(one => one.signerId === signerId).length
  const expected = [
    ...of('granted').map(({ activationId, credentialId }) => ({
      name: `activation ${activationId}`,
      version: 2,
      // What was kept back loses its values.
      more: removed.has(credentialId) ? 1 : 0,
    })),
    ...of('sad-accepted').map(({ sadId }) => ({ name: `approval ${sadId}`, version: 1, more: 0 })),
    ...of('enrolled').map(({ signerId }) => ({
      name: `signer ${signerId}`,
      version: 1 + added(signerId),
      more: 0,
    })),
    ...of('certificate-linked').map(({ credentialId }) => ({
      name: `credential ${credentialId}`,
      version: 2,
      // It forgets its key; a rotation of the master key moves it; it keeps its certification request.
      more:
        (removed.has(credentialId) ? 1 : 0) +
        of('master-key-rotation-begun').length +
        of('certificate-requested').filter(one => one.credentialId === credentialId).length,
    })),
    ...of('authenticator-added').map(one => ({
      name: `addition ${one.authenticatorId}`,
      version: 1,
      more: 0,
    })),
  ]
  const activations = records.filter(({ kind }) => kind === 'activation').length
  return [
    ...expected
      .filter(({ name, version, more }) => !isWithin(versions.get(name), version, version + more))
      .map(({ name, version }) => `the record of ${name} is not the one of its leaf (version ${version})`),
    ...(activations === of('granted').length ? [] : ['there are records of activations without a leaf']),
  ]
}

const isWithin = (found: number | undefined, least: number, most: number) =>
  found !== undefined && found >= least && found <= most

/** INV-10: a key is in a record if and only if the log says that it was made; the module keeps the SAM's own alone. */
function keepsKeysWithRecords({ of, records, moduleKeys, foundedKeys }: Case): string[] {
  const own = ownKeys(foundedKeys, of('master-key-rotation-begun').at(-1))
  const made = of('key-generated').map(({ credentialId }) => credentialId)
  const kept = records.filter(({ kind }) => kind === 'credential').map(({ id }) => id)
  return [
    ...made.filter(id => !kept.includes(id)).map(id => `the key of ${id} is in no record`),
    ...kept.filter(id => !made.includes(id)).map(id => `nobody made the key of ${id}`),
    ...(own.includes(moduleKeys.toSorted().join()) ? [] : [`the module holds ${moduleKeys.join(', ')}`]),
  ]
}

/** What the module may hold: the master key that was put in the place of another, and that one while it goes. */
function ownKeys(
  founded: readonly string[],
  rotation: LeafOf<'master-key-rotation-begun'> | undefined,
): readonly string[] {
  if (rotation === undefined) return [founded.toSorted().join()]
  const named = (label: string) => founded.map(name => name.replace(/^natsuin-master/, label))
  const now = named(rotation.master)
  const before = named(rotation.replaces).filter(name => !now.includes(name))
  return [now.toSorted().join(), [...now, ...before].toSorted().join()]
}

/** INV-6: what was acknowledged as removed is in the log, and it is there once. */
function recordsRemovals({ of, received }: Case): string[] {
  const logged = [...of('credential-revoked'), ...of('key-destroyed')].map(nameOfRemoval)
  return [
    ...received.removals
      .filter(one => one.acknowledgedAfter !== undefined && !logged.includes(nameOfRemoval(one)))
      .map(one => `${nameOfRemoval(one)} was acknowledged and is lost`),
    ...repeated(logged).map(name => `${name} twice`),
  ]
}

const nameOfRemoval = ({ event, credentialId }: Pick<Removal, 'event' | 'credentialId'>) =>
  `${event} ${credentialId}`

/** INV-5: once a removal was acknowledged, nothing of that credential is delivered. */
function deliversNothingRemoved({ received: { removals, deliveries } }: Case): string[] {
  return removals.flatMap(({ event, credentialId, acknowledgedAfter = deliveries.length }) =>
    deliveries
      .slice(acknowledgedAfter)
      .filter(one => one.credentialId === credentialId)
      .map(({ idempotencyKey }) => `${idempotencyKey} was delivered after ${event}`),
  )
}

/** INV-6: an approval that was acknowledged is in the log, once, with the proof that was given. */
function recordsApprovals({ of, received }: Case): string[] {
  const accepted = of('sad-accepted').map(one => `${hex(one.statementDigest)} ${hex(one.proofDigest)}`)
  const nameOf = (one: Approval) => `${one.statementDigest} ${one.proofDigest}`
  const said = new Set(received.approvals.map(nameOf))
  return [
    ...received.approvals
      .filter(one => one.acknowledged && !accepted.includes(nameOf(one)))
      .map(one => `approval ${one.statementDigest} was acknowledged and is lost`),
    ...repeated(accepted).map(name => `approval ${name} was accepted twice`),
    ...accepted.filter(name => !said.has(name)).map(name => `approval ${name} was never given`),
  ]
}

/** INV-3, INV-8: each delivered value has one granted and one completed leaf, and verifies. */
function deliversWhatIsRecorded(observed: Case): string[] {
  return observed.received.deliveries.flatMap(delivery =>
    delivery.signatures.flatMap(({ content, value }) => checkDelivered(observed, delivery, content, value)),
  )
}

function checkDelivered({ of, received }: Case, delivery: Delivery, content: Uint8Array, value: Uint8Array) {
  const { credentialId, idempotencyKey } = delivery
  const [dtbsr, digest] = [hex(sha256(content)), hex(sha256(value))]
  const completed = of('completed').filter(one => one.signatureDigests.map(hex).includes(digest))
  const activation = completed[0]
  const granted = of('granted').filter(one => one.activationId === activation?.activationId)
  const position = activation?.signatureDigests.map(hex).indexOf(digest) ?? -1
  const accepted = of('sad-accepted').find(({ sadId }) => sadId === granted[0]?.sadId)
  const approval = received.approvals.find(
    one => one.statementDigest === hex(accepted?.statementDigest ?? new Uint8Array()),
  )
  const [commitment] = approval === undefined ? [] : commitmentsOf({ nonce: approval.nonce, dtbsrs: [dtbsr] })
  const fits =
    granted[0]?.credentialId === credentialId && hexAt(granted[0].commitments, position) === commitment
  const owner = received.enrolments.find(one => one.credentialId === credentialId)
  const key = owner && new X509Certificate(owner.certificate).publicKey
  return [
    ...(completed.length === 1 && granted.length === 1 && fits
      ? []
      : [`a value delivered under ${idempotencyKey} is not recorded as what it is`]),
    ...(key !== undefined && verify('sha256', content, key, value)
      ? []
      : [`a value delivered under ${idempotencyKey} does not verify`]),
  ]
}

/** INV-9: the same key, the same answer. */
function repeatsTheSame({ received }: Case): string[] {
  const answers = new Map<string, Set<string>>()
  for (const { idempotencyKey, signatures } of received.deliveries) {
    const known = answers.get(idempotencyKey) ?? new Set()
    answers.set(idempotencyKey, known.add(signatures.map(({ value }) => hex(value)).join(' ')))
  }
  return [...answers].filter(([, { size }]) => size > 1).map(([key]) => `${key} was answered in two ways`)
}

/** INV-6: an enrolment that was acknowledged has its signer, its key and its certificate in the log, once. */
function recordsEnrolments({ of, received }: Case): string[] {
  const lacks = ({ signerId, credentialId, certificate }: Enrolment) => [
    ...once(of('enrolled'), one => one.signerId === signerId, `signer ${signerId}`),
    ...once(of('key-generated'), one => one.credentialId === credentialId, `key of ${credentialId}`),
    ...once(
      of('certificate-linked'),
      one => one.credentialId === credentialId && hex(one.certificateDigest) === hex(sha256(certificate)),
      `certificate of ${credentialId}`,
    ),
  ]
  return [
    ...received.enrolments.flatMap(lacks),
    ...repeated(of('enrolled').map(({ grantId }) => grantId)).map(id => `grant ${id} was spent twice`),
    ...repeated(of('certificate-linked').map(one => one.credentialId)).map(
      id => `${id} has two certificates`,
    ),
  ]
}

/** INV-6, INV-7: every certificate that somebody holds is on record as issued; serials are unique. */
function certifiesOnce({ certificates, received }: Case): string[] {
  const isRecord = (certificate: X509Certificate) => (row: CertificateRow) =>
    row.keyDigest === hex(sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }))) &&
    BigInt(`0x${row.serial}`) === BigInt(`0x${certificate.serialNumber}`) &&
    row.state === 'issued'
  return [
    ...received.enrolments.flatMap(({ credentialId, certificate }) =>
      once(certificates, isRecord(new X509Certificate(certificate)), `issued record of ${credentialId}`),
    ),
    ...repeated(certificates.map(({ serial }) => serial)).map(serial => `serial ${serial} was given twice`),
    ...certificates
      .filter(({ state }) => state === 'prepared')
      .map(({ serial }) => `the certificate with serial ${serial} was prepared and never issued`),
  ]
}

function once<T>(all: readonly T[], isIt: (one: T) => boolean, name: string): string[] {
  const found = all.filter(isIt).length
  return found === 1 ? [] : [`there are ${found} of the ${name}`]
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>()
  const again = names.filter(name => seen.size === seen.add(name).size)
  return [...new Set(again)]
}

/** Takes one out. */
function take(all: string[], wanted: string): boolean {
  const at = all.indexOf(wanted)
  if (at >= 0) all.splice(at, 1)
  return at >= 0
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function hexAt(all: readonly Uint8Array[], position: number): string | undefined {
  const found = all[position]
  return found === undefined ? undefined : hex(found)
}
