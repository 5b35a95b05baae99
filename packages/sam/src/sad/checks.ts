/**
 * Every check on signature activation data, in order; and the three values that exist only after the last of them.
 *
 * Functions that take one of them need no checks of their own: nothing but this file
 * can make one.
 */
import { checkAlgorithm } from './check-algorithm.ts'
import { checkApprovedCredential } from './check-approved-credential.ts'
import { checkApprover } from './check-approver.ts'
import { checkAuthorised } from './check-authorised.ts'
import { checkBasis } from './check-basis.ts'
import { checkClient } from './check-client.ts'
import { checkCount } from './check-count.ts'
import { checkCredential } from './check-credential.ts'
import { checkDigests } from './check-digests.ts'
import { checkHashType } from './check-hash-type.ts'
import { checkModule } from './check-module.ts'
import { checkOwner } from './check-owner.ts'
import { checkPreimages } from './check-preimages.ts'
import { checkPrepared } from './check-prepared.ts'
import { checkProof } from './check-proof.ts'
import { checkProofKind } from './check-proof-kind.ts'
import { checkRequest } from './check-request.ts'
import { checkSeen } from './check-seen.ts'
import { checkFreeSession, checkOpenSession } from './check-session.ts'
import { checkSound } from './check-sound.ts'
import { checkTemplate } from './check-template.ts'
import { checkTime } from './check-time.ts'
import { checkUses } from './check-uses.ts'
import { checkVouched } from './check-vouched.ts'
import type {
  ApprovalCheck,
  ApprovalFacts,
  ExtensionCheck,
  ExtensionFacts,
  UseCheck,
  UseFacts,
} from './facts.ts'

/** Before an approval becomes a SAD (sole-control 4, step 5). Ticket and challenge were judged by `open-answer`. */
const APPROVAL_CHECKS: readonly ApprovalCheck[] = [
  checkOwner,
  checkProofKind,
  checkProof,
  checkApprovedCredential,
  checkFreeSession,
  checkCount,
  checkDigests,
  checkBasis,
  checkHashType,
  checkSeen,
  checkRequest,
  checkVouched,
  checkPreimages,
]

/** Before a SAD goes on (sole-control 4). */
const EXTENSION_CHECKS: readonly ExtensionCheck[] = [
  checkClient,
  checkCredential,
  checkApprover,
  checkOpenSession,
  checkTime,
  checkUses,
  checkAuthorised,
]

/** Before each use of a SAD (sole-control 5). */
const USE_CHECKS: readonly UseCheck[] = [
  checkClient,
  checkCredential,
  checkSound,
  checkModule,
  checkApprover,
  checkOpenSession,
  checkTime,
  checkAlgorithm,
  checkUses,
  checkAuthorised,
  checkTemplate,
  checkPrepared,
]

/** An approval that the signer gave, for what the SAM may do. */
export class VerifiedApproval {
  readonly facts: ApprovalFacts

  private constructor(facts: ApprovalFacts) {
    this.facts = facts
  }

  /** @throws Refusal with the code of the first check that does not hold */
  static check(facts: ApprovalFacts): VerifiedApproval {
    for (const check of APPROVAL_CHECKS) check(facts)
    return new VerifiedApproval(facts)
  }
}

/** A request to go on with a SAD that covers it, at this moment. To be done in the same turn of the event loop. */
export class VerifiedExtension {
  readonly facts: ExtensionFacts

  private constructor(facts: ExtensionFacts) {
    this.facts = facts
  }

  /** @throws Refusal with the code of the first check that does not hold */
  static check(facts: ExtensionFacts): VerifiedExtension {
    for (const check of EXTENSION_CHECKS) check(facts)
    return new VerifiedExtension(facts)
  }
}

/** A request to sign that its SAD covers, at this moment. To be redeemed in the same turn of the event loop. */
export class VerifiedUse {
  readonly facts: UseFacts

  private constructor(facts: UseFacts) {
    this.facts = facts
  }

  /** @throws Refusal with the code of the first check that does not hold */
  static check(facts: UseFacts): VerifiedUse {
    for (const check of USE_CHECKS) check(facts)
    return new VerifiedUse(facts)
  }
}
