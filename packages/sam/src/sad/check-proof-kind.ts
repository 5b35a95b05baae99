/** The approval was given in a way that the credential's class accepts (sole-control 4 and 7). */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkProofKind: ApprovalCheck = ({ proof, credential }) => {
  if (!credential.approvals.includes(proof.kept.kind)) throw refuse('proof-refused')
}
