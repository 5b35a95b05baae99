/**
 * Tickets: how every ceremony starts (sole-control 3).
 *
 * A ticket is a compact JWS (RFC 7515) by the SAM key. The approval page shows identity, credential and client
 * only from it. Its header is one constant: a verifier compares header bytes instead of reading an algorithm
 * from them, so there is no algorithm to confuse.
 */
import {
  base64url,
  flag,
  integer,
  oneOf,
  optional,
  record,
  type Shaped,
  text,
  variant,
} from '../shape/shape.ts'
import { boxPoint } from './box.ts'
import { knownClient } from './client.ts'
import { approvalKinds, itemBases } from './kinds.ts'
import { identifier, keyTypeName } from './names.ts'
import { identityProvider } from './provider.ts'
import { subjectAttributes, visibleText } from './subject.ts'

const name = visibleText(255)
const seconds = integer({ min: 0, max: 2 ** 40 })

const common = {
  v: oneOf(1),
  /** 32 random bytes; spent once, at the instance that issued it. */
  nonce: base64url({ min: 32, max: 32 }),
  deployment: name,
  instance: identifier,
  bootId: identifier,
  /** SAM's clock, seconds since 1970-01-01T00:00:00Z. */
  issuedAt: seconds,
  expiresAt: seconds,
  level: oneOf(1, 2, 3),
}

/** The digest of a WebAuthn credential id: how an authenticator is named outside the authenticator. */
export const authenticatorId = text({ min: 43, max: 43, pattern: /^[A-Za-z0-9_-]+$/ })

/** The signer is about to approve signatures. */
export const approveTicket = record({
  ...common,
  purpose: oneOf('approve'),
  signer: record({
    id: identifier,
    name,
    /** What a signer should know who did not do it himself: how many there are, and when that last changed. */
    authenticators: record({ count: integer({ min: 0, max: 100 }), changedAt: seconds }),
  }),
  credential: record({ id: identifier, label: name, keyType: keyTypeName }),
  client: knownClient,
  /** How many signatures one approval may allow. */
  maxSignatures: integer({ min: 1, max: 1000 }),
  /** By which means. */
  approvals: approvalKinds,
  /** Where one has to vouch for him: whom the page sends him to, and whose keys count. */
  provider: optional(identityProvider),
  /** On what: the SAM refuses items on any other basis. */
  bases: itemBases,
})

/** Whether the authenticator has to prove what it is: then the page asks for its attestation. */
const attested = flag

/** A person with an enrolment grant is about to show by which means he is going to approve. */
export const enrolTicket = record({
  ...common,
  purpose: oneOf('enrol'),
  grantId: identifier,
  subject: subjectAttributes,
  credentialClass: identifier,
  keyType: keyTypeName,
  /** Ways to approve that he enrols for. */
  approvals: approvalKinds,
  /** Where one has to vouch for him. */
  provider: optional(identityProvider),
  /** For what the SAM alone may read of his means; there when one of them is a secret. */
  boxKey: optional(boxPoint),
  attested,
})

/** A registration officer is about to vouch for a person. */
export const grantTicket = record({
  ...common,
  purpose: oneOf('grant'),
  officer: record({ id: identifier, name }),
})

/** A signer is about to add an authenticator to his own. */
export const addAuthenticatorTicket = record({
  ...common,
  purpose: oneOf('add-authenticator'),
  signer: record({ id: identifier, name }),
  attested,
})

/** A signer is about to give one of his authenticators up. */
export const removeAuthenticatorTicket = record({
  ...common,
  purpose: oneOf('remove-authenticator'),
  signer: record({ id: identifier, name }),
  authenticator: record({ id: authenticatorId, label: optional(name), registeredAt: seconds }),
})

/** Somebody of the roster is about to approve an administrative request. */
export const administerTicket = record({
  ...common,
  purpose: oneOf('administer'),
  person: record({ id: identifier, name }),
  /** SHA-256 of the request. */
  requestDigest: base64url({ min: 32, max: 32 }),
})

export const ticket = variant('purpose', {
  approve: approveTicket,
  enrol: enrolTicket,
  grant: grantTicket,
  'add-authenticator': addAuthenticatorTicket,
  'remove-authenticator': removeAuthenticatorTicket,
  administer: administerTicket,
})

export type ApproveTicket = Shaped<typeof approveTicket>
export type EnrolTicket = Shaped<typeof enrolTicket>
export type GrantTicket = Shaped<typeof grantTicket>
export type AddAuthenticatorTicket = Shaped<typeof addAuthenticatorTicket>
export type RemoveAuthenticatorTicket = Shaped<typeof removeAuthenticatorTicket>
export type AdministerTicket = Shaped<typeof administerTicket>
export type Ticket =
  | ApproveTicket
  | EnrolTicket
  | GrantTicket
  | AddAuthenticatorTicket
  | RemoveAuthenticatorTicket
  | AdministerTicket
export type TicketPurpose = Ticket['purpose']

export const ticketText = text({ max: 16384, pattern: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/ })
