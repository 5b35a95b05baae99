/**
 * Making a shared backup of copies that a module made, and opening it again, one custodian after the other.
 *
 * No secret is split: each share is encryption around encryption, by the platform. The custodian who comes last gets
 * the encrypted transport key alone, not what is wrapped under it, so that he does not see the key either; the ceremony
 * keeps the other part.
 */
import type { KeyObject } from 'node:crypto'
import { concat } from '@natsuin/pki/encoding'
import { forwardTransport, type KeyRecipient, partsOfTransport, receiveKey, sendKey } from '@natsuin/pki/node'
import { readPublicKey } from '@natsuin/pki/x509'
import type { BackupShare, SharedBackup } from '../keys/shared-backup.ts'

export interface Custodian {
  readonly id: string
  /** DER SubjectPublicKeyInfo, RSA. */
  readonly publicKey: Uint8Array
}

/** A key of which the module made one copy for each custodian, in their order. */
export interface CopiedKey extends Omit<SharedBackup['keys'][number], 'shares'> {
  readonly copies: readonly (KeyRecipient & { readonly sent: Uint8Array })[]
}

export interface BackupTerms {
  readonly deployment: string
  readonly threshold: number
  readonly custodians: readonly Custodian[]
  readonly madeAt: number
}

/** @throws RangeError when the threshold is below two or above the number of custodians, or groups are too many */
export function shareBackup(terms: BackupTerms, keys: readonly CopiedKey[]): SharedBackup {
  const { deployment, threshold, custodians, madeAt } = terms
  if (threshold < 2 || threshold > custodians.length) {
    throw new RangeError(`${threshold} of ${custodians.length} custodians`)
  }
  const groups = groupsOf(custodians, threshold)
  if (groups.length > MAX_GROUPS) throw new RangeError(`${groups.length} groups of custodians`)
  return {
    v: 1,
    deployment,
    threshold,
    custodians: custodians.map(({ id, publicKey }) => ({ id, publicKey })),
    keys: keys.map(({ copies, ...key }) => ({
      ...key,
      shares: groups.map(group => shareFor(group, copies, custodians)),
    })),
    madeAt,
  }
}

/** A custodian who is not the last takes off his layer; `undefined` when it is not his. */
export function openLayer(key: KeyObject, sealed: Uint8Array): Uint8Array | undefined {
  return receiveKey(key, OUTER_DIGEST, sealed)
}

/** What is left when all layers are off: what the last custodian gets, and what the ceremony keeps. */
export function lastLayer(sealed: Uint8Array, { publicKey }: Custodian) {
  const key = readPublicKey(publicKey)
  if (key.kind !== 'rsa') throw new Error('a custodian holds an RSA key')
  return partsOfTransport(sealed, key.modulusBits)
}

/** The last custodian: the transport key for the module's import key instead of his own; `undefined` when it is not his. */
export function handOver(
  key: KeyObject,
  { oaepDigest }: Pick<BackupShare, 'oaepDigest'>,
  transport: Uint8Array,
  importKey: KeyRecipient,
): Uint8Array | undefined {
  return forwardTransport(key, oaepDigest, transport, importKey)
}

const OUTER_DIGEST = 'sha256'
const MAX_GROUPS = 252

type Group = readonly Custodian[]

/** The module's copy for the first of the group, inside what only the others can take off. */
function shareFor(group: Group, copies: CopiedKey['copies'], custodians: Group): BackupShare {
  const [innermost, ...others] = group
  const copy = innermost && copies[custodians.indexOf(innermost)]
  if (copy === undefined) throw new Error('there is a copy for each custodian')
  const sealed = others.reduce<Uint8Array>(
    (inner, { publicKey: spki }) => sendKey({ spki, oaepDigest: OUTER_DIGEST }, inner),
    copy.sent,
  )
  return { holders: group.map(({ id }) => id).reverse(), oaepDigest: copy.oaepDigest, sealed }
}

/** Every choice of so many, in the given order. */
function groupsOf(custodians: Group, size: number): Group[] {
  if (size === 0) return [[]]
  return custodians.flatMap((one, at) =>
    groupsOf(custodians.slice(at + 1), size - 1).map(rest => [one, ...rest]),
  )
}

/** What the module restores: the transport key, now for its import key, and what stayed in the ceremony. */
export const handedOver = (transport: Uint8Array, wrapped: Uint8Array): Uint8Array =>
  concat(transport, wrapped)
