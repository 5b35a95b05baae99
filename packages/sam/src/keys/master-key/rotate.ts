/**
 * The act that begins a rotation of the master key (sole-control 8 and 11): a new key in the module, under which
 * everything is put from the leaf of the state log on.
 *
 * The new key is named after the request, which is performed once, so that two attempts never share one. What an attempt
 * left in the module that came to nothing is destroyed at the end of the next rotation.
 */
import { toHex } from '@natsuin/pki/encoding'
import type { ActOf } from '@natsuin/protocol/administration'
import type { SharedBackup } from '@natsuin/protocol/keys'
import type { ActRules } from '../../administration/act-rules.ts'
import type { ApprovedAct } from '../../administration/approved-act.ts'
import { untilKnown } from '../../audit/removals.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import { backupLeaves } from '../backup/backup-leaves.ts'
import { problemsOfBackup } from '../backup/backup-rules.ts'
import { addKeyWitnesses } from '../backup/key-witnesses.ts'
import { makeKeys } from '../backup/make-keys.ts'
import { LABEL } from '../labels.ts'
import { moduleAnswer } from '../module-answer.ts'

export const ROTATE_MASTER_KEY: ActRules<'rotate-master-key'> = {
  operations: ({ kind }) => [kind],
  about: () => [],
  needed: ({ quorum }) => quorum,
  problems: async (sam, act) => [...problemsOf(sam, act), ...(await problemsOfOthers(sam, act))],
  perform: begin,
}

function problemsOf(
  { state, keyWitnessFile }: Sam,
  { replaces, backup }: ActOf<'rotate-master-key'>,
): readonly string[] {
  const { label, retiring } = state.masterKey
  return [
    ...(replaces === label ? [] : [`replaces: the master key is ${label}`]),
    ...(retiring === undefined ? [] : [`keys are still being moved from under ${retiring}`]),
    ...problemsOfBackup(backup),
    ...(backup !== undefined && keyWitnessFile === '' ? ['backup: the SAM has no keyWitnessFile'] : []),
  ]
}

/** A token's key of which copies left is known by its witness alone, and another SAM reads its file when it starts. */
async function problemsOfOthers(
  { module, store }: Sam,
  { backup }: ActOf<'rotate-master-key'>,
): Promise<readonly string[]> {
  if (backup === undefined || module.description.kind === 'software') return []
  const running = (await store.sams?.all()) ?? []
  if (running.length < 2) return []
  return [
    'backup: other SAMs are running; stop them, and start them again with the keyWitnessFile of this one',
  ]
}

/** @throws Refusal `change-refused`, `log-unavailable`, `module-unavailable` */
async function begin(sam: Sam, approved: ApprovedAct<'rotate-master-key'>): Promise<void> {
  const { act, requestDigest, approvals, approvalDigests } = approved.redeem()
  checkPossible(sam, act)
  const master = `${LABEL.master}-${toHex(requestDigest.subarray(0, 8))}`
  const backup = await makeMasterKey(sam, master, act)
  await sam.failpoint('master-key-made')
  const { replaces } = act
  const at = sam.time.milliseconds()
  const kept = { approvals, ...(backup !== undefined && { backup }) }
  await sam.logs.state.append({
    leaves: [
      { event: 'master-key-rotation-begun', at, master, replaces, approvals: approvalDigests },
      ...backupLeaves(backup, at),
    ],
    records: leaf => [sam.records.seal('rotation', master, 1, { ...kept, leaf })],
    stillHolds: () => checkPossible(sam, act),
  })
  await sam.failpoint('master-key-rotation-begun')
  await untilKnown(sam)
}

/** With the backup, if there is to be one; what it is recognised by is on disk before anything is under it. */
async function makeMasterKey(
  { module, keyWitnessFile, roster, time }: Sam,
  label: string,
  { backup: terms }: ActOf<'rotate-master-key'>,
): Promise<SharedBackup | undefined> {
  const options = { deployment: roster.deployment, terms, madeAt: time.seconds() }
  const backup = await moduleAnswer(() => makeKeys(module, [{ kind: 'master', label }], options))
  await addKeyWitnesses(keyWitnessFile, backup?.keys ?? [])
  return backup
}

/** Also that no other SAM began one meanwhile. @throws Refusal `change-refused` */
function checkPossible(sam: Sam, act: ActOf<'rotate-master-key'>): void {
  const problems = problemsOf(sam, act)
  if (problems.length > 0) throw refuse('change-refused', { problems })
}
