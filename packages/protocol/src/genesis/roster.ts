/**
 * The roster: what a deployment is founded on. Its digest is leaf 0 of the log (sole-control 8).
 *
 * Everything here was decided at genesis, before the first key existed: which people have which roles, which classes
 * of credentials there are, which applications are known by name, whose certificates are accepted. A verifier
 * of evidence reads it and finds its digest in the log, so nothing in it can be exchanged later unseen.
 */

import {
  approvalKinds,
  identifier,
  identityProvider,
  itemBases,
  keyTypeName,
  knownClient,
  proofingLevel,
  signatureName,
  toWire,
  visibleText,
} from '../approval/index.ts'
import { base64url, flag, integer, list, oneOf, optional, record, type Shaped, text } from '../shape/shape.ts'
import { writeJson } from '../shape/strict-json.ts'

const name = visibleText(255)

/** The four privileged roles of EN 419 241-1:2018, SRG_M.1, and who vouches for people. */
export const role = oneOf(
  'security-officer',
  'system-administrator',
  'system-operator',
  'system-auditor',
  'registration-officer',
)

/** A passkey of somebody in the roster, registered on the approval origin. */
export const personPasskey = record({
  /** WebAuthn credential id. */
  credentialId: base64url({ max: 1023 }),
  /** DER SubjectPublicKeyInfo. */
  publicKey: base64url({ max: 600 }),
  algorithm: signatureName,
  /** Whether it can leave its device. */
  backupEligible: flag,
})

export const person = record({
  id: identifier,
  /** A natural person's: these people answer for what they approve. */
  name,
  roles: list(role, { min: 1, max: 5 }),
  passkeys: list(personPasskey, { min: 1, max: 10 }),
})

const certificate = base64url({ max: 16384 })

/** Whose authenticators may be registered: models, and the roots that their attestations lead to. */
export const acceptedAuthenticators = record({
  /** WebAuthn Level 3, 6.5.1. */
  aaguids: list(base64url({ min: 16, max: 16 }), { min: 1, max: 100 }),
  /** DER. */
  roots: list(certificate, { min: 1, max: 20 }),
})

/** What becomes of a key: it stays, it lives for one activation, or it came from elsewhere. */
export const keyOrigin = oneOf('lasting', 'one-time', 'imported')

/** What credentials of a class may do. Frozen into each credential when its key is made. */
export const credentialClass = record({
  id: identifier,
  level: oneOf(1, 2, 3),
  keyType: keyTypeName,
  maxSignatures: integer({ min: 1, max: 1000 }),
  ticketSeconds: integer({ min: 10, max: 3600 }),
  sadSeconds: integer({ min: 10, max: 3600 }),
  /** By which means their owners may approve. */
  approvals: approvalKinds,
  /** On what they may approve an item. */
  bases: itemBases,
  /** At which provider, where one has to vouch for them. */
  provider: optional(identifier),
  keys: keyOrigin,
  /** How well, and how recently, the person's identity must have been proven. */
  proofing: record({ minLevel: proofingLevel, maxAgeDays: integer({ min: 1, max: 3650 }) }),
  /** For how long a further authenticator approves nothing yet, so that its owner learns of it first. Absent: at once. */
  restHours: optional(integer({ min: 1, max: 168 })),
  /** Absent: any authenticator, without attestation. */
  authenticators: optional(acceptedAuthenticators),
})

/** How long what waits for people may wait. */
export const limits = record({
  /** Of administrative requests. */
  requestHours: integer({ min: 1, max: 168 }),
  /** Of invitations: from the officers' word to the enrolment. */
  grantHours: integer({ min: 1, max: 720 }),
})

/** OAuth issuer: scheme, host and port (RFC 8414, 2). */
export const issuer = text({ max: 300, pattern: /^https?:\/\/[^/]+$/ })

export const roster = record({
  v: oneOf(1),
  /** 1 is the one of genesis; each amendment is one more. */
  version: integer({ min: 1, max: 2 ** 31 }),
  deployment: name,
  /** `test` lifts the rule that a software module is level 1 only; every certificate then says so. */
  environment: oneOf('production', 'test'),
  maxLevel: oneOf(1, 2, 3),
  /** WebAuthn RP ID: the host name of the approval origin, exactly. */
  rpId: text({ max: 253 }),
  /** The approval origin: scheme, host and port. */
  approvalOrigin: text({ max: 300, pattern: /^https?:\/\/[^/]+$/ }),
  /** OAuth issuer: whom applications address their requests to (RFC 8414, 2). */
  issuer,
  softwareModule: flag,
  /** How many security officers have to agree to anything that changes this roster. */
  quorum: integer({ min: 2, max: 20 }),
  people: list(person, { min: 1, max: 200 }),
  classes: list(credentialClass, { min: 1, max: 100 }),
  clients: list(knownClient, { max: 10_000 }),
  /** Absent: nobody is vouched for by a provider. */
  providers: optional(list(identityProvider, { max: 20 })),
  /** DER certificates of the roots whose chains may be linked to credentials. */
  trustAnchors: list(certificate, { min: 1, max: 20 }),
  limits,
})

export type Role = Shaped<typeof role>
export type PersonPasskey = Shaped<typeof personPasskey>
export type RosterLimits = Shaped<typeof limits>
export type Person = Shaped<typeof person>
export type AcceptedAuthenticators = Shaped<typeof acceptedAuthenticators>
export type CredentialClass = Shaped<typeof credentialClass>
export type KeyOrigin = Shaped<typeof keyOrigin>
export type Roster = Shaped<typeof roster>
export type Level = CredentialClass['level']

/** The bytes whose SHA-256 names the roster. */
export function rosterBytes(given: Roster): Uint8Array<ArrayBuffer> {
  return writeJson(toWire(given))
}
