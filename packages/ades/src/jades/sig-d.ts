/**
 * The sigD header parameter: what a detached signature is over, and how it is brought together (TS 119 182-1 V1.2.1,
 * 5.2.8).
 */
import { type DigestAlgorithm, joseDigestName } from '@natsuin/pki/algorithms'
import { toBase64url } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../pdf/byte-source.ts'
import { AdesRefusal } from '../refusal.ts'
import type { DigestedJadesObject, JadesContent, JadesObject } from './content.ts'
import { checkBodyDigest } from './http-headers.ts'
import type { JsonObject } from './json-values.ts'
import { shortMediaType } from './media-type.ts'
import { objectOctets } from './object-octets.ts'

export const MECHANISMS = {
  'http-headers': 'http://uri.etsi.org/19182/HttpHeaders',
  'by-uri': 'http://uri.etsi.org/19182/ObjectIdByURI',
  'by-uri-hash': 'http://uri.etsi.org/19182/ObjectIdByURIHash',
} as const

/** Whether what is signed is signed as it is, without base64url (RFC 7797, 3). Always for headers (5.1.10). */
export function isUnencoded(content: JadesContent): boolean {
  return content.kind === 'http-headers' || content.unencoded === true
}

/**
 * @param digestAlgorithm  for digests of objects
 * @returns `undefined` where the content needs no reference
 * @throws AdesRefusal `content-missing`, `content-altered`, `content-ambiguous`
 */
export async function detachedReference(
  content: JadesContent,
  digestAlgorithm: DigestAlgorithm,
  platform: Digest,
): Promise<JsonObject | undefined> {
  if ('payload' in content) return undefined
  const mId = MECHANISMS[content.kind]
  if (content.kind === 'http-headers') {
    const pars = distinct(content.names.map(name => name.toLowerCase()))
    await checkBodyDigest(pars, content.message, platform)
    return { mId, pars }
  }
  const parameters = parametersOf(content.objects)
  if (content.kind === 'by-uri') return { mId, ...parameters }
  const hashV: string[] = []
  for (const object of content.objects)
    hashV.push(toBase64url(await digestOfObject(object, !content.unencoded, digestAlgorithm, platform)))
  return { mId, hashM: joseDigestName(digestAlgorithm), hashV, ...parameters }
}

async function digestOfObject(
  { uri, content }: JadesObject | DigestedJadesObject,
  encoded: boolean,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<Uint8Array> {
  if (!('digest' in content)) return digestOf(content, encoded, algorithm, platform)
  if (content.digestAlgorithm !== algorithm)
    throw new RangeError(`${uri}: a digest by ${algorithm} is needed`)
  return content.digest
}

/** 5.2.8.3.3: over the object, or over its base64url unless b64 is false. */
export async function digestOf(
  source: ByteSource,
  encoded: boolean,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<Uint8Array> {
  const digest = platform.stream(algorithm)
  for await (const octets of objectOctets(source, encoded)) digest.update(octets)
  return digest.finish()
}

/** 5.2.8.1: ctys has an entry for each object, empty where its type is not said. */
function parametersOf(objects: readonly (JadesObject | DigestedJadesObject)[]): JsonObject {
  const pars = distinct(objects.map(({ uri }) => uri))
  const typed = objects.some(({ contentType }) => contentType !== undefined)
  return {
    pars,
    ...(typed ? { ctys: objects.map(({ contentType = '' }) => shortMediaType(contentType)) } : {}),
  }
}

function distinct(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new AdesRefusal('content-missing', 'nothing is named')
  if (new Set(names).size !== names.length) throw new AdesRefusal('content-ambiguous')
  return names
}
