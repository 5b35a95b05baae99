/**
 * The act by which a SAM acts again whose keys came back from backups (sole-control 8). Those who agree see how old the state
 * is that came back with them.
 */
import { equal, toBase64url } from '@natsuin/pki/encoding'
import type { ActOf } from '@natsuin/protocol/administration'
import type { AdministrationResponse } from '@natsuin/protocol/sap'
import type { ActRules } from '../../administration/act-rules.ts'
import type { ApprovedAct } from '../../administration/approved-act.ts'
import { untilKnown } from '../../audit/removals.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import { makeImportKey } from '../make-import-key.ts'
import { moduleAnswer } from '../module-answer.ts'

export const RESUME_AFTER_RESTORE: ActRules<'resume-after-restore'> = {
  operations: ({ kind }) => [kind],
  about: () => [],
  needed: ({ quorum }) => quorum,
  problems: async (sam, act) => problemsOf(sam, act),
  perform: resume,
}

function problemsOf({ hold: { pending } }: Sam, act: ActOf<'resume-after-restore'>): readonly string[] {
  if (pending === undefined) return ['restorationDigest: no restoration waits for approval']
  const { digest, restoredAt, stateSize, newestAt } = pending
  const isSame =
    equal(digest, act.restorationDigest) &&
    [restoredAt, stateSize, newestAt].join() === [act.restoredAt, act.stateSize, act.newestAt].join()
  return isSame ? [] : ['restorationDigest: another restoration waits for approval']
}

/** @throws Refusal `change-refused`, `log-unavailable`, `module-unavailable` */
async function resume(sam: Sam, approved: ApprovedAct<'resume-after-restore'>): Promise<void> {
  const { act, approvals: statements, approvalDigests: approvals } = approved.redeem()
  if (problemsOf(sam, act).length > 0) throw refuse('change-refused')
  const { restorationDigest } = act
  // It is in no backup: whatever was encrypted for the one before has to be encrypted anew.
  await moduleAnswer(() => makeImportKey(sam.module, sam.roster))
  await sam.logs.state.append({
    leaves: [{ event: 'keys-restored', at: sam.time.milliseconds(), restorationDigest, approvals }],
    records: leaf => [
      sam.records.seal('restoration', restorationId(restorationDigest), 1, { approvals: statements, leaf }),
    ],
  })
  await sam.failpoint('keys-restored')
  await untilKnown(sam)
  await sam.hold.lift()
}

const restorationId = (digest: Uint8Array): string => toBase64url(digest)

/** `restoration/read` — what waits for approval. */
export async function readRestoration({
  hold: { pending },
}: Sam): Promise<AdministrationResponse<'restoration/read'>> {
  if (pending === undefined) return {}
  const { digest: restorationDigest, restoredAt, stateSize, newestAt } = pending
  return { pending: { restorationDigest, restoredAt, stateSize, newestAt } }
}
