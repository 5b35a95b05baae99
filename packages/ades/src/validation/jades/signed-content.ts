/**
 * What a JSON signature is over: the payload in it, or what the verifier has and the signed sigD names (TS 119 182-1
 * V1.2.1, 5.2.8). Nothing is fetched.
 */
import { fromBase64url, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { DetachedContent } from '../../jades/content.ts'
import { malformed } from './json.ts'
import type { ProtectedHeader } from './protected-header.ts'
import { referredContent } from './referred-content.ts'
import type { Serialized } from './serialization.ts'
import { found, type SignedContent } from './signed-thing.ts'

/** @throws ValidationEnded FORMAT_FAILURE, HASH_FAILURE, SIGNED_DATA_NOT_FOUND */
export async function signedContent(
  { members, encoded }: ProtectedHeader,
  { payload, compact }: Serialized,
  given: DetachedContent,
  platform: Digest,
): Promise<SignedContent> {
  const sigD = members.get('sigD')
  if (payload !== undefined) {
    if (sigD !== undefined) throw malformed('sigD beside a payload')
    if (given.payload !== undefined) throw malformed('a content inside and another one outside')
    return attached(payload, encoded, compact)
  }
  if (sigD === undefined) return detached(found(given.payload, 'the payload'), encoded)
  return referredContent(sigD, { encoded, given, platform })
}

/** RFC 7797, 5.2. */
const COMPACT_TEXT = /^[\x20-\x2d\x2f-\x7e]*$/

function attached(written: string, encoded: boolean, compact: boolean): SignedContent {
  const payload = encoded ? fromBase64url(written) : utf8(written)
  if (payload === undefined) throw malformed('payload: no base64url')
  if (compact && !encoded && !COMPACT_TEXT.test(written)) throw malformed('payload: not in compact form')
  return { thing: { kind: 'payload', payload }, ...same(utf8(written)) }
}

function detached(payload: Uint8Array, encoded: boolean): SignedContent {
  return { thing: { kind: 'detached' }, ...same(encoded ? utf8(toBase64url(payload)) : payload) }
}

/** Where a time-stamp is over the same as the signature. */
function same(signed: Uint8Array) {
  return {
    signed,
    async *stamped() {
      yield signed
    },
  }
}
