/**
 * The Signature Activation Protocol between `server` and `sam` (EN 419 241-1: SAP): one table of methods.
 *
 * `server` is trusted for availability only. Nothing it sends is believed: tickets, statements and assertions
 * carry their own proof, and every answer that matters to someone else is signed by the SAM key.
 */

import { administrativeRequest } from '../administration/index.ts'
import {
  approvalKinds,
  assertion,
  authenticatorId,
  authenticatorLabel,
  digestName,
  identifier,
  idTokenText,
  keyTypeName,
  mailAddress,
  means,
  oneTimeCode,
  proof,
  providerAccount,
  signatureName,
  ticketText,
  visibleText,
} from '../approval/index.ts'
import { evidence } from '../evidence/index.ts'
import { credentialClass, roster } from '../genesis/index.ts'
import { importKeyFile, MAX_IMPORT_PACKAGE_BYTES } from '../keys/index.ts'
import { base64url, flag, integer, list, oneOf, optional, record, type Shaped, text } from '../shape/shape.ts'
import { askedDigest, askedRepresentation } from './representations.ts'

const statement = base64url({ max: 8_000_000 })
const nothing = record({})
/** WebAuthn credential ids of those who may answer. */
const allow = list(base64url({ max: 1023 }), { max: 100 })

const listedAuthenticator = record({
  id: authenticatorId,
  label: optional(authenticatorLabel),
  /** Seconds since 1970-01-01T00:00:00Z. */
  registeredAt: integer({ min: 0, max: 2 ** 40 }),
  state: oneOf('active', 'suspended'),
})

/** What was approved, and the bearer value that stands for it. */
const acceptedSad = record({
  sad: text({ max: 64 }),
  sadId: identifier,
  signerId: identifier,
  credentialId: identifier,
  clientId: identifier,
  numSignatures: integer({ min: 1, max: 1000 }),
  /** Seconds since 1970-01-01T00:00:00Z. */
  expiresAt: integer({ min: 0, max: 2 ** 40 }),
})

export const sapMethods = {
  /** Who answers, and the public half of the key that signs tickets, attestations and checkpoints. */
  info: {
    request: nothing,
    response: record({
      deployment: visibleText(255),
      instance: identifier,
      bootId: identifier,
      /** DER SubjectPublicKeyInfo. */
      samKey: base64url({ max: 200 }),
      environment: oneOf('production', 'test'),
      maxLevel: oneOf(1, 2, 3),
      softwareModule: flag,
      module: visibleText(255),
      approvalOrigin: text({ max: 300 }),
      rpId: text({ max: 253 }),
    }),
  },
  /** What keys of this type sign with in the module, the recommended algorithm first; none when it has no such keys. */
  'algorithms/list': {
    request: record({ keyType: keyTypeName }),
    response: record({ algorithms: list(signatureName, { max: 20 }) }),
  },
  /** A ticket to approve signatures by this credential for this client. */
  'tickets/approve': {
    request: record({ credentialId: identifier, clientId: identifier }),
    response: record({ ticket: ticketText, allow }),
  },
  /** The same, and a code that approves with the signer's PIN, for this ticket alone; to be sent to his address. */
  'tickets/sent-code': {
    request: record({ credentialId: identifier, clientId: identifier }),
    response: record({ ticket: ticketText, code: oneTimeCode, address: mailAddress }),
  },
  'tickets/enrol': {
    request: record({ grantId: identifier }),
    response: record({ ticket: ticketText }),
  },
  /** A ticket for a registration officer to vouch for somebody; with what his form offers. */
  'tickets/grant': {
    request: record({ officerId: identifier }),
    response: record({
      ticket: ticketText,
      allow,
      classes: list(credentialClass, { max: 100 }),
      /** For how long an invitation may be good. */
      grantHours: integer({ min: 1, max: 720 }),
    }),
  },
  /** A ticket to add an authenticator, approved with one of `allow`. */
  'tickets/add-authenticator': {
    request: record({ signerId: identifier }),
    response: record({ ticket: ticketText, allow }),
  },
  'tickets/remove-authenticator': {
    request: record({ signerId: identifier, authenticatorId }),
    response: record({ ticket: ticketText, allow }),
  },
  /**
   * A ticket for somebody of the roster to approve an administrative request that is on its way; with the request, and
   * the roster that it starts from.
   */
  'tickets/administer': {
    request: record({ requestId: identifier, personId: identifier }),
    response: record({
      ticket: ticketText,
      allow: list(base64url({ max: 1023 }), { max: 100 }),
      request: administrativeRequest,
      roster,
    }),
  },
  /** One person's approval of a request. What was asked for takes effect with the last one that it needs. */
  administer: {
    request: record({ statement, assertion }),
    response: record({
      /** How many have approved it, and how many have to. */
      approvals: integer({ min: 1, max: 20 }),
      needed: integer({ min: 1, max: 20 }),
      done: flag,
    }),
  },
  /** Which key the module imports under, in a statement by the SAM key. */
  'keys/import-key': { request: nothing, response: importKeyFile },
  /**
   * One grant, vouched for by as many officers as its class demands: each his own ticket and assertion. With the package
   * that the grant names, where the key comes from elsewhere.
   */
  'grants/submit': {
    request: record({
      approvals: list(record({ statement, assertion }), { min: 1, max: 10 }),
      importPackage: optional(base64url({ max: MAX_IMPORT_PACKAGE_BYTES })),
    }),
    response: record({ grantId: identifier }),
  },
  /** Spends the grant: seals the signer and his means to approve as one record, generates the key, attests it. */
  enrol: {
    request: record({ statement, means, enrolmentSignature: base64url({ max: 200 }) }),
    response: record({
      signerId: identifier,
      credentialId: identifier,
      keyType: keyTypeName,
      level: oneOf(1, 2, 3),
      maxSignatures: integer({ min: 1, max: 1000 }),
      approvals: approvalKinds,
      keyAttestation: text({ max: 16384 }),
      /** Who he is at the provider with whose log-in he approves, as the SAM has sealed it. */
      account: optional(providerAccount),
      /** Those that an imported key came with, linked already. End entity first. */
      certificates: optional(list(base64url({ max: 16384 }), { min: 2, max: 10 })),
    }),
  },
  /** The signer's authenticators, with what he may see of them. Those that were removed are not among them. */
  'authenticators/list': {
    request: record({ signerId: identifier }),
    response: record({ authenticators: list(listedAuthenticator, { max: 100 }) }),
  },
  /** Adds an authenticator. The same statement again returns the same answer. */
  'authenticators/add': {
    request: record({ statement: base64url({ max: 65_536 }), assertion }),
    response: record({ authenticatorId }),
  },
  /** Sticky, and acknowledged when the copy outside the database has it. Never the last one. */
  'authenticators/remove': {
    request: record({ statement: base64url({ max: 16384 }), assertion }),
    response: nothing,
  },
  /** Links a certificate after checking key, subject and chain to a root of the roster. End entity first. */
  'certificates/link': {
    request: record({
      credentialId: identifier,
      certificates: list(base64url({ max: 16384 }), { min: 2, max: 10 }),
    }),
    response: nothing,
  },
  /** The signer's approval, and how he gave it. The `sad` is a bearer handle: 256 random bits that point to the SAM's own record. */
  approve: {
    request: record({ statement, proof }),
    response: acceptedSad,
  },
  /** The SAD under a new bearer value and for a while longer, for what is approved and not yet signed. */
  'sads/extend': {
    request: record({
      sad: text({ max: 64 }),
      credentialId: identifier,
      clientId: identifier,
      dtbsrs: list(askedDigest, { min: 1, max: 1000 }),
    }),
    response: acceptedSad,
  },
  /**
   * Signs approved representations, each once. The same `requestId` with the same content returns the stored
   * values; without one, every call is a new use.
   */
  sign: {
    request: record({
      sad: text({ max: 64 }),
      credentialId: identifier,
      clientId: identifier,
      digestAlgorithm: digestName,
      signatureAlgorithm: signatureName,
      dtbsrs: list(askedRepresentation, { min: 1, max: 1000 }),
      requestId: text({ min: 0, max: 128 }),
    }),
    response: record({
      activationId: identifier,
      signatures: list(base64url({ max: 1024 }), { min: 1, max: 1000 }),
      /** What the SAM made itself: DER SET OF Attribute with tag 0x31, and by which of the signatures it is signed. */
      made: optional(
        list(record({ index: integer({ min: 0, max: 999 }), signedAttributes: base64url({ max: 16384 }) }), {
          min: 1,
          max: 1000,
        }),
      ),
    }),
  },
  /**
   * Evidence of one signature of an activation, for whoever has its value: evidence holds the value, and one that was
   * not released must not leave by this door.
   */
  evidence: {
    request: record({
      activationId: identifier,
      index: integer({ min: 0, max: 999 }),
      signatureValue: base64url({ max: 1024 }),
    }),
    response: record({ evidence }),
  },
  /** Sticky: a revoked credential never signs again. Idempotent. */
  /** An identity provider's word that somebody logged out there: what he approved with it is over. */
  'providers/log-out': { request: record({ logoutToken: idTokenText }), response: nothing },
  'credentials/revoke': {
    request: record({ credentialId: identifier, reason: text({ max: 64 }) }),
    response: nothing,
  },
  /** Sticky: the key is never used again, and its record forgets it. Idempotent. */
  'keys/destroy': {
    request: record({ credentialId: identifier, reason: oneOf('requested', 'expired') }),
    response: nothing,
  },
  /** Newest signed heads: of the state log, and of this SAM's activity log. */
  checkpoints: {
    request: nothing,
    response: record({ state: text({ max: 4096 }), activity: text({ max: 4096 }) }),
  },
} as const

export type SapMethods = typeof sapMethods
export type SapMethod = keyof SapMethods
export type SapRequest<M extends SapMethod> = Shaped<SapMethods[M]['request']>
export type SapResponse<M extends SapMethod> = Shaped<SapMethods[M]['response']>
