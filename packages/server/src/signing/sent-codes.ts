/**
 * Codes that are sent: the SAM makes one with a ticket, this server carries it to the signer's address and keeps the ticket
 * until the application brings the code (CSC API v2.0.0.2, 11.8; v1.0.4.0, 11.8).
 */
import { approveTicket, peekJws } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import type { DeliverCode } from '../delivery/message.ts'
import type { SentCodeRepository } from '../storage/sent-codes.ts'
import type { Sam } from './sam.ts'

export interface Asked {
  readonly credentialId: string
  readonly clientId: string
}

export interface SentCodes {
  /** Resolves when it is on its way. @throws Refusal `code-not-sent` and those of the SAM */
  send(asked: Asked): Promise<void>
  /** The ticket of the newest one; undefined when none was sent, or it is over. */
  ticketOf(asked: Asked): Promise<string | undefined>
}

export interface SentCodeParts {
  readonly sam: Sam
  readonly sentCodes: SentCodeRepository
  readonly clock: Clock
  /** Undefined: nobody carries codes. */
  readonly deliver: DeliverCode | undefined
  readonly onUndelivered: (cause: unknown) => void
}

export function createSentCodes({ sam, sentCodes, clock, deliver, onUndelivered }: SentCodeParts): SentCodes {
  return {
    async send(asked) {
      if (deliver === undefined) throw new Refusal('code-not-sent')
      const { ticket, code, address } = await sam.call('tickets/sent-code', asked)
      const { client, credential, issuedAt, expiresAt } = peekJws(ticket, 'natsuin-ticket', approveTicket)
      await sentCodes.put({
        credential_id: asked.credentialId,
        client_id: asked.clientId,
        ticket,
        expires_at: expiresAt,
      })
      const minutes = Math.max(1, Math.floor((expiresAt - issuedAt) / 60))
      try {
        await deliver({ address, code, client: client.name, credential: credential.label, minutes })
      } catch (cause) {
        onUndelivered(cause)
        throw new Refusal('code-not-sent', {}, { cause })
      }
    },
    ticketOf: ({ credentialId, clientId }) =>
      sentCodes.ticketOf(credentialId, clientId, epochSeconds(clock())),
  }
}
