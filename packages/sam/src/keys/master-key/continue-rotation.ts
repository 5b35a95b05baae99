/**
 * Carries a rotation of the master key to its end, behind everything else that the SAM does.
 *
 * Which keys are where is in their records alone, so it begins anew after a crash and finds done what is done. Every SAM
 * of the deployment works on it, from a place of its own in the list, and it goes on when one is lost.
 */
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Sam } from '../../sam.ts'
import { destroyMasterKey, endRotation } from './end-rotation.ts'
import { moveKey } from './move-key.ts'

/** How long until what could not be moved is tried again. */
const PAUSE_SECONDS = 60

/** Does what is left to do, if anything is. @throws Refusal `log-unavailable`, `module-unavailable` */
export async function continueRotation(sam: Sam, isStopping: () => boolean = () => false): Promise<void> {
  const { state, rotation } = sam
  const { retiring, retired } = state.masterKey
  if (retiring !== undefined) await moveAll(sam, retiring, isStopping)
  // A crash may have come between the log and the module.
  else if (retired !== undefined && retired !== rotation.destroyed) {
    await destroyMasterKey(sam, retired)
    rotation.destroyed = retired
  }
}

async function moveAll(sam: Sam, retiring: string, isStopping: () => boolean): Promise<void> {
  const { rotation, state, time, alert } = sam
  if (time.seconds() < rotation.pausedUntil) return
  const credentials = fromOwnPlace(sam)
  rotation.begin(credentials.length)
  for (const credentialId of credentials) {
    if (isStopping()) return
    if (!(await moveKey(sam, credentialId))) rotation.heldUp.add(credentialId)
    rotation.looked += 1
  }
  const { size: heldUp } = rotation.heldUp
  if (heldUp > 0) alert('rotation-held-up', { credentials: heldUp })
  if (heldUp > 0 || state.masterKey.hasSessions(time.milliseconds())) {
    rotation.pausedUntil = time.seconds() + PAUSE_SECONDS
  } else await endRotation(sam, retiring)
}

/** All credentials, each SAM's list beginning elsewhere. */
function fromOwnPlace({ state, identity }: Sam): readonly string[] {
  const all = state.credentials()
  const [first = 0, second = 0, third = 0] = digestSync('sha256', utf8(identity.instance))
  const from = all.length === 0 ? 0 : ((first << 16) | (second << 8) | third) % all.length
  return [...all.slice(from), ...all.slice(0, from)]
}
