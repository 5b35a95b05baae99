/**
 * `evidence` — everything from which a third party verifies one signature offline (design 3).
 *
 * All of it was signed by somebody: officers, the person's enrolment key, his authenticator, the SAM key. The SAM
 * collects it, and proves with its log that each step was recorded, and in which order.
 */
import type { Evidence } from '@natsuin/protocol/evidence'
import { type Leaf, leaf, peekCheckpoint, type TreeHead } from '@natsuin/protocol/log'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { includeLeaf } from '../audit/include-leaf.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'

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
  { activationId, index }: SapRequest<'evidence'>,
): Promise<SapResponse<'evidence'>> {
  const story = await readStory(sam, activationId)
  const { activation, approval, credential, certificate, grant, enrolment } = story
  const signatureValue = activation.signatures[index]
  if (signatureValue === undefined) throw refuse('activation-unknown')
  const { statement, registration, enrolmentSignature } = enrolment
  const checkpoint = await sam.checkpoints.newest()
  const log = { checkpoint, ...(await includeAll(sam, story, peekCheckpoint(checkpoint))) }
  const dtbsr = representationIn(log.granted.leaf, index)
  const evidence: Evidence = {
    v: 1,
    type: 'natsuin-evidence',
    samKey: sam.key.spki,
    roster: sam.roster,
    grant: grant.approvals,
    enrolment: { statement, registration, enrolmentSignature },
    keyAttestation: credential.attestation,
    certificates: certificate.chain,
    approval: { statement: approval.statement, proof: approval.proof },
    activation: { activationId, index, dtbsr, signatureValue },
    log,
  }
  return { evidence }
}

async function readStory({ records, state, ongoing }: Sam, activationId: string): Promise<Story> {
  // Values that were not released, or not yet, do not leave through this door.
  const isReleased = !ongoing.has(activationId) && !state.isWithheld(activationId)
  const activation = (await records.read('activation', activationId))?.content
  if (activation === undefined) throw refuse('activation-unknown')
  const { completedLeaf, outcome } = activation
  if (completedLeaf === undefined || outcome !== 'completed' || !isReleased) throw refuse('outcome-unknown')
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

async function includeAll({ store }: Sam, story: Story, head: TreeHead) {
  const { activation, approval, credential, certificate, grant, enrolment } = story
  return {
    genesis: await includeLeaf(store, 0, head),
    grantAccepted: await includeLeaf(store, grant.leaf, head),
    enrolled: await includeLeaf(store, enrolment.leaf, head),
    keyGenerated: await includeLeaf(store, credential.generatedLeaf, head),
    certificateLinked: await includeLeaf(store, certificate.leaf, head),
    sadAccepted: await includeLeaf(store, approval.leaf, head),
    granted: await includeLeaf(store, activation.grantedLeaf, head),
    completed: await includeLeaf(store, activation.completedLeaf, head),
  }
}

/** What was granted at this place, as the log says. */
function representationIn(bytes: Uint8Array, index: number): Uint8Array {
  const granted: Leaf = readStrictJson(bytes, leaf)
  const dtbsr = granted.event === 'granted' ? granted.dtbsrs[index] : undefined
  if (dtbsr === undefined) throw refuse('record-altered', { event: granted.event })
  return dtbsr
}
