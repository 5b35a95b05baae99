/**
 * `signers/erase` — what is kept of a person is erased, once nobody can be bound to keep it (C-AL-6; TS 119 431-1
 * V1.3.1, OVR-6.4.6-01).
 *
 * The texts are in sealed records, which are deleted in one transaction with the leaf that says so. The logs keep their
 * digests, salted by nonces that go with the texts: nothing can be compared with them any more, and every proof stays
 * valid. Evidence that somebody has, holds; the SAM makes no more of it.
 */
import { activityLeaf, activityLog } from '@natsuin/protocol/log'
import type { AdministrationRequest, AdministrationResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { RecordKind, SignerRecord } from '../store/record-shapes.ts'
import type { RecordKey } from '../store/store.ts'
import { authenticatorId } from '../webauthn/counters.ts'

const DAY_MILLISECONDS = 86_400_000

/** @throws Refusal `person-unknown`, `retention-running`, `record-altered`, `log-unavailable` */
export async function eraseSigner(
  sam: Sam,
  { signerId }: AdministrationRequest<'signers/erase'>,
): Promise<AdministrationResponse<'signers/erase'>> {
  const { logs, state, time, records } = sam
  await logs.state.catchUp()
  const signer = (await records.read('signer', signerId))?.content
  if (signer === undefined) throw refuse('person-unknown', { signerId })
  const credentialIds = state.credentialsOf(signerId)
  await checkRetention(sam, credentialIds)
  const erased = [...ownRecords(signerId, signer, credentialIds), ...(await approvalsOf(sam, signerId))]
  state.closeSigner(signerId)
  await logs.state.append({
    leaves: [{ event: 'signer-erased', at: time.milliseconds(), signerId }],
    erased,
  })
  return { records: erased.length }
}

/** Counted from the end of the last certificate, revoked or not. */
async function checkRetention(
  { records, time, limits }: Sam,
  credentialIds: readonly string[],
): Promise<void> {
  for (const credentialId of credentialIds) {
    const credential = (await records.read('credential', credentialId))?.content
    const endsAt = (credential?.certificate?.notAfter ?? 0) + limits.retentionDays * DAY_MILLISECONDS
    if (time.certainMilliseconds() < endsAt) throw refuse('retention-running', { credentialId, endsAt })
  }
}

/** That an authenticator was once registered stays known, by a digest: nobody may register it again. */
function ownRecords(
  signerId: string,
  { grantId, authenticators }: SignerRecord,
  credentialIds: readonly string[],
): RecordKey[] {
  return [
    keyOf('signer', signerId),
    keyOf('enrolment', signerId),
    keyOf('tried', signerId),
    keyOf('grant', grantId),
    ...credentialIds.flatMap(id => [keyOf('credential', id), keyOf('certification', id)]),
    ...authenticators.flatMap(({ credentialId }) => [
      keyOf('addition', authenticatorId(credentialId)),
      keyOf('counter', authenticatorId(credentialId)),
    ]),
  ]
}

/** Approvals and what came of them: the activity logs know which they are, the archived leaves among them. */
async function approvalsOf(sam: Sam, signerId: string): Promise<RecordKey[]> {
  const keys: RecordKey[] = []
  for (const instance of sam.state.instances) {
    const sads = new Set<string>()
    for await (const leaf of leavesOf(sam, instance)) {
      if (leaf.event === 'sad-accepted' && leaf.signerId === signerId) {
        sads.add(leaf.sadId)
        keys.push(keyOf('approval', leaf.sadId), keyOf('sad', leaf.sadId))
      }
      if (leaf.event === 'granted' && sads.has(leaf.sadId)) keys.push(keyOf('activation', leaf.activationId))
    }
  }
  return keys
}

const ROWS_PER_READ = 1024

async function* leavesOf({ store }: Sam, instance: string) {
  for (let from = 0; ; from += ROWS_PER_READ) {
    const rows = await store.rows(activityLog(instance), from, ROWS_PER_READ)
    for (const { leaf } of rows) yield readStrictJson(leaf, activityLeaf)
    if (rows.length < ROWS_PER_READ) return
  }
}

const keyOf = (kind: RecordKind, id: string): RecordKey => ({ kind, id })
