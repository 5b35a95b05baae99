/**
 * The signer knew his PIN and had his authenticator app (sole-control 7): level 2 at most, outside the claim, because both
 * pass through whoever asks him for them.
 *
 * Each attempt is counted before anything is compared. PIN and code are always both compared, and the answer does not
 * say which of them was wrong.
 */
import type { ProofOf } from '@natsuin/protocol/approval'
import { checkUnlocked, lock } from '../../codes/lock.ts'
import { isPin } from '../../codes/pin-verifier.ts'
import { stepOf } from '../../codes/totp.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { SignerRecord } from '../../store/record-shapes.ts'
import type { Approving, LoadedProof, OpenedProof } from './proof.ts'

type Given = ProofOf<'pin-totp'>
type Known = NonNullable<SignerRecord['pinTotp']>

export function openPinTotpProof(given: Given): OpenedProof {
  return { load: (sam, approving) => load(sam, approving, given) }
}

/** @throws Refusal `proof-refused`, `means-locked`, `pin-or-code-wrong` */
async function load(sam: Sam, { ticket, signer }: Approving, given: Given): Promise<LoadedProof> {
  if (signer.pinTotp === undefined) throw refuse('proof-refused')
  const { id } = ticket.signer
  await countAttempt(sam, id)
  const step = await acceptedStep(sam, signer.pinTotp, given)
  if (step === undefined || step <= sam.attempts.lastStep(id)) return guessed(sam, id)
  sam.attempts.uncount(id)
  return {
    kept: { kind: 'pin-totp', step },
    approvedBy: undefined,
    check() {
      checkUnlocked(sam, id)
      // Once more: another approval with the same code may have come first.
      if (step <= sam.attempts.lastStep(id)) throw refuse('pin-or-code-wrong')
    },
    take: () => sam.attempts.accept(id, step),
    forget: () => sam.attempts.forget(id),
  }
}

/** @throws Refusal `means-locked` */
async function countAttempt(sam: Sam, signerId: string): Promise<void> {
  await sam.attempts.load(signerId)
  let written = count(sam, signerId)
  const counted = sam.logs.activity.append({
    leaves: [{ event: 'attempted', at: sam.time.milliseconds(), signerId, means: 'pin-totp' }],
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

/** The step of the code, when the PIN is right as well. */
async function acceptedStep(sam: Sam, known: Known, { pin, code }: Given): Promise<number | undefined> {
  const step = stepOf(known.secret, code, sam.time.seconds())
  return (await isPin(sam.module, pin, known)) ? step : undefined
}

async function guessed(sam: Sam, signerId: string): Promise<never> {
  await sam.attempts.load(signerId)
  const until = sam.attempts.lockedUntil(signerId)
  if (until !== undefined) await lock(sam, signerId, until)
  throw refuse('pin-or-code-wrong')
}
