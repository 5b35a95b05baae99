/** The browser's part of an answer: WebAuthn Level 3, 5.8.1 (CollectedClientData). */
import { fromUtf8, toBase64url } from '@natsuin/pki/encoding'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand, type EvidenceReason } from '../verdict.ts'

/** Checks that the approval origin asked for exactly this statement, in its own window. */
export async function checkClientData(
  clientDataJSON: Uint8Array,
  type: 'webauthn.get' | 'webauthn.create',
  statement: Uint8Array,
  sam: Sam,
  reason: EvidenceReason,
): Promise<void> {
  const clientData = parse(clientDataJSON, reason)
  demand(clientData['type'] === type, reason, 'an answer of another ceremony')
  const challenge = toBase64url(await sam.platform.digest('sha256', statement))
  demand(clientData['challenge'] === challenge, reason, 'the authenticator answered for another statement')
  demand(clientData['origin'] === sam.roster.approvalOrigin, 'wrong-origin', 'another origin asked')
  demand(
    clientData['crossOrigin'] !== true && clientData['topOrigin'] === undefined,
    'wrong-origin',
    'asked in a frame',
  )
}

function parse(bytes: Uint8Array, reason: EvidenceReason): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes) ?? '')
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown> // checked just here
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new BrokenLink(reason, 'the client data is not a JSON object')
}
