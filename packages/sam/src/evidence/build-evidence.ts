/**
 * `evidence` — everything from which a third party verifies one signature offline (design 3).
 *
 * All of it was signed by somebody: officers, the person's enrolment key, his authenticator, the SAM key. The SAM
 * collects it, and proves with the logs that each step was recorded, and in which order.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import {
  type ApprovalItem,
  approveStatement,
  approveTicket,
  isDocumentItem,
  peekJws,
} from '@natsuin/protocol/approval'
import type { AmendmentEvidence, Evidence } from '@natsuin/protocol/evidence'
import { activityLeaf, activityLog, peekCheckpoint, STATE_LOG, stateLeaf } from '@natsuin/protocol/log'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { commitmentOf } from '../activation/representation.ts'
import { includeLeaf, type LogUnderHead } from '../audit/include-leaf.ts'
import { refuse } from '../refuse.ts'
import { rosterId } from '../roster/roster-in-force.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import { authenticatorId } from '../webauthn/counters.ts'

/** Everything that is on record about one activation. */
interface Story {
  readonly activation: RecordOf<'activation'> & { readonly completedLeaf: number }
  readonly approval: RecordOf<'approval'>
  readonly credential: RecordOf<'credential'>
  readonly certificate: NonNullable<RecordOf<'credential'>['certificate']>
  readonly grant: RecordOf<'grant'>
  readonly enrolment: RecordOf<'enrolment'>
}

/** @throws Refusal `activation-unknown`, `outcome-unknown`, `record-altered`, `log-unavailable` */
export async function buildEvidence(
  sam: Sam,
  { activationId, index, signatureValue }: SapRequest<'evidence'>,
): Promise<SapResponse<'evidence'>> {
  // Another SAM may have written what this is about a moment ago.
  await sam.logs.state.catchUp()
  const story = await readStory(sam, activationId)
  const { activation, approval, credential, certificate, grant, enrolment } = story
  const recorded = activation.signatures[index]
  if (recorded === undefined || !equal(recorded, signatureValue)) throw refuse('activation-unknown')
  const { leaf: _, ...enrolled } = enrolment
  const stateLog = await includeState(sam, story)
  const activityLog = await includeActivity(sam, story)
  const additions = await additionsTo(sam, approval, stateLog.checkpoint)
  const signed = signedIn(story, index, commitmentIn(activityLog.granted.leaf, index))
  const evidence: Evidence = {
    v: 1,
    type: 'natsuin-evidence',
    samKey: sam.key.spki,
    roster: await sam.records.need('roster', rosterId(1)),
    amendments: await includeAmendments(sam, stateLog),
    grant: grant.approvals,
    enrolment: enrolled,
    additions,
    keyAttestation: credential.attestation,
    certificates: certificate.chain,
    approval: { statement: approval.statement, proof: approval.proof },
    activation: { activationId, index, signatureValue, ...signed },
    stateLog,
    activityLog,
  }
  return { evidence }
}

async function readStory({ records }: Sam, activationId: string): Promise<Story> {
  const activation = (await records.read('activation', activationId))?.content
  if (activation === undefined) throw refuse('activation-unknown')
  const { completedLeaf, outcome } = activation
  if (completedLeaf === undefined || outcome !== 'completed') throw refuse('outcome-unknown')
  const approval = await records.need('approval', activation.sadId)
  const credential = await records.need('credential', approval.credentialId)
  const { certificate } = credential
  if (certificate === undefined) throw refuse('record-altered', { credentialId: approval.credentialId })
  return {
    activation: { ...activation, completedLeaf },
    approval,
    credential,
    certificate,
    grant: await records.need('grant', credential.grantId),
    enrolment: await records.need('enrolment', approval.signerId),
  }
}

async function includeState({ store, checkpoints, logs }: Sam, story: Story): Promise<Evidence['stateLog']> {
  const { credential, certificate, grant, enrolment } = story
  const checkpoint = await checkpoints.state.covering(logs.state.size)
  const under: LogUnderHead = { store, log: STATE_LOG, head: peekCheckpoint(checkpoint) }
  return {
    checkpoint,
    genesis: await includeLeaf(under, 0),
    grantAccepted: await includeLeaf(under, grant.leaf),
    enrolled: await includeLeaf(under, enrolment.leaf),
    keyGenerated: await includeLeaf(under, credential.generatedLeaf),
    certificateLinked: await includeLeaf(under, certificate.leaf),
  }
}

async function includeActivity(sam: Sam, { activation, approval }: Story): Promise<Evidence['activityLog']> {
  const { store, checkpoints, storedHeads, identity } = sam
  const log = activityLog(approval.instance)
  const isOurs = approval.instance === identity.instance
  const size = activation.completedLeaf + 1
  const checkpoint = await (isOurs ? checkpoints.activity.covering(size) : storedHeads.sign(log))
  const under: LogUnderHead = { store, log, head: peekCheckpoint(checkpoint) }
  return {
    checkpoint,
    sadAccepted: await includeLeaf(under, approval.leaf),
    granted: await includeLeaf(under, activation.grantedLeaf),
    completed: await includeLeaf(under, activation.completedLeaf),
  }
}

/** How the authenticator that approved, if one did, became the signer's: additions, oldest first; none when it was enrolled. */
async function additionsTo(
  { records, store }: Sam,
  { proof }: Story['approval'],
  checkpoint: string,
): Promise<Evidence['additions']> {
  const under: LogUnderHead = { store, log: STATE_LOG, head: peekCheckpoint(checkpoint) }
  const additions: Evidence['additions'][number][] = []
  if (!('assertion' in proof)) return additions
  let id = authenticatorId(proof.assertion.credentialId)
  for (;;) {
    const addition = (await records.read('addition', id))?.content
    if (addition === undefined) return additions
    const { statement, assertion, approvedBy, leaf } = addition
    additions.unshift({ statement, assertion, added: await includeLeaf(under, leaf) })
    id = approvedBy
  }
}

/** What made the newest roster that these records speak of out of the one of genesis. */
async function includeAmendments(
  { records, store }: Sam,
  { checkpoint, grantAccepted, keyGenerated, certificateLinked }: Evidence['stateLog'],
): Promise<Evidence['amendments']> {
  const versions = [grantAccepted, keyGenerated, certificateLinked].map(({ leaf }) => versionIn(leaf))
  const under: LogUnderHead = { store, log: STATE_LOG, head: peekCheckpoint(checkpoint) }
  const amendments: AmendmentEvidence[] = []
  for (let version = 2; version <= Math.max(...versions); version++) {
    const { approvals, leaf } = await records.need('amendment', rosterId(version))
    amendments.push({ approvals, leaf: await includeLeaf(under, leaf) })
  }
  return amendments
}

function versionIn(bytes: Uint8Array): number {
  const leaf = readStrictJson(bytes, stateLeaf)
  return 'rosterVersion' in leaf ? leaf.rosterVersion : 1
}

/** What the log commits to at this place. */
function commitmentIn(bytes: Uint8Array, index: number): Uint8Array {
  const granted = readStrictJson(bytes, activityLeaf)
  const commitment = granted.event === 'granted' ? granted.commitments[index] : undefined
  if (commitment === undefined) throw refuse('record-altered', { event: granted.event })
  return commitment
}

/** What was signed: one of the approved representations, or one that was made of an approved document. */
function signedIn(
  { activation, approval }: Story,
  index: number,
  commitment: Uint8Array,
): Pick<Evidence['activation'], 'dtbsr' | 'made'> {
  const { ticket: jws, items } = readStrictJson(approval.statement, approveStatement)
  const { nonce } = peekJws(jws, 'natsuin-ticket', approveTicket)
  const made = activation.made?.find(one => one.index === index)
  const candidates = made === undefined ? items.flatMap(representationOf) : [made]
  const found = candidates.find(one => equal(digestSync('sha256', commitmentOf(nonce, one)), commitment))
  if (found === undefined) throw refuse('record-altered', { kind: 'approval' })
  return { dtbsr: found.dtbsr, ...(found.made && { made: found.made }) }
}

const representationOf = (item: ApprovalItem) =>
  isDocumentItem(item) ? [] : [{ dtbsr: item.dtbsr, made: undefined }]
