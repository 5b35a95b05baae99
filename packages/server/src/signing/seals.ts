/** Approvals by software with a seal key (sole-control 7), from the ticket to the SAD. Whose software it is, its caller knows. */
import { approveStatement, approveTicket, peekJws } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { readStrictJson } from '@natsuin/protocol/shape'
import type { AcceptedSad } from './approvals.ts'
import type { Sam } from './sam.ts'

export interface SealedStatement {
  readonly statement: Uint8Array
  readonly seal: string
}

export interface SealedApprovals {
  ticket(clientId: string, credentialId: string): Promise<string>
  /** @throws Refusal `client-mismatch`, or of the SAM */
  approve(clientId: string, sealed: SealedStatement): Promise<AcceptedSad>
}

export function createSealedApprovals(sam: Sam): SealedApprovals {
  return {
    ticket: async (clientId, credentialId) =>
      (await sam.call('tickets/approve', { credentialId, clientId })).ticket,
    approve(clientId, { statement, seal }) {
      checkTicket(clientId, statement)
      return sam.call('approve', { statement, proof: { kind: 'seal-key', seal } })
    },
  }
}

/** A client carries its own approvals only; the SAM binds them to the client whom the ticket names. */
function checkTicket(clientId: string, statement: Uint8Array): void {
  const { ticket } = readStrictJson(statement, approveStatement)
  const { client } = peekJws(ticket, 'natsuin-ticket', approveTicket)
  if (client.id !== clientId) throw new Refusal('client-mismatch')
}
