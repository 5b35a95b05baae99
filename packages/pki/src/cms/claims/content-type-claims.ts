/**
 * What kind of content was signed, how it is called, and which other one it answers: mime-type, content-hints,
 * content-identifier and content-reference (EN 319 122-1 V1.3.1, 5.2.4.1, 5.2.4.2, 5.2.11 and 5.2.12; RFC 2634, 2.7,
 * 2.9 and 2.11).
 */
import { readFields } from '../../asn1/fields.ts'
import { OID } from '../../asn1/oid.ts'
import { readOctetString, readOid, readText } from '../../asn1/read.ts'
import { TAG } from '../../asn1/tags.ts'
import { octetString, oid, sequence, utf8String } from '../../asn1/write.ts'
import type { Claim } from './claim.ts'

/** By RFC 2045: `application/pdf`. */
export const mimeType: Claim<string> = { oid: OID.mimeType, write: utf8String, read: readText }

export interface ContentHints {
  /** Dotted OID of the innermost content. */
  readonly contentType: string
  /** For id-data how it is presented: `Content-Type: …` of RFC 2045. */
  readonly description?: string
}

export const contentHints: Claim<ContentHints> = {
  oid: OID.contentHints,
  write: ({ contentType, description }) =>
    sequence(description === undefined ? undefined : utf8String(description), oid(contentType)),
  read: node =>
    readFields(node, 'ContentHints', fields => {
      const description = fields.optional(TAG.utf8String)
      const contentType = readOid(fields.take('contentType'))
      return { contentType, ...(description === undefined ? {} : { description: readText(description) }) }
    }),
}

/** A name for this content, to be referred to later. */
export const contentIdentifier: Claim<Uint8Array> = {
  oid: OID.contentIdentifier,
  write: octetString,
  read: readOctetString,
}

/** The signed content that this one answers. */
export interface ContentReference {
  readonly contentType: string
  /** Its content-identifier. */
  readonly identifier: Uint8Array
  /** Its signature value. */
  readonly signatureValue: Uint8Array
}

export const contentReference: Claim<ContentReference> = {
  oid: OID.contentReference,
  write: ({ contentType, identifier, signatureValue }) =>
    sequence(oid(contentType), octetString(identifier), octetString(signatureValue)),
  read: node =>
    readFields(node, 'ContentReference', fields => ({
      contentType: readOid(fields.take('contentType')),
      identifier: readOctetString(fields.take('signedContentIdentifier')),
      signatureValue: readOctetString(fields.take('originatorSignatureValue')),
    })),
}
