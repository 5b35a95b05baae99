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

export const backupShare = record({
  /** Who must open it, in this order; the last one hands over to the module. */
  holders: list(identifier, { min: 2, max: 10 }),
  /** Of the innermost encryption, which the module made (RFC 8017, 7.1). The outer ones have SHA-256. */
  oaepDigest: oneOf('sha1', 'sha256'),
  sealed: base64url({ max: 65_536 }),
})

export const sharedBackup = record({
  v: oneOf(1),
  deployment: visibleText(255),
  /** How many custodians it takes. */
  threshold: integer({ min: 2, max: 10 }),
  custodians: list(record({ id: identifier, publicKey: spki }), { min: 2, max: 10 }),
  keys: list(
    record({
      kind: oneOf('master', 'mac', 'signing'),
      label: visibleText(64),
      /** Of a signing key. */
      keyType: optional(keyTypeName),
      witness: keyWitness,
      shares: list(backupShare, { min: 1, max: 252 }),
    }),
    { min: 1, max: 10 },
  ),
  /** Seconds since 1970-01-01T00:00:00Z. */
  madeAt: integer({ min: 0, max: 2 ** 40 }),
})

export type BackupShare = Shaped<typeof backupShare>
export type SharedBackup = Shaped<typeof sharedBackup>
