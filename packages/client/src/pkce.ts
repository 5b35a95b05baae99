/** Proof Key for Code Exchange, S256 (RFC 7636, 4.1 and 4.2). CSC API v2 requires a challenge. */
import { toWire } from '@natsuin/protocol/approval'

export interface Proof {
  /** Kept by the application until the code comes back. */
  readonly verifier: string
  readonly challenge: string
}

export async function newProof(): Promise<Proof> {
  const verifier = randomText()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return { verifier, challenge: toWire(new Uint8Array(digest)) }
}

/** 32 random bytes in base64url: 43 characters, the least that RFC 7636 allows. */
export function randomText(): string {
  return toWire(crypto.getRandomValues(new Uint8Array(32)))
}
