/**
 * The unsigned values in etsiU: TS 119 182-1 V1.2.1, 5.3 and 5.4. Either all of them are base64url or all of them are
 * plain JSON (5.3.1).
 */
import { fromBase64, toBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import type { ValidationData } from '../validation-data/collect.ts'
import { asList, asObject, asText, type JsonObject } from './json-values.ts'
import { decodedObject, type UnsignedElement } from './jws.ts'

/** How elements are written; `encoded` needs no canonicalisation, and every validator knows it. */
export type UnsignedForm = 'encoded' | 'clear'

export interface UnsignedValue {
  readonly name: string
  readonly value: unknown
}

export function unsignedElement(name: string, value: unknown, form: UnsignedForm): UnsignedElement {
  const element = { [name]: value }
  return form === 'clear' ? element : toBase64url(utf8(JSON.stringify(element)))
}

/** @throws AdesRefusal `signature-unreadable` */
export function readUnsigned(element: UnsignedElement): UnsignedValue {
  const object = typeof element === 'string' ? decodedObject(element) : element
  const [entry, ...others] = Object.entries(object)
  if (entry === undefined || others.length > 0)
    throw new AdesRefusal('signature-unreadable', 'an unsigned value of one member was expected')
  return { name: entry[0], value: entry[1] }
}

/** The form of those that are there. @throws AdesRefusal `signature-unreadable` when they are mixed */
export function formOf(elements: readonly UnsignedElement[], otherwise: UnsignedForm): UnsignedForm {
  const forms = new Set(elements.map(element => (typeof element === 'string' ? 'encoded' : 'clear')))
  if (forms.size > 1) throw new AdesRefusal('signature-unreadable', 'etsiU mixes its two forms')
  return forms.values().next().value ?? otherwise
}

/** 5.4.3.3. `canonAlg` where what is stamped had to be brought into one form. */
export function timeStampContainer(token: Uint8Array, canonAlg?: string): JsonObject {
  const container = { tstTokens: [{ val: toBase64(token) }] }
  return canonAlg === undefined ? container : { canonAlg, ...container }
}

/** DER each. @throws AdesRefusal `signature-unreadable` */
export function tokensIn(container: unknown): readonly Uint8Array[] {
  return asList(asObject(container)['tstTokens']).map(pkiObject)
}

/** 5.3.5.1, an empty list where there is none. */
export function certificateValues(certificates: readonly Uint8Array[]): JsonObject {
  return certificates.length === 0
    ? {}
    : { xVals: certificates.map(der => ({ x509Cert: { val: toBase64(der) } })) }
}

/** 5.3.5.2. */
export function revocationValues({ ocspResponses, crls }: ValidationData): JsonObject {
  if (ocspResponses.length + crls.length === 0) return {}
  const values = (ders: readonly Uint8Array[]) => ders.map(der => ({ val: toBase64(der) }))
  return {
    rVals: {
      ...(crls.length === 0 ? {} : { crlVals: values(crls) }),
      ...(ocspResponses.length === 0 ? {} : { ocspVals: values(ocspResponses) }),
    },
  }
}

/** Names under which validation data stand. `anyValData` since V1.2.1. */
const DATA: ReadonlySet<string> = new Set(['xVals', 'rVals', 'axVals', 'arVals', 'tstVD', 'anyValData'])

export function isValidationData({ name }: UnsignedValue): boolean {
  return DATA.has(name)
}

/** What a value of validation data holds. @throws AdesRefusal `signature-unreadable` */
export function validationDataIn({ name, value }: UnsignedValue): ValidationData {
  if (name === 'xVals' || name === 'axVals') return dataOf(value, undefined)
  if (name === 'rVals' || name === 'arVals') return dataOf(undefined, value)
  const { xVals, rVals } = asObject(value)
  return dataOf(xVals, rVals)
}

function dataOf(xVals: unknown, rVals: unknown): ValidationData {
  const { crlVals, ocspVals } = asObject(rVals ?? {})
  const certificates = asList(xVals ?? []).map(value => asObject(value)['x509Cert'])
  return {
    certificates: certificates.filter(certificate => certificate !== undefined).map(pkiObject),
    crls: asList(crlVals ?? []).map(pkiObject),
    ocspResponses: asList(ocspVals ?? []).map(pkiObject),
  }
}

/** 5.4.2: base64 with padding. */
function pkiObject(value: unknown): Uint8Array {
  const der = fromBase64(asText(asObject(value)['val']))
  if (der === undefined) throw new AdesRefusal('signature-unreadable', 'base64 was expected')
  return der
}
