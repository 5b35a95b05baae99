/**
 * The signer knew his PIN and had his authenticator app (sole-control 7): level 2 at most, outside the claim, because both
 * pass through whoever asks him for them.
 */
import type { ProofOf } from '@natsuin/protocol/approval'
import { judgeAttempt } from '../../codes/judge-attempt.ts'
import { checkUnlocked } from '../../codes/lock.ts'
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
  const { pinTotp } = signer
  if (pinTotp === undefined) throw refuse('proof-refused')
  const { id: signerId } = ticket.signer
  const step = await judgeAttempt(sam, {
    signerId,
    means: 'pin-totp',
    compare: () => newStep(sam, signerId, pinTotp, given),
  })
  return {
    kept: { kind: 'pin-totp', step },
    approvedBy: undefined,
    check() {
      checkUnlocked(sam, signerId)
      // Once more: another approval with the same code may have come first.
      if (step <= sam.attempts.lastStep(signerId)) throw refuse('pin-or-code-wrong')
    },
    take: () => sam.attempts.accept(signerId, step),
    forget: () => sam.attempts.forget(signerId),
  }
}

/** The step of the code, when the PIN is right as well, and neither it nor a later one was used. */
async function newStep(sam: Sam, signerId: string, known: Known, { pin, code }: Given) {
  const step = stepOf(known.secret, code, sam.time.seconds())
  if (!(await isPin(sam.module, pin, known)) || step === undefined) return undefined
  return step > sam.attempts.lastStep(signerId) ? step : undefined
}
