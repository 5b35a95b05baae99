/**
 * An attempt with a PIN and a code, the same for every way to approve that has both: it is counted before anything is
 * compared, and the answer does not say which of them was wrong.
 */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { checkUnlocked, lock } from './lock.ts'

export interface Attempt<T> {
  readonly signerId: string
  readonly means: 'pin-totp' | 'pin-sent-code'
  /** What was right; undefined when PIN or code was wrong. Compares both whatever the first one is. */
  readonly compare: () => Promise<T | undefined>
}

/** @throws Refusal `means-locked`, `pin-or-code-wrong` and those of `compare` */
export async function judgeAttempt<T>(sam: Sam, { signerId, means, compare }: Attempt<T>): Promise<T> {
  await countAttempt(sam, signerId, means)
  const right = await compare()
  if (right === undefined) return guessed(sam, signerId)
  sam.attempts.uncount(signerId)
  return right
}

/** @throws Refusal `means-locked` */
async function countAttempt(sam: Sam, signerId: string, means: Attempt<unknown>['means']): Promise<void> {
  await sam.attempts.load(signerId)
  let written = count(sam, signerId)
  const counted = sam.logs.activity.append({
    leaves: [{ event: 'attempted', at: sam.time.milliseconds(), signerId, means }],
    records: () => written,
    // He may have tried at another SAM.
    reread: async () => {
      sam.attempts.forget(signerId)
      await sam.attempts.load(signerId)
      written = count(sam, signerId)
    },
  })
  counted.catch(() => sam.attempts.forget(signerId))
  await counted
  await sam.failpoint('attempted')
}

function count(sam: Sam, signerId: string) {
  checkUnlocked(sam, signerId)
  if (!sam.attempts.count(signerId, sam.time.seconds())) throw refuse('means-locked')
  return sam.attempts.written(signerId)
}

async function guessed(sam: Sam, signerId: string): Promise<never> {
  await sam.attempts.load(signerId)
  const until = sam.attempts.lockedUntil(signerId)
  if (until !== undefined) await lock(sam, signerId, until)
  throw refuse('pin-or-code-wrong')
}
