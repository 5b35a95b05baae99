/**
 * Names (RFC 5280, 4.1.2.4): read with their bytes, shown by RFC 4514, built from an ordered list of attributes.
 *
 * Names are compared as bytes. RFC 5280, 7.1 would fold case and spaces; a name that only matches after folding
 * was written by another issuer's software, and refusing it costs nothing here.
 */
import { isPrintable } from '../asn1/content.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { isText, readOid, readSequence, readSetOf, readText } from '../asn1/read.ts'
import { type Der, ia5String, oid, printableString, sequence, set, utf8String } from '../asn1/write.ts'
import { toHex } from '../encoding/bytes.ts'

/** One attribute as it is given and read: type as dotted OID, value as text. */
export interface NameAttribute {
  readonly oid: string
  readonly value: string
}

export interface Name {
  /** DER, as it was read. */
  readonly bytes: Uint8Array
  /** RFC 4514: most specific first, escaped. */
  readonly text: string
  /** In the order of the encoding; values that are no text are left out (`text` shows them as hex). */
  readonly attributes: readonly NameAttribute[]
}

/** A name cannot be built from these attributes. */
export class InvalidName extends Error {
  readonly code = 'invalid-name'
  /** Dotted OID of the attribute at fault. */
  readonly attribute: string

  constructor(attribute: string, reason: string) {
    super(`attribute ${attribute}: ${reason}`)
    this.name = 'InvalidName'
    this.attribute = attribute
  }
}

interface ReadAttribute {
  readonly oid: string
  readonly value: DerNode
}

export function readName(node: DerNode): Name {
  const rdns = readSequence(node, 'Name').map(readRdn)
  const attributes = rdns
    .flat()
    .flatMap(({ oid: type, value }) => (isText(value) ? [{ oid: type, value: readText(value) }] : []))
  return { bytes: node.bytes, text: rdns.map(rdnText).reverse().join(','), attributes }
}

function readRdn(node: DerNode): readonly ReadAttribute[] {
  const members = readSetOf(node, 'RelativeDistinguishedName')
  if (members.length === 0) throw new DerError('missing-field', 'RelativeDistinguishedName')
  return members.map(member =>
    readFields(member, 'AttributeTypeAndValue', fields => ({
      oid: readOid(fields.take('type')),
      value: fields.take('value'),
    })),
  )
}

/**
 * DER of a Name with one attribute in each RDN, in the order given.
 *
 * Values are brought to Unicode NFC. Countries and serial numbers become PrintableString, e-mail addresses and
 * domain components IA5String, everything else UTF8String (RFC 5280, 4.1.2.4 and appendix A.1).
 *
 * @throws InvalidName for empty or over-long values, control characters, and characters the type cannot hold
 */
export function buildName(attributes: readonly NameAttribute[]): Der {
  return sequence(
    ...attributes.map(attribute => set(sequence(oid(attribute.oid), attributeValue(attribute)))),
  )
}

function attributeValue({ oid: type, value }: NameAttribute): Der {
  const text = value.normalize('NFC')
  const { max, write, allows } = RULES[type] ?? UTF8_RULE
  if (text.length === 0 || [...text].length > max) throw new InvalidName(type, `not 1 to ${max} characters`)
  if (CONTROL.test(text) || !text.isWellFormed()) throw new InvalidName(type, 'control character')
  if (!allows(text)) throw new InvalidName(type, 'character not allowed')
  return write(text)
}

interface ValueRule {
  /** Characters; the upper bounds of RFC 5280, appendix A.1. */
  readonly max: number
  readonly write: (text: string) => Der
  readonly allows: (text: string) => boolean
}

const utf8Rule = (max: number): ValueRule => ({ max, write: utf8String, allows: () => true })
const printableRule = (max: number, allows = isPrintable): ValueRule => ({
  max,
  write: printableString,
  allows,
})
const ia5Rule = (max: number): ValueRule => ({
  max,
  write: ia5String,
  allows: text => /^[\x20-\x7e]*$/.test(text),
})

const UTF8_RULE = utf8Rule(32768)
const RULES: Readonly<Record<string, ValueRule>> = {
  [OID.countryName]: printableRule(2, text => /^[A-Z]{2}$/.test(text)),
  [OID.serialNumber]: printableRule(64),
  [OID.commonName]: utf8Rule(64),
  [OID.organizationName]: utf8Rule(64),
  [OID.organizationalUnitName]: utf8Rule(64),
  [OID.title]: utf8Rule(64),
  [OID.localityName]: utf8Rule(128),
  [OID.stateOrProvinceName]: utf8Rule(128),
  [OID.pseudonym]: utf8Rule(128),
  [OID.emailAddress]: ia5Rule(255),
  [OID.domainComponent]: ia5Rule(255),
}

// C0, DEL and C1, line and paragraph separators, and the characters that reorder text on a screen.
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** RFC 4514, 2.2 and 2.3. */
function rdnText(attributes: readonly ReadAttribute[]): string {
  return attributes.map(attributeText).join('+')
}

/** RFC 4514, 2.3 and 2.4: descriptors that are registered, otherwise the dotted OID and the value in hex. */
function attributeText({ oid: type, value }: ReadAttribute): string {
  const descriptor = DESCRIPTORS[type]
  if (descriptor === undefined || !isText(value)) return `${descriptor ?? type}=#${toHex(value.bytes)}`
  return `${descriptor}=${escapeText(readText(value))}`
}

/** RFC 4514, 2.4. */
function escapeText(text: string): string {
  return text
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
}

// RFC 4514, 3 (upper case) and RFC 4519, 2.
const DESCRIPTORS: Readonly<Record<string, string>> = {
  [OID.commonName]: 'CN',
  [OID.localityName]: 'L',
  [OID.stateOrProvinceName]: 'ST',
  [OID.organizationName]: 'O',
  [OID.organizationalUnitName]: 'OU',
  [OID.countryName]: 'C',
  [OID.streetAddress]: 'STREET',
  [OID.domainComponent]: 'DC',
  [OID.userId]: 'UID',
  [OID.surname]: 'sn',
  [OID.givenName]: 'givenName',
  [OID.serialNumber]: 'serialNumber',
  [OID.title]: 'title',
}
