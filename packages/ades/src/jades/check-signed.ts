/**
 * Whether a signature is over what was given: RFC 7515, 5.2; TS 119 182-1 V1.2.1, 5.2.8.
 *
 * An archive time-stamp over something else would be one over nothing, and nobody would know until it is needed.
 */
import { joseAlgorithm, joseDigest, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { concat, equal, fromBase64url, join, utf8 } from '@natsuin/pki/encoding'
import type { Digest, Verifier } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { objectNamed, payloadOctets, type Stamped } from './archive-imprint.ts'
import type { DetachedContent } from './content.ts'
import { checkBodyDigest, signedHeaders } from './http-headers.ts'
import { asList, asObject, asText, type JsonObject } from './json-values.ts'
import { decodedObject } from './jws.ts'
import { digestOf, MECHANISMS } from './sig-d.ts'

/** @throws AdesRefusal `content-missing`, `content-altered`, `content-differs`, `signature-unreadable` */
export async function checkSigned(
  stamped: Stamped,
  { spki }: Certificate,
  platform: Digest & Verifier,
): Promise<void> {
  const header = decodedObject(stamped.signature.protected)
  const signed = await signedOctets(header, stamped, platform)
  const algorithm = joseAlgorithm(asText(header['alg']))?.algorithm
  const octets = fromBase64url(stamped.signature.signature)
  if (algorithm === undefined || octets === undefined) throw new AdesRefusal('signature-unreadable')
  const isEcdsa = signatureAlgorithms[algorithm].family === 'ecdsa'
  const signature = isEcdsa ? buildEcdsaSigValue(octets) : octets
  const data = concat(utf8(`${stamped.signature.protected}.`), signed)
  if (!(await platform.verify({ algorithm, spki, data, signature }))) throw new AdesRefusal('content-differs')
}

/** What the payload contributes: mostly what a time-stamp is over, too, but for two ways of referring to a content. */
async function signedOctets(header: JsonObject, stamped: Stamped, platform: Digest): Promise<Uint8Array> {
  const { payload, content } = stamped
  const sigD = header['sigD'] === undefined ? {} : asObject(header['sigD'])
  if (sigD['mId'] === MECHANISMS['http-headers']) return checkedHeaders(sigD, content, platform)
  if (sigD['mId'] === MECHANISMS['by-uri-hash']) {
    await checkDigests(sigD, header['b64'] !== false, content, platform)
    return new Uint8Array()
  }
  const parts: Uint8Array[] = []
  // A source may reuse its memory.
  for await (const octets of payloadOctets(header, payload, content)) parts.push(octets.slice())
  return join(parts)
}

async function checkedHeaders({ pars }: JsonObject, { message }: DetachedContent, platform: Digest) {
  if (message === undefined) throw new AdesRefusal('content-missing', 'the HTTP message')
  const names = asList(pars).map(asText)
  await checkBodyDigest(names, message, platform)
  return signedHeaders(names, message)
}

async function checkDigests(
  { pars, hashM, hashV }: JsonObject,
  encoded: boolean,
  { objects }: DetachedContent,
  platform: Digest,
): Promise<void> {
  const algorithm = joseDigest(asText(hashM))
  if (algorithm === undefined) throw new AdesRefusal('signature-unreadable', 'hashM')
  for (const [i, uri] of asList(pars).map(asText).entries()) {
    const digest = await digestOf(objectNamed(uri, objects), encoded, algorithm, platform)
    const signed = fromBase64url(asText(asList(hashV)[i])) ?? new Uint8Array()
    if (!equal(digest, signed)) throw new AdesRefusal('content-differs', uri)
  }
}
