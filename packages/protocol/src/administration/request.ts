/**
 * An administrative request: what several people are asked to approve (sole-control 8).
 *
 * Everybody approves the same bytes. The request names the roster that it starts from, so it is void as soon as that
 * one is no longer in force; it runs out; and the nonce makes it one of a kind.
 */
import { identifier, subjectAttributes, toWire, visibleText } from '../approval/index.ts'
import { backupTerms } from '../keys/index.ts'
import { base64url, integer, list, oneOf, optional, record, type Shaped, variant } from '../shape/shape.ts'
import { writeJson } from '../shape/strict-json.ts'
import { change } from './change.ts'

/** What is to be done. Other ceremonies than amendments are further variants. */
export const act = variant('kind', {
  /** Changes the roster, all of it or nothing. */
  amend: record({ kind: oneOf('amend'), changes: list(change, { min: 1, max: 50 }) }),
  /** Puts a new master key in the place of the one that wraps signers' keys, which is then destroyed. */
  'rotate-master-key': record({
    kind: oneOf('rotate-master-key'),
    /** Label of the one that is to go. */
    replaces: identifier,
    /** For whom copies of the new one are made; none leaves without. */
    backup: optional(backupTerms),
  }),
  /** Lets a SAM act again whose module's keys came back from backups. */
  'resume-after-restore': record({
    kind: oneOf('resume-after-restore'),
    /** SHA-256 of what the restoration left beside the heads. */
    restorationDigest: base64url({ min: 32, max: 32 }),
    /** When the keys were restored; seconds since 1970-01-01T00:00:00Z. */
    restoredAt: integer({ min: 0, max: 2 ** 40 }),
    /** How much of the state log there is, and when its newest leaf is from. */
    stateSize: integer({ min: 1, max: 2 ** 50 }),
    newestAt: integer({ min: 0, max: 2 ** 50 }),
  }),
  /** Has keys sign the requests by which an authority outside certifies them. */
  'request-certificates': record({
    kind: oneOf('request-certificates'),
    credentials: list(
      record({
        credentialId: identifier,
        /** Who the request names. */
        subject: subjectAttributes,
        /** SHA-256 of the key's SubjectPublicKeyInfo. */
        publicKeyDigest: base64url({ min: 32, max: 32 }),
      }),
      { min: 1, max: 50 },
    ),
  }),
})

export const administrativeRequest = record({
  v: oneOf(1),
  deployment: visibleText(255),
  /** The one in force: its version, and SHA-256 of its bytes. */
  roster: record({ version: integer({ min: 1, max: 2 ** 31 }), digest: base64url({ min: 32, max: 32 }) }),
  act,
  /** For those who are asked. */
  reason: visibleText(500),
  nonce: base64url({ min: 16, max: 16 }),
  /** Seconds since 1970-01-01T00:00:00Z. */
  notAfter: integer({ min: 0, max: 2 ** 40 }),
})

export type Act = Shaped<typeof act>
export type ActKind = Act['kind']
export type ActOf<K extends ActKind> = Extract<Act, { kind: K }>
export type AdministrativeRequest = Shaped<typeof administrativeRequest>

/** The bytes whose SHA-256 names the request. */
export function requestBytes(request: AdministrativeRequest): Uint8Array<ArrayBuffer> {
  return writeJson(toWire(request))
}
