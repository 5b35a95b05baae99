/**
 * The signer knew his PIN and got the code that was sent to his address (sole-control 7): level 1, outside the claim, because
 * whoever carries the code, and whoever has the mailbox, knows it as well.
 */
import type { ProofOf } from '@natsuin/protocol/approval'
import { judgeAttempt } from '../../codes/judge-attempt.ts'
import { checkUnlocked } from '../../codes/lock.ts'
import { isPin } from '../../codes/pin-verifier.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { Approving, LoadedProof, OpenedProof } from './proof.ts'

type Given = ProofOf<'pin-sent-code'>

export function openPinSentCodeProof(given: Given): OpenedProof {
  return { load: (sam, approving) => load(sam, approving, given) }
}

/** @throws Refusal `proof-refused`, `means-locked`, `pin-or-code-wrong` */
async function load(sam: Sam, { ticket, signer }: Approving, { pin, code }: Given): Promise<LoadedProof> {
  const { pinSentCode } = signer
  if (pinSentCode === undefined) throw refuse('proof-refused')
  const { id: signerId } = ticket.signer
  await judgeAttempt(sam, {
    signerId,
    means: 'pin-sent-code',
    async compare() {
      const isSent = sam.sentCodes.isCodeOf(ticket, code)
      return (await isPin(sam.module, pin, pinSentCode)) && isSent ? true : undefined
    },
  })
  return {
    kept: { kind: 'pin-sent-code' },
    approvedBy: undefined,
    check: () => checkUnlocked(sam, signerId),
    // The ticket is spent: that is what makes its code good once.
    take: () => sam.attempts.accept(signerId),
    forget: () => sam.attempts.forget(signerId),
  }
}
