/** What an approval is about: the request as `server` has it, believed only as far as ticket and digests prove it. */
import { browserPlatform } from '@natsuin/pki/browser'
import { type ApproveTicket, approveTicket } from '@natsuin/protocol/approval'
import { checkItems, type PendingItem } from './approval.ts'
import { type Asked, readAsked } from './asked.ts'
import type { Deployment } from './deployment.ts'
import { Problem } from './problem.ts'
import { type ApprovalAnswer, approvalAnswer, type Service } from './service.ts'
import { openTicket } from './ticket.ts'
import { waysIn } from './ways.ts'

export interface Approval {
  /** Path of the approval at `server`. */
  readonly path: string
  readonly answer: ApprovalAnswer
  /** Opened with the pinned SAM key. */
  readonly ticket: ApproveTicket
  readonly asked: Asked
  /** What is asked for, with what of it the page has checked already. */
  readonly items: readonly PendingItem[]
  /** `performance.now()` when the ticket arrived. */
  readonly openedAt: number
}

/** @throws Problem */
export async function openApproval(
  handle: string,
  deployment: Deployment,
  service: Service,
): Promise<Approval> {
  const path = `/approvals/${handle}`
  const answer = await service.get(path, approvalAnswer)
  const openedAt = performance.now()
  const ticket = await openTicket(answer.ticket, approveTicket, deployment, browserPlatform)
  if (waysIn(ticket).length === 0) throw new Problem('not-on-this-page')
  const asked = await readAsked(answer.request, ticket, deployment.serverOrigin)
  const items = await checkItems(asked, ticket, browserPlatform)
  return { path, answer, ticket, asked, items, openedAt }
}
