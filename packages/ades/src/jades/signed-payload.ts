/** What stands in the signature as its payload, and with what it contributes to what is signed. */
import { fromUtf8, join, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import type { JadesContent, JadesObject } from './content.ts'
import { signedHeaders } from './http-headers.ts'
import type { JadesSerialization } from './jws.ts'
import { objectOctets } from './object-octets.ts'

export interface SignedPayload {
  /** As it stands in the signature; absent where the content is detached. */
  readonly written?: string
  /** Behind the full stop of the JWS Signing Input (RFC 7515, 5.1; RFC 7797, 3). */
  readonly signed: Uint8Array
}

/** @throws AdesRefusal `payload-unwritable`, `content-missing` */
export async function signedPayload(
  content: JadesContent,
  serialization: JadesSerialization,
): Promise<SignedPayload> {
  switch (content.kind) {
    case 'attached': {
      const written = content.unencoded
        ? plainText(content.payload, serialization)
        : toBase64url(content.payload)
      return { written, signed: utf8(written) }
    }
    case 'detached':
      return { signed: content.unencoded ? content.payload : utf8(toBase64url(content.payload)) }
    case 'http-headers':
      return { signed: signedHeaders(content.names, content.message) }
    case 'by-uri':
      return { signed: await joined(content.objects, !content.unencoded) }
    // 5.2.8.3.3: the payload contributes as an empty stream; sigD has the digests.
    case 'by-uri-hash':
      return { signed: new Uint8Array() }
  }
}

/** RFC 7797, 5.2: in the compact form the text may have no full stop and nothing beyond ASCII. */
const COMPACT = /^[\x20-\x2d\x2f-\x7e]*$/

function plainText(payload: Uint8Array, serialization: JadesSerialization): string {
  const text = fromUtf8(payload)
  const fits = text !== undefined && (serialization !== 'compact' || COMPACT.test(text))
  if (!fits) throw new AdesRefusal('payload-unwritable')
  return text
}

/** 5.2.8.3.2: each object by itself is encoded, and nothing is encoded again. */
async function joined(objects: readonly JadesObject[], encoded: boolean): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  // A source may reuse its memory.
  for (const { content } of objects)
    for await (const octets of objectOctets(content, encoded)) parts.push(octets.slice())
  return join(parts)
}
