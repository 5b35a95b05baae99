/** The ways to approve that this page can ask for. */
import { type ApprovalKind, type ApproveTicket, isByProvider } from '@natsuin/protocol/approval'

export type Way = Extract<ApprovalKind, 'passkey' | 'provider' | 'provider-and-passkey'>

const WAYS: readonly Way[] = ['passkey', 'provider', 'provider-and-passkey']

/** Those of a ticket; by a provider only when the ticket says which. */
export function waysIn({
  approvals,
  provider,
}: Pick<ApproveTicket, 'approvals' | 'provider'>): readonly Way[] {
  return WAYS.filter(way => approvals.includes(way) && (provider !== undefined || !isByProvider(way)))
}
