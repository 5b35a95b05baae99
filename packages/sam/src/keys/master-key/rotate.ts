/**
 * The act that begins a rotation of the master key (sole-control 8 and 11): a new key in the module, under which
 * everything is put from the leaf of the state log on.
 *
 * The new key is named after the request, which is performed once, so that two attempts never share one. What an attempt
 * left in the module that came to nothing is destroyed at the end of the next rotation.
 */
import { toHex } from '@natsuin/pki/encoding'
import type { ActOf } from '@natsuin/protocol/administration'
import type { ActRules } from '../../administration/act-rules.ts'
import type { ApprovedAct } from '../../administration/approved-act.ts'
import { untilKnown } from '../../audit/removals.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import { LABEL } from '../labels.ts'
import { moduleAnswer } from '../module-answer.ts'

export const ROTATE_MASTER_KEY: ActRules<'rotate-master-key'> = {
  operations: ({ kind }) => [kind],
  about: () => [],
  needed: ({ quorum }) => quorum,
  problems: async (sam, act) => problemsOf(sam, act),
  perform: begin,
}

function problemsOf({ state }: Sam, { replaces }: ActOf<'rotate-master-key'>): readonly string[] {
  const { label, retiring } = state.masterKey
  return [
    ...(replaces === label ? [] : [`replaces: the master key is ${label}`]),
    ...(retiring === undefined ? [] : [`keys are still being moved from under ${retiring}`]),
  ]
}

/** @throws Refusal `change-refused`, `log-unavailable`, `module-unavailable` */
async function begin(sam: Sam, approved: ApprovedAct<'rotate-master-key'>): Promise<void> {
  const { act, requestDigest, approvals, approvalDigests } = approved.redeem()
  checkPossible(sam, act)
  const master = `${LABEL.master}-${toHex(requestDigest.subarray(0, 8))}`
  await moduleAnswer(() => sam.module.createMasterKey(master))
  await sam.failpoint('master-key-made')
  const { replaces } = act
  const at = sam.time.milliseconds()
  await sam.logs.state.append({
    leaves: [{ event: 'master-key-rotation-begun', at, master, replaces, approvals: approvalDigests }],
    records: leaf => [sam.records.seal('rotation', master, 1, { approvals, leaf })],
    stillHolds: () => checkPossible(sam, act),
  })
  await sam.failpoint('master-key-rotation-begun')
  await untilKnown(sam)
}

/** Also that no other SAM began one meanwhile. @throws Refusal `change-refused` */
function checkPossible(sam: Sam, act: ActOf<'rotate-master-key'>): void {
  const problems = problemsOf(sam, act)
  if (problems.length > 0) throw refuse('change-refused', { problems })
}
