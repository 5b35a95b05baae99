/**
 * Statements: the bytes that a person approves.
 *
 * The page writes a statement, hashes its bytes into the passkey challenge (`challenge = SHA-256(bytes)`) and
 * sends the same bytes. The SAM hashes first and parses strictly afterwards (sole-control 3). A statement
 * carries its ticket, so one assertion covers what was shown, to whom, and what for.
 */
import {
  base64url,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  type Shaped,
  text,
  variant,
} from '../shape/shape.ts'
import { documentHashType, itemBasis } from './kinds.ts'
import { digestName, identifier, keyTypeName } from './names.ts'
import { proofingRecord } from './proofing.ts'
import { subjectAttributes, visibleText } from './subject.ts'
import { ticketText } from './ticket.ts'

const digestBytes = base64url({ min: 32, max: 64 })

/**
 * *Seen*: the page had the prepared document and checked that its digest is the message digest in `dtbs`, and
 * that `dtbs` hashes to `dtbsr`. *Vouched*: it had not, and the application's request object names label and
 * digest. *Unseen*: neither (sole-control 4, step 3).
 */
const seenItem = record({
  basis: oneOf('seen'),
  label: visibleText(255),
  /** What the key signs: the digest of `dtbs`. */
  dtbsr: digestBytes,
  /** The preimage: DER signed attributes (RFC 5652, 5.4). */
  dtbs: base64url({ max: 16384 }),
  /** Digest of the document as prepared for signing: the message-digest attribute in `dtbs`. */
  documentDigest: digestBytes,
})

const namedItem = record({ basis: oneOf('vouched', 'unseen'), label: visibleText(255), dtbsr: digestBytes })

/** A DTBS/R: what the key signs is known. */
const representationItem = variant('basis', { seen: seenItem, vouched: namedItem, unseen: namedItem })

/**
 * The digest of a document: the DTBS/R is made when it is signed, by the SAM or, below level 3, by `server`
 * (sole-control 4). *Seen*: the page had a document with this digest.
 */
const documentItem = record({
  basis: itemBasis,
  label: visibleText(255),
  hashType: documentHashType,
  documentDigest: digestBytes,
})

/** Told apart by `hashType`: a DTBS/R goes without, so that it has one spelling. */
export const approvalItem: Shape<Shaped<typeof representationItem> | Shaped<typeof documentItem>> = (
  value,
  path,
) => (Object.hasOwn(Object(value), 'hashType') ? documentItem(value, path) : representationItem(value, path))

/** A request object as a compact JWS (RFC 9101, 6.1): a thousand documents with their signed attributes. */
export const requestObjectText = text({
  max: 4_000_000,
  pattern: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/,
})

/** "I approve these signatures, each once, in this order." */
export const approveStatement = record({
  v: oneOf(1),
  purpose: oneOf('approve'),
  ticket: ticketText,
  digestAlgorithm: digestName,
  numSignatures: integer({ min: 1, max: 1000 }),
  items: list(approvalItem, { min: 1, max: 1000 }),
  /** Exactly as the application signed it; it names every item, in this order. */
  requestObject: optional(requestObjectText),
})

/** "By these means I am going to approve, and I ask for a signing key." */
export const enrolStatement = record({ v: oneOf(1), purpose: oneOf('enrol'), ticket: ticketText })

/** What an officer vouches for: this person, proofed like this, holds the private half of this key. */
export const enrolmentGrant = record({
  subject: subjectAttributes,
  credentialClass: identifier,
  keyType: keyTypeName,
  proofing: proofingRecord,
  /**
   * Recovery: the signer that the person was before, whose authenticators are lost. He is closed when this grant is
   * accepted; nothing of his passes to the new one (sole-control 6).
   */
  replaces: optional(identifier),
  /** DER SubjectPublicKeyInfo (P-256) of the one-time enrolment key. */
  enrolmentKey: base64url({ min: 60, max: 200 }),
  /** 16 random bytes, so that two grants for one person differ. */
  nonce: base64url({ min: 16, max: 16 }),
  notAfter: integer({ min: 0, max: 2 ** 40 }),
  /** Where the key comes from elsewhere: SHA-256 of the package in which it travels. */
  importPackage: optional(base64url({ min: 32, max: 32 })),
})

/** "I vouch for this person." */
export const grantStatement = record({
  v: oneOf(1),
  purpose: oneOf('grant'),
  ticket: ticketText,
  grant: enrolmentGrant,
})

export type ApprovalItem = Shaped<typeof approvalItem>
export type RepresentationItem = Shaped<typeof representationItem>
export type DocumentItem = Shaped<typeof documentItem>
export type SeenItem = Shaped<typeof seenItem>

/** Whether the DTBS/R is made after the approval. */
export const isDocumentItem = (item: ApprovalItem): item is DocumentItem => 'hashType' in item
export type ApproveStatement = Shaped<typeof approveStatement>
export type EnrolStatement = Shaped<typeof enrolStatement>
export type EnrolmentGrant = Shaped<typeof enrolmentGrant>
export type GrantStatement = Shaped<typeof grantStatement>
