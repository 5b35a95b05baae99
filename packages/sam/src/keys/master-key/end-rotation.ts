/** Ends a rotation: the state log says that nothing needs the old master key, and then the module destroys it. */
import { Refusal } from '@natsuin/protocol/refusal'
import { untilKnown } from '../../audit/removals.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import { LABEL } from '../labels.ts'
import { moduleAnswer } from '../module-answer.ts'

/** @throws Refusal `log-unavailable`, `module-unavailable` */
export async function endRotation(sam: Sam, retiring: string): Promise<void> {
  const { label: master } = sam.state.masterKey
  await destroyStrays(sam, [master, retiring])
  if (!(await isRecorded(sam, master, retiring))) return
  await sam.failpoint('master-key-rotated')
  await untilKnown(sam)
  // What was granted before its key was moved may still be on its way to the module.
  await Promise.allSettled([...sam.ongoing.values()].map(({ response }) => response))
  await destroyMasterKey(sam, retiring)
}

/** For good, with every key that is under it alone. Nothing when it is gone. @throws Refusal `module-unavailable` */
export async function destroyMasterKey({ module, failpoint }: Sam, label: string): Promise<void> {
  await moduleAnswer(() => module.destroyKey({ kind: 'master', label }))
  await failpoint('master-key-destroyed')
}

/** Keys of attempts that came to nothing. While a rotation is under way there can be no other attempt. */
async function destroyStrays({ module }: Sam, used: readonly string[]): Promise<void> {
  const objects = await moduleAnswer(() => module.objects())
  const labels = objects.map(({ label }) => label).filter(label => label.startsWith(LABEL.master))
  for (const label of labels.filter(one => !used.includes(one))) {
    await moduleAnswer(() => module.destroyKey({ kind: 'master', label }))
  }
}

/** False when another SAM came first. */
async function isRecorded({ logs, state, time }: Sam, master: string, replaces: string): Promise<boolean> {
  try {
    await logs.state.append({
      leaves: [{ event: 'master-key-rotated', at: time.milliseconds(), master, replaces }],
      stillHolds: () => {
        if (state.masterKey.retiring !== replaces) throw refuse('change-refused')
      },
    })
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'change-refused') return false
    throw error
  }
}
