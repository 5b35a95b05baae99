/**
 * Approvals with PIN and code, which an application collects (CSC API v2.0.0.2, 11.6): no page, no redirect. The code is one
 * of the signer's app, or the one that was sent to him.
 *
 * The statement is written here, and says what is true: the signer saw none of the documents. The SAD that the
 * application gets is a value of ours, stored as its digest, as for tokens.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { type ApprovalItem, type ApproveStatement, type HashType, toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { itemOf } from '@natsuin/protocol/request'
import { writeJson } from '@natsuin/protocol/shape'
import type { Activations, GivenOut } from './activations.ts'
import type { CodeMeans } from './credentials.ts'
import { itemLabel } from './item-label.ts'
import type { Sam } from './sam.ts'
import type { Asked, SentCodes } from './sent-codes.ts'

export interface ExplicitRequest {
  readonly credentialId: string
  readonly clientId: string
  /** Thumbprint of what the SAD works with alone; see `Activations.keepGivenOut`. */
  readonly boundTo: string | undefined
  readonly digestAlgorithm: DigestAlgorithm
  readonly hashType: HashType
  readonly digests: readonly Uint8Array[]
  /** What the application says they are; may be empty. */
  readonly description: string
  readonly means: CodeMeans
  readonly pin: string
  readonly code: string
}

export interface ExplicitApprovals {
  /** @throws Refusal `pin-or-code-wrong`, `means-locked` and others of the SAM */
  authorize(request: ExplicitRequest): Promise<GivenOut>
}

export interface ExplicitParts {
  readonly sam: Sam
  readonly activations: Activations
  readonly sentCodes: Pick<SentCodes, 'ticketOf'>
}

export function createExplicitApprovals(parts: ExplicitParts): ExplicitApprovals {
  const { sam, activations } = parts
  return {
    async authorize(request) {
      const { means: kind, pin, code } = request
      const ticket = await TICKETS[kind](parts, request)
      // What was never sent, or is over, is as wrong as a wrong code.
      if (ticket === undefined) throw new Refusal('pin-or-code-wrong')
      const statement = writeJson(toWire(statementFor(ticket, request)))
      const sad = await sam.call('approve', { statement, proof: { kind, pin, code } })
      return { value: await activations.keepGivenOut(sad, request.boundTo), sad }
    },
  }
}

type TicketOf = (parts: ExplicitParts, asked: Asked) => Promise<string | undefined>

const TICKETS: Readonly<Record<CodeMeans, TicketOf>> = {
  'pin-totp': async ({ sam }, { credentialId, clientId }) =>
    (await sam.call('tickets/approve', { credentialId, clientId })).ticket,
  // The one that the code was made with.
  'pin-sent-code': ({ sentCodes }, asked) => sentCodes.ticketOf(asked),
}

function statementFor(
  ticket: string,
  { digestAlgorithm, hashType, digests, description }: ExplicitRequest,
): ApproveStatement {
  const items = digests.map((digest, i): ApprovalItem => {
    return { basis: 'unseen', ...itemOf(itemLabel(description, i), hashType, digest) }
  })
  return { v: 1, purpose: 'approve', ticket, digestAlgorithm, numSignatures: items.length, items }
}
