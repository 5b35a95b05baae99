/**
 * Approvals with PIN and code, which an application collects (CSC API v2.0.0.2, 11.6): no page, no redirect.
 *
 * The statement is written here, and says what is true: the signer saw none of the documents. The SAD that the
 * application gets is a value of ours, stored as its digest, as for tokens.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { type ApproveStatement, madeVisible, toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import type { Activations, GivenOut } from './activations.ts'
import type { Sam } from './sam.ts'

export interface ExplicitRequest {
  readonly credentialId: string
  readonly clientId: string
  /** Thumbprint of what the SAD works with alone; see `Activations.keepGivenOut`. */
  readonly boundTo: string | undefined
  readonly digestAlgorithm: DigestAlgorithm
  readonly dtbsrs: readonly Uint8Array[]
  /** What the application says they are; may be empty. */
  readonly description: string
  readonly pin: string
  readonly code: string
}

export interface ExplicitApprovals {
  /** @throws Refusal `pin-or-code-wrong`, `means-locked` and others of the SAM */
  authorize(request: ExplicitRequest): Promise<GivenOut>
}

export function createExplicitApprovals({
  sam,
  activations,
}: {
  readonly sam: Sam
  readonly activations: Activations
}): ExplicitApprovals {
  return {
    async authorize(request) {
      const { credentialId, clientId, pin, code } = request
      const { ticket } = await sam.call('tickets/approve', { credentialId, clientId })
      const statement = writeJson(toWire(statementFor(ticket, request)))
      const sad = await sam.call('approve', { statement, proof: { kind: 'pin-totp', pin, code } })
      return { value: await activations.keepGivenOut(sad, request.boundTo), sad }
    },
  }
}

function statementFor(
  ticket: string,
  { digestAlgorithm, dtbsrs, description }: ExplicitRequest,
): ApproveStatement {
  const items = dtbsrs.map(
    (dtbsr, i) => ({ basis: 'unseen', label: labelOf(description, i), dtbsr }) as const,
  )
  return { v: 1, purpose: 'approve', ticket, digestAlgorithm, numSignatures: items.length, items }
}

const MAX_DESCRIPTION = 200

/** The application's word, and which of them it is. */
function labelOf(description: string, index: number): string {
  const said = description === '' ? 'digest' : madeVisible(description, MAX_DESCRIPTION)
  return `${said} (${index + 1})`
}
