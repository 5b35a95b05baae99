/**
 * The backup of a deployment's keys, for custodians of whom several are needed (sole-control 8 and 11).
 *
 * There is one share for each group of custodians that is large enough. A share is the key, encrypted for one member of
 * the group by the module, and then for every other member in turn: nobody opens it without all of them, and nobody
 * but the module ever sees the key. The file is not secret.
 */
import { identifier, keyTypeName, visibleText } from '../approval/index.ts'
import { base64url, integer, list, oneOf, optional, record, type Shaped, variant } from '../shape/index.ts'

const spki = base64url({ min: 44, max: 1200 })

/** By what a restored key is recognised. Whoever can replace it can have another key accepted. */
export const keyWitness = variant('kind', {
  master: record({
    kind: oneOf('master'),
    pair: record({ type: keyTypeName, wrapped: base64url({ max: 8192 }), spki }),
  }),
  mac: record({ kind: oneOf('mac'), mac: base64url({ min: 32, max: 32 }) }),
  signing: record({ kind: oneOf('signing'), spki }),
})

const oaepDigest = oneOf('sha1', 'sha256')

export const backupShare = record({
  /** Who must open it, in this order; the last one hands over to the module. */
  holders: list(identifier, { min: 2, max: 10 }),
  /** Of the innermost encryption, which the module made (RFC 8017, 7.1). The outer ones have SHA-256. */
  oaepDigest,
  sealed: base64url({ max: 65_536 }),
})

/** How many custodians it takes. */
const threshold = integer({ min: 2, max: 10 })
const custodians = list(record({ id: identifier, publicKey: spki }), { min: 2, max: 10 })

/** For whom a backup is made. */
export const backupTerms = record({ threshold, custodians })

/** A key as the module is asked for it, and by what it is recognised. */
const namedKey = {
  kind: oneOf('master', 'mac', 'signing'),
  label: visibleText(64),
  /** Of a signing key. */
  keyType: optional(keyTypeName),
  witness: keyWitness,
} as const

export const sharedBackup = record({
  v: oneOf(1),
  deployment: visibleText(255),
  threshold,
  custodians,
  keys: list(record({ ...namedKey, shares: list(backupShare, { min: 1, max: 252 }) }), { min: 1, max: 10 }),
  /** Seconds since 1970-01-01T00:00:00Z. */
  madeAt: integer({ min: 0, max: 2 ** 40 }),
})

/** What a custodian is handed in a restoration: of each key the layer that is his. */
export const shareInHand = record({
  v: oneOf(1),
  deployment: visibleText(255),
  holder: identifier,
  pieces: list(record({ label: visibleText(64), oaepDigest, sealed: base64url({ max: 65_536 }) }), {
    min: 1,
    max: 10,
  }),
  /** For whom the last one encrypts what he opens, so that nobody sees it. */
  importKey: optional(record({ publicKey: spki, oaepDigest })),
})

/** What he hands back. */
export const openedShare = record({
  v: oneOf(1),
  holder: identifier,
  pieces: list(record({ label: visibleText(64), opened: base64url({ max: 65_536 }) }), { min: 1, max: 10 }),
})

/** What the module is given: each key, encrypted for its import key. */
export const restoration = record({
  v: oneOf(1),
  deployment: visibleText(255),
  /** SHA-256 of the backups that it was put together from. */
  backups: list(base64url({ min: 32, max: 32 }), { min: 1, max: 10 }),
  keys: list(record({ ...namedKey, sent: base64url({ max: 65_536 }) }), { min: 1, max: 100 }),
})

/** By what a SAM recognises its keys; beside its configuration, and as trusted. */
export const keyWitnessFile = record({
  v: oneOf(1),
  keys: list(record({ label: visibleText(64), witness: keyWitness }), { max: 1000 }),
})

export type BackupTerms = Shaped<typeof backupTerms>
export type BackupShare = Shaped<typeof backupShare>
export type SharedBackup = Shaped<typeof sharedBackup>
export type ShareInHand = Shaped<typeof shareInHand>
export type OpenedShare = Shaped<typeof openedShare>
export type Restoration = Shaped<typeof restoration>
export type KeyWitness = Shaped<typeof keyWitness>
export type KeyWitnessFile = Shaped<typeof keyWitnessFile>
