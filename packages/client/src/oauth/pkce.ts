/** Proof Key for Code Exchange, S256 (RFC 7636, 4.1 and 4.2). CSC API v2 requires a challenge; v1 services ignore it. */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'

export interface Proof {
  /** Kept by the application until the code comes back. */
  readonly verifier: string
  readonly challenge: string
}

export async function newProof(): Promise<Proof> {
  const verifier = randomText()
  const digest = await crypto.subtle.digest('SHA-256', utf8(verifier))
  return { verifier, challenge: toBase64url(new Uint8Array(digest)) }
}

/** 32 random bytes in base64url: 43 characters, the least that RFC 7636 allows. */
export function randomText(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(32)))
}
