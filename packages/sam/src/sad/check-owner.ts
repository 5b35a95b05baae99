/** The credential belongs to the signer whom the ticket names (threats T-SAD-13). */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkOwner: ApprovalCheck = ({ ticket, credential }) => {
  if (credential.signerId !== ticket.signer.id) throw refuse('signer-mismatch')
}
