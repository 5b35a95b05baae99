/** `tickets/administer` — a ticket for somebody of the roster to approve a request (sole-control 3 and 8). */
import type { AdministerTicket } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { checkStoredRoster } from '../roster/check-stored.ts'
import type { Sam } from '../sam.ts'
import { checkApprover } from './check-approver.ts'

/** @throws Refusal `request-unknown`, `record-altered` and those of `checkApprover` */
export async function issueAdministerTicket(
  sam: Sam,
  { requestId, personId }: SapRequest<'tickets/administer'>,
): Promise<SapResponse<'tickets/administer'>> {
  await checkStoredRoster(sam)
  const proposal = sam.proposals.need(requestId)
  const { id, name, passkeys } = checkApprover(sam, proposal, personId)
  const ticket = await sam.tickets.issue<AdministerTicket>(sam.limits.ticketSeconds, {
    purpose: 'administer',
    level: sam.roster.maxLevel,
    person: { id, name },
    requestDigest: proposal.digest,
  })
  await sam.failpoint('ticket-issued')
  const allow = passkeys.map(passkey => passkey.credentialId)
  return { ticket, allow, request: proposal.request, roster: sam.roster }
}
