/** A key for one session takes one approval, while the session lasts (TS 119 431-1, SIG-6.3.1-13 and SIG-6.3.1-14). */
import type { ApprovalCheck, ExtensionCheck } from './facts.ts'

export const checkFreeSession: ApprovalCheck = ({ sam, ticket, credential }) => {
  if (credential.keys === 'one-time') sam.oneTimeKeys.checkFree(ticket.credential.id, sam.time.seconds())
}

export const checkOpenSession: ExtensionCheck = ({ sam, sad }) => {
  const { credentialId, key } = sad.terms
  if (key.keys === 'one-time') sam.oneTimeKeys.checkOpen(credentialId, sam.time.seconds())
}
