/**
 * What an amendment of the roster may change: one variant for each kind (sole-control 8).
 *
 * A change says what is to be, not what was: what was is the roster that its request names by digest. People come with
 * the registrations of their passkeys, so that everybody who looks later can see where their keys come from.
 */
import { identifier, registration, visibleText } from '../approval/index.ts'
import { credentialClass, identityProvider, issuer, knownClient, limits, role } from '../genesis/index.ts'
import { base64url, integer, list, oneOf, record, type Shaped, variant } from '../shape/shape.ts'

const roles = list(role, { min: 1, max: 5 })

/** Somebody who is to be in the roster. */
export const candidate = record({
  id: identifier,
  name: visibleText(255),
  roles,
  registrations: list(registration, { min: 1, max: 10 }),
})

export const change = variant('kind', {
  'person-add': record({ kind: oneOf('person-add'), person: candidate }),
  'person-remove': record({ kind: oneOf('person-remove'), personId: identifier }),
  'person-roles': record({ kind: oneOf('person-roles'), personId: identifier, roles }),
  'passkey-add': record({ kind: oneOf('passkey-add'), personId: identifier, registration }),
  'passkey-remove': record({
    kind: oneOf('passkey-remove'),
    personId: identifier,
    /** WebAuthn credential id. */
    credentialId: base64url({ max: 1023 }),
  }),
  'quorum-set': record({ kind: oneOf('quorum-set'), quorum: integer({ min: 2, max: 20 }) }),
  /** Adds the class, or puts it in the place of the one with its id. Keys that exist keep what theirs said. */
  'class-set': record({ kind: oneOf('class-set'), class: credentialClass }),
  'class-remove': record({ kind: oneOf('class-remove'), classId: identifier }),
  /** Adds the client, or puts it in the place of the one with its id. */
  'client-set': record({ kind: oneOf('client-set'), client: knownClient }),
  'client-remove': record({ kind: oneOf('client-remove'), clientId: identifier }),
  /** Adds the provider, or puts it in the place of the one with its id: other keys, other addresses. Its issuer stays. */
  'provider-set': record({ kind: oneOf('provider-set'), provider: identityProvider }),
  /** It vouches for nobody any more, at once and for good: its id never comes back. */
  'provider-remove': record({ kind: oneOf('provider-remove'), providerId: identifier }),
  'trust-anchor-add': record({ kind: oneOf('trust-anchor-add'), certificate: base64url({ max: 16384 }) }),
  'trust-anchor-remove': record({
    kind: oneOf('trust-anchor-remove'),
    /** SHA-256 of the DER certificate. */
    digest: base64url({ min: 32, max: 32 }),
  }),
  /** Where applications address their requests to. */
  'issuer-set': record({ kind: oneOf('issuer-set'), issuer }),
  'level-set': record({ kind: oneOf('level-set'), maxLevel: oneOf(1, 2, 3) }),
  'limits-set': record({ kind: oneOf('limits-set'), limits }),
})

export type Candidate = Shaped<typeof candidate>
export type Change = Shaped<typeof change>
export type ChangeKind = Change['kind']
export type ChangeOf<K extends ChangeKind> = Extract<Change, { kind: K }>
