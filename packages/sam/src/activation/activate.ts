/**
 * One activation from its permission to its release (sole-control 5).
 *
 * granted is committed → the module signs → the values are verified → completed is committed → the revocation
 * fence is compared → the values are released. What was granted is used up, whatever comes after; what was not
 * completed is never released.
 */
import { digestSync } from '@natsuin/pki/node'
import type { Refusal } from '@natsuin/protocol/refusal'
import type { SapResponse } from '@natsuin/protocol/sap'
import { checkStanding } from '../credentials/check-standing.ts'
import { endSession } from '../keys/end-session.ts'
import { refreshKey } from '../keys/master-key/refresh-key.ts'
import { refuse } from '../refuse.ts'
import { sadRecordOf } from '../sad/accept-approval.ts'
import { checkMayApprove } from '../sad/check-approver.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import type { AuthorisedActivation } from './authorised-activation.ts'
import type { Settled } from './ongoing.ts'
import { answered, commitmentOf, keptRepresentations } from './representation.ts'
import { signActivation } from './sign.ts'
import { areOwnSignatures } from './verify-own-signatures.ts'

type ActivationRecord = RecordOf<'activation'>

/** @throws Refusal `module-unavailable`, `credential-revoked`, `log-unavailable` */
export async function activate(
  sam: Sam,
  activation: AuthorisedActivation,
  requestDigest: Uint8Array,
): Promise<SapResponse<'sign'>> {
  try {
    return await run(sam, activation, requestDigest)
  } finally {
    activation.sad.finish()
    await endWithLastUse(sam, activation)
  }
}

async function run(
  sam: Sam,
  activation: AuthorisedActivation,
  requestDigest: Uint8Array,
): Promise<SapResponse<'sign'>> {
  const granted = await commitGranted(sam, activation, requestDigest)
  await sam.failpoint('granted')
  const signatures = await signOrSettle(sam, activation, granted)
  await sam.failpoint('module-signed')
  await commitCompleted(sam, activation, granted, signatures)
  await sam.failpoint('completed')
  await release(sam, activation)
  const { activationId, representations } = activation
  return { activationId, signatures, ...answered(keptRepresentations(representations)) }
}

/** A key for one session goes with the last signature that was approved. */
async function endWithLastUse(sam: Sam, { sad }: AuthorisedActivation): Promise<void> {
  const { credentialId, key } = sad.terms
  if (key.keys === 'one-time' && sad.isOver) await endSession(sam, credentialId)
}

async function commitGranted(
  sam: Sam,
  activation: AuthorisedActivation,
  requestDigest: Uint8Array,
): Promise<ActivationRecord> {
  const { activationId, sad, representations } = activation
  const { sadId, credentialId, expiresAt, nonce } = sad.terms
  const made = keptRepresentations(representations)
  const record = (leaf: number): ActivationRecord => ({
    sadId,
    credentialId,
    requestDigest,
    retryUntil: expiresAt + sam.limits.retrySeconds,
    grantedLeaf: leaf,
    outcome: 'granted',
    signatures: [],
    ...(made.length > 0 && { made }),
  })
  // As of now: other activations of the same SAD may move these before the journal writes.
  const sadRecord = sam.records.seal('sad', sadId, sad.version, sadRecordOf(sad))
  const commitments = representations.map(one => digestSync('sha256', commitmentOf(nonce, one)))
  const at = sam.time.milliseconds()
  try {
    const leaf = await sam.logs.activity.append({
      leaves: [
        {
          event: 'granted',
          at,
          stateSize: sam.logs.state.size,
          activationId,
          sadId,
          credentialId,
          commitments,
        },
      ],
      records: first => [sam.records.seal('activation', activationId, 1, record(first)), sadRecord],
    })
    return record(leaf)
  } catch (error) {
    sad.void()
    throw error
  }
}

/** The values, verified; or the reservation is settled as failed and stays used up. */
async function signOrSettle(
  sam: Sam,
  activation: AuthorisedActivation,
  granted: ActivationRecord,
): Promise<Uint8Array[]> {
  try {
    await sam.lease.need()
    checkFence(sam, activation)
    await refreshKey(sam, activation.sad)
    const signatures = await signActivation(sam.module, activation)
    if (!(await areOwnSignatures(activation, signatures))) throw faulty(sam, activation)
    checkFence(sam, activation)
    return signatures
  } catch (error) {
    await settleNowOrLater(sam, activation.activationId, granted, 'failed')
    throw error
  }
}

function faulty({ quarantine, alert }: Sam, { sad }: AuthorisedActivation): Refusal {
  const { credentialId } = sad.terms
  if (quarantine.fault(credentialId)) alert('key-set-aside', { credentialId })
  return refuse('module-unavailable', { faulty: true })
}

async function commitCompleted(
  sam: Sam,
  { activationId }: AuthorisedActivation,
  granted: ActivationRecord,
  signatures: readonly Uint8Array[],
): Promise<void> {
  const signatureDigests = signatures.map(signature => digestSync('sha256', signature))
  const record = (leaf: number): ActivationRecord => ({
    ...granted,
    outcome: 'completed',
    completedLeaf: leaf,
    signatures,
  })
  try {
    await sam.logs.activity.append({
      leaves: [{ event: 'completed', at: sam.time.milliseconds(), activationId, signatureDigests }],
      records: first => [sam.records.seal('activation', activationId, 2, record(first))],
    })
  } catch (error) {
    await settleNowOrLater(sam, activationId, granted, 'unknown')
    throw error
  }
}

/**
 * The point of no return. What the fence keeps back stays on record, sealed: a retry meets the same fence, and evidence
 * is for whoever has the value.
 */
async function release(sam: Sam, activation: AuthorisedActivation): Promise<void> {
  await sam.lease.need()
  checkFence(sam, activation)
}

/** A log that cannot be written now will be, by this process or by the next: no reservation stays without an outcome. */
async function settleNowOrLater(
  sam: Sam,
  activationId: string,
  granted: ActivationRecord,
  outcome: Settled,
): Promise<void> {
  try {
    await settle(sam, activationId, granted, outcome)
  } catch {
    sam.leftOpen.set(activationId, outcome)
  }
}

/** Records that nothing comes of a reservation; in the log alone when its record was lost. */
export async function settle(
  sam: Pick<Sam, 'logs' | 'records' | 'time'>,
  activationId: string,
  granted: ActivationRecord | undefined,
  outcome: Settled,
): Promise<void> {
  await sam.logs.activity.append({
    leaves: [{ event: 'settled', at: sam.time.milliseconds(), activationId, outcome }],
    records: () =>
      granted === undefined ? [] : [sam.records.seal('activation', activationId, 2, { ...granted, outcome })],
  })
}

/** What was revoked or taken away meanwhile signs and releases nothing (threats G4). @throws Refusal those of both checks */
function checkFence(sam: Sam, { sad }: AuthorisedActivation): void {
  checkStanding(sam, sad.terms.credentialId)
  checkMayApprove(sam, sad.terms)
}
