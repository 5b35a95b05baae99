/**
 * What a JSON signature can be over: TS 119 182-1 V1.2.1, 5.1.10 and 5.2.8.
 *
 * Objects that a signature refers to are given by whoever has them. An address in a signature is never fetched: it
 * would let whoever wrote the signature choose what our machine asks.
 */
import type { ByteSource } from '../pdf/byte-source.ts'
import type { DigestedContent } from '../signing/content.ts'

/** Something with an address that is signed where it is (5.2.8.3). */
export interface JadesObject {
  /** URI-reference; stands in the signature. */
  readonly uri: string
  readonly content: ByteSource
  /** Media type; without `application/` where that leaves no other `/` (RFC 7515, 4.1.10). */
  readonly contentType?: string
}

/** One that stays with somebody else: its digest by the algorithm of the signature, over what `unencoded` says. */
export interface DigestedJadesObject extends Omit<JadesObject, 'content'> {
  readonly content: DigestedContent
}

/** An HTTP message of which headers are signed (5.2.8.2). */
export interface HttpMessage {
  /** For `(request-target)`: method, and path with query. */
  readonly request?: { readonly method: string; readonly path: string }
  /** In the order of the message; names in any case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** What the header `Digest` is about. */
  readonly body?: Uint8Array
}

export type JadesContent =
  /** In the signature, or beside it without any reference. `unencoded`: RFC 7797. */
  | { readonly kind: 'attached' | 'detached'; readonly payload: Uint8Array; readonly unencoded?: boolean }
  /** Names of headers in the order in which they are signed. */
  | { readonly kind: 'http-headers'; readonly names: readonly string[]; readonly message: HttpMessage }
  /** The objects themselves are signed, one behind the other. */
  | { readonly kind: 'by-uri'; readonly objects: readonly JadesObject[]; readonly unencoded?: boolean }
  /** Digests of the objects are signed, so that they may be of any length. */
  | {
      readonly kind: 'by-uri-hash'
      readonly objects: readonly (JadesObject | DigestedJadesObject)[]
      readonly unencoded?: boolean
    }

/** What a detached signature is over, as its sigD asks for it. */
export interface DetachedContent {
  /** Where there is no sigD. */
  readonly payload?: Uint8Array
  /** By their URI as it stands in the signature. */
  readonly objects?: ReadonlyMap<string, ByteSource>
  readonly message?: HttpMessage
}
