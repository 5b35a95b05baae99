/**
 * The unsigned values of a signature under validation: TS 119 182-1 V1.2.1, 5.3 and 5.4. Anybody can put anything there,
 * so they are material, trusted for nothing; but they are read in one way or not at all.
 */

import { utf8 } from '@natsuin/pki/encoding'
import { canonicalJson } from '@natsuin/pki/json'
import type { StoredData } from '../stored-data.ts'
import {
  base64,
  encodedText,
  exactly,
  type JsonObject,
  list,
  malformed,
  object,
  readJson,
  text,
} from './json.ts'

export interface UnsignedValue {
  readonly name: string
  readonly value: unknown
  /** With which an archive time-stamp behind it covers it (5.3.6.2.3 and 5.3.6.2.4). */
  readonly octets: Uint8Array
  readonly clear: boolean
}

/** @throws ValidationEnded FORMAT_FAILURE */
export function readUnsignedValues(etsiU: unknown): readonly UnsignedValue[] {
  const values = etsiU === undefined ? [] : list(etsiU, 'etsiU').map(readElement)
  // 5.3.1: all in one form, or an archive time-stamp would cover them in two ways.
  if (new Set(values.map(({ clear }) => clear)).size > 1) throw malformed('etsiU: two forms')
  return values
}

function readElement(element: unknown): UnsignedValue {
  const clear = typeof element !== 'string'
  const value = clear ? element : readJson(encodedText(element, 'etsiU'), 'etsiU')
  const [entry, ...others] = object(value, 'etsiU')
  if (entry === undefined || others.length > 0) throw malformed('etsiU: not one member')
  const octets = utf8(clear ? canonicalJson(element) : element)
  return { name: entry[0], value: entry[1], octets, clear }
}

/** RFC 8785, by the name that its authors gave it: the only form of plain JSON that we know. */
const CANONICAL = 'http://json-canonicalization.org/algorithm'

/**
 * The tokens in a value, DER each. A form of plain JSON that is not known is a problem of its own.
 *
 * @returns what is wrong with the container, as a text
 */
export function tokensIn({ name, value, clear }: UnsignedValue): readonly Uint8Array[] | string {
  const members = exactly(value, ['canonAlg', 'tstTokens'], name)
  const canonAlg = members.has('canonAlg') ? text(members.get('canonAlg'), name) : undefined
  const tokens = list(members.get('tstTokens'), name).map(token =>
    exactly(token, ['type', 'encoding', 'specRef', 'val'], name),
  )
  if (name === 'arcTst' && canonAlg !== (clear ? CANONICAL : undefined)) return 'canonicalisation-unknown'
  if (!tokens.every(isDer)) return 'token-encoding-unknown'
  return tokens.map(token => base64(token.get('val'), name))
}

/** DER of each token in an unsigned value of any kind; none where its form is not known. */
export function timeStampsIn(value: UnsignedValue): readonly Uint8Array[] {
  if (value.name !== 'sigTst' && value.name !== 'arcTst') return []
  const tokens = tokensIn(value)
  return typeof tokens === 'string' ? [] : tokens
}

const DER = 'http://uri.etsi.org/01903/v1.2.2#DER'

/** 5.4.2: DER where nothing is said. */
function isDer(members: JsonObject): boolean {
  return (members.get('encoding') ?? DER) === DER
}

/** The validation data in these values. */
export function dataIn(values: readonly UnsignedValue[]): StoredData {
  const data = values.map(dataOf)
  return {
    certificates: data.flatMap(({ certificates }) => certificates),
    ocspResponses: data.flatMap(({ ocspResponses }) => ocspResponses),
    crls: data.flatMap(({ crls }) => crls),
  }
}

const NOTHING: StoredData = { certificates: [], ocspResponses: [], crls: [] }

function dataOf({ name, value }: UnsignedValue): StoredData {
  if (name === 'xVals' || name === 'axVals') return { ...NOTHING, certificates: certificatesOf(value) }
  if (name === 'rVals' || name === 'arVals') return { ...NOTHING, ...revocationOf(value) }
  if (name !== 'tstVD' && name !== 'anyValData') return NOTHING
  const members = exactly(value, ['xVals', 'rVals'], name)
  const certificates = members.has('xVals') ? certificatesOf(members.get('xVals')) : []
  return { ...NOTHING, certificates, ...(members.has('rVals') ? revocationOf(members.get('rVals')) : {}) }
}

function certificatesOf(value: unknown): readonly Uint8Array[] {
  const items = list(value, 'xVals').map(item => exactly(item, ['x509Cert', 'otherCert'], 'xVals'))
  return dersIn(items.filter(item => item.has('x509Cert')).map(item => item.get('x509Cert')))
}

function revocationOf(value: unknown) {
  const members = exactly(value, ['crlVals', 'ocspVals', 'otherVals'], 'rVals')
  const dersOf = (name: string) => (members.has(name) ? dersIn(list(members.get(name), name)) : [])
  return { crls: dersOf('crlVals'), ocspResponses: dersOf('ocspVals') }
}

function dersIn(items: readonly unknown[]): readonly Uint8Array[] {
  const members = items.map(item => exactly(item, ['encoding', 'specRef', 'val'], 'value'))
  return members.filter(isDer).map(item => base64(item.get('val'), 'value'))
}
