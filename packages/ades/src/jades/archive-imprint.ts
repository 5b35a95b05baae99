/**
 * What an archive time-stamp is over: TS 119 182-1 V1.2.1, 5.3.6.2.3 (elements in base64url) and 5.3.6.2.4 (elements in
 * plain JSON): the content, the signed header, the signature value, and every unsigned value that is there already.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { canonicalJson } from '@natsuin/pki/json'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../pdf/byte-source.ts'
import { AdesRefusal } from '../refusal.ts'
import type { DetachedContent } from './content.ts'
import { stampedHeaders } from './http-headers.ts'
import { asList, asObject, asText, type JsonObject } from './json-values.ts'
import { decodedObject, type Jws, type JwsSignature, type UnsignedElement } from './jws.ts'
import { objectOctets } from './object-octets.ts'
import { MECHANISMS } from './sig-d.ts'

/** RFC 8785, by the name that its authors gave it; plain JSON has many spellings, and one of them is stamped. */
export const CANON_ALG = 'http://json-canonicalization.org/algorithm'

export interface Stamped {
  readonly payload: Jws['payload']
  readonly signature: JwsSignature
  readonly content: DetachedContent
}

/** @throws AdesRefusal `content-missing`, `signature-unreadable` */
export async function archiveImprint(
  { payload, signature, content }: Stamped,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<Uint8Array> {
  const digest = platform.stream(algorithm)
  for await (const octets of payloadOctets(decodedObject(signature.protected), payload, content))
    digest.update(octets)
  digest.update(utf8(`.${signature.protected}.${signature.signature}.`))
  for (const element of signature.etsiU) digest.update(elementOctets(element))
  return digest.finish()
}

function elementOctets(element: UnsignedElement): Uint8Array {
  return utf8(typeof element === 'string' ? element : canonicalJson(element))
}

/** Steps 1 and 2. @throws AdesRefusal `content-missing` */
export async function* payloadOctets(
  { b64 = true, sigD }: JsonObject,
  payload: Jws['payload'],
  content: DetachedContent,
): AsyncGenerator<Uint8Array> {
  const encoded = b64 !== false
  if (payload !== undefined) yield utf8(payload)
  else if (sigD !== undefined) yield* referredOctets(asObject(sigD), encoded, content)
  else if (content.payload === undefined) throw new AdesRefusal('content-missing', 'the payload')
  else yield encoded ? utf8(toBase64url(content.payload)) : content.payload
}

async function* referredOctets(
  { mId, pars }: JsonObject,
  encoded: boolean,
  { objects, message }: DetachedContent,
): AsyncGenerator<Uint8Array> {
  const names = asList(pars).map(asText)
  if (mId === MECHANISMS['http-headers']) {
    if (message === undefined) throw new AdesRefusal('content-missing', 'the HTTP message')
    yield stampedHeaders(names, message)
    return
  }
  for (const uri of names) yield* objectOctets(objectNamed(uri, objects), encoded)
}

/** @throws AdesRefusal `content-missing` */
export function objectNamed(uri: string, objects: DetachedContent['objects']): ByteSource {
  const object = objects?.get(uri)
  if (object === undefined) throw new AdesRefusal('content-missing', uri)
  return object
}
