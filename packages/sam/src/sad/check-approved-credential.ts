/** The credential is linked, valid and not revoked when it is approved for use. */
import { checkUsable } from '../credentials/check-usable.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkApprovedCredential: ApprovalCheck = ({ sam, ticket, credential }) => {
  checkUsable(sam, ticket.credential.id, credential)
}
