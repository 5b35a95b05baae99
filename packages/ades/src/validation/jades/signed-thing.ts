/** What a signature is over, and with which octets (RFC 7515, 5.1; TS 119 182-1 V1.2.1, 5.3.6.2.3). */
import { ValidationEnded } from '../verdict.ts'

/** What the signature says it is over. */
export type SignedThing =
  | { readonly kind: 'payload'; readonly payload: Uint8Array }
  | { readonly kind: 'detached' }
  /** URIs as they stand in the signature. */
  | { readonly kind: 'objects'; readonly uris: readonly string[] }
  /** Names of headers. */
  | { readonly kind: 'http-headers'; readonly names: readonly string[] }

export interface SignedContent {
  readonly thing: SignedThing
  /** Behind the full stop of the JWS Signing Input. */
  readonly signed: Uint8Array
  /** What an archive time-stamp is over in its place (steps 1 and 2). */
  stamped(): AsyncIterable<Uint8Array>
}

/** @throws ValidationEnded SIGNED_DATA_NOT_FOUND */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', what)
  return value
}
