/**
 * The three forms of a JSON signature (RFC 7515, 7), read for augmenting and written.
 *
 * What is signed stays the text that it was: nothing that is base64url is ever written anew.
 */
import { fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import { JsonRefused, parseUnambiguousJson } from '@natsuin/pki/json'
import { AdesRefusal } from '../refusal.ts'
import { asList, asObject, asText, type JsonObject } from './json-values.ts'

export const JADES_SERIALIZATIONS = ['compact', 'flattened', 'general'] as const

export type JadesSerialization = (typeof JADES_SERIALIZATIONS)[number]

/** An element of etsiU: base64url of a JSON object with one member, or the object (TS 119 182-1 V1.2.1, 5.3.1). */
export type UnsignedElement = string | JsonObject

export interface JwsSignature {
  /** Base64url, as it was signed. */
  readonly protected: string
  /** Base64url. */
  readonly signature: string
  readonly etsiU: readonly UnsignedElement[]
}

export interface Jws {
  readonly serialization: JadesSerialization
  /** As it stands there; absent where the content is detached. */
  readonly payload?: string
  readonly signatures: readonly JwsSignature[]
}

/** A detached payload leaves nothing between the full stops, or no member (RFC 7515, appendix F). */
export function writeJws({ serialization, payload, signatures }: Jws): string {
  const [first] = signatures
  if (serialization === 'compact') return [first?.protected, payload ?? '', first?.signature].join('.')
  const attached = payload === undefined ? {} : { payload }
  const written = signatures.map(memberOf)
  return JSON.stringify(
    serialization === 'flattened' ? { ...attached, ...written[0] } : { ...attached, signatures: written },
  )
}

function memberOf({ etsiU, ...signature }: JwsSignature): JsonObject {
  const { protected: header, signature: value } = signature
  return { protected: header, ...(etsiU.length === 0 ? {} : { header: { etsiU } }), signature: value }
}

/** @throws AdesRefusal `signature-unreadable` */
export function readJws(text: string): Jws {
  const trimmed = text.trim()
  return trimmed.startsWith('{') ? readJson(trimmed) : readCompact(trimmed)
}

function readCompact(text: string): Jws {
  const [header, payload, signature, ...others] = text.split('.')
  if (header === undefined || payload === undefined || signature === undefined || others.length > 0)
    throw new AdesRefusal('signature-unreadable', 'not three parts')
  const signatures = [{ protected: header, signature, etsiU: [] }]
  return { serialization: 'compact', signatures, ...(payload === '' ? {} : { payload }) }
}

function readJson(text: string): Jws {
  const { payload, signatures, ...flattened } = asObject(parseJson(text))
  const attached = payload === undefined ? {} : { payload: asText(payload) }
  if (signatures === undefined)
    return { serialization: 'flattened', ...attached, signatures: [readSignature(flattened)] }
  return { serialization: 'general', ...attached, signatures: asList(signatures).map(readSignature) }
}

function readSignature(value: unknown): JwsSignature {
  const { protected: header, signature, header: unprotected = {}, ...others } = asObject(value)
  const { etsiU = [], ...further } = asObject(unprotected)
  // It would be lost when the signature is written.
  const [other] = Object.keys({ ...others, ...further })
  if (other !== undefined) throw new AdesRefusal('signature-unreadable', `${other} is none of its members`)
  return {
    protected: asText(header),
    signature: asText(signature),
    etsiU: asList(etsiU).map(element => (typeof element === 'string' ? element : asObject(element))),
  }
}

/** @throws AdesRefusal `signature-unreadable` */
export function parseJson(text: string): unknown {
  try {
    return parseUnambiguousJson(text)
  } catch (error) {
    if (error instanceof JsonRefused) throw new AdesRefusal('signature-unreadable', error.message)
    throw error
  }
}

/** The object in a base64url text. @throws AdesRefusal `signature-unreadable` */
export function decodedObject(text: string): JsonObject {
  return asObject(parseJson(fromUtf8(fromBase64url(text) ?? Uint8Array.of(0xff)) ?? ''))
}
