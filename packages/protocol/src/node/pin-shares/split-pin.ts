/**
 * The PIN of a token for several people of whom some number is needed whenever a process starts (requirements, GEN: a
 * PIN that no single person can enter).
 *
 * Each holds a share of 160 random bits. For every group that is large enough the file has the PIN, encrypted under what
 * only the shares of that group yield together; so nothing is split but by encryption, and the file alone is worth
 * nothing. It knows its shares by their digests, and so who mistyped his is told at once.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { concat, equal, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '../../approval/wire.ts'
import { base64url, integer, list, oneOf, record, type Shaped } from '../../shape/shape.ts'

const SHARE_BYTES = 20
const MAX_HOLDERS = 10
const NONCE_BYTES = 12
const TAG_BYTES = 16

export const pinShares = record({
  v: oneOf(1),
  /** How many people it takes. */
  needed: integer({ min: 2, max: MAX_HOLDERS }),
  salt: base64url({ min: 32, max: 32 }),
  /** SHA-256 of each share. */
  shares: list(base64url({ min: 32, max: 32 }), { min: 2, max: MAX_HOLDERS }),
  groups: list(
    record({
      /** Which shares it takes, by their places in the list. */
      holders: list(integer({ min: 0, max: MAX_HOLDERS - 1 }), { min: 2, max: MAX_HOLDERS }),
      /** Nonce, AES-256-GCM ciphertext and tag. */
      sealed: base64url({ min: NONCE_BYTES + TAG_BYTES + 1, max: 512 }),
    }),
    { min: 1, max: 252 },
  ),
})

export type PinShares = Shaped<typeof pinShares>

export interface PinSplit {
  /** What the file holds. */
  readonly file: string
  /** One for each person, to be written down. */
  readonly shares: readonly string[]
}

/** @throws RangeError when it takes one person alone, or more than there are */
export function splitPin(
  pin: string,
  { of, needed }: { readonly of: number; readonly needed: number },
): PinSplit {
  const areWhole = Number.isInteger(of) && Number.isInteger(needed)
  if (!areWhole || needed < 2 || needed > of || of > MAX_HOLDERS)
    throw new RangeError(`${needed} of ${of} people`)
  const shares = Array.from({ length: of }, () => new Uint8Array(randomBytes(SHARE_BYTES)))
  const salt = new Uint8Array(randomBytes(32))
  const groups = groupsOf(of, needed).map(holders => ({
    holders,
    sealed: seal(groupKey(salt, holders, shares), pin),
  }))
  const content: PinShares = { v: 1, needed, salt, shares: shares.map(digestOf), groups }
  return { file: `${JSON.stringify(toWire(content), undefined, 2)}\n`, shares: shares.map(spell) }
}

/** The place of a share that somebody typed; `undefined` when it is none of these. */
export function placeOf({ shares }: PinShares, share: Uint8Array): number | undefined {
  const digest = digestOf(share)
  const place = shares.findIndex(known => equal(known, digest))
  return place < 0 ? undefined : place
}

/** The PIN, from enough shares by their places. `undefined` when there are not enough, or the file was altered. */
export function joinShares(
  { groups, salt }: PinShares,
  brought: ReadonlyMap<number, Uint8Array>,
): string | undefined {
  const group = groups.find(({ holders }) => holders.every(place => brought.has(place)))
  if (group === undefined) return undefined
  const shares = Array.from({ length: MAX_HOLDERS }, (_, place) => brought.get(place) ?? new Uint8Array())
  return open(groupKey(salt, group.holders, shares), group.sealed)
}

/** As people read it to each other: groups of four, no 0, 1, 8 or 9. */
const spell = (share: Uint8Array): string => (toBase32(share).match(/.{4}/g) ?? []).join(' ')

/** What somebody typed, with or without blanks and hyphens; `undefined` when it cannot be a share. */
export function readShare(typed: string): Uint8Array | undefined {
  const share = fromBase32(typed.replace(/[\s-]/g, '').toUpperCase())
  return share?.length === SHARE_BYTES ? share : undefined
}

const digestOf = (share: Uint8Array): Uint8Array => digestSync('sha256', concat(utf8(CONTEXT), share))

const CONTEXT = 'natsuin pin share\n'

function groupKey(salt: Uint8Array, holders: readonly number[], shares: readonly Uint8Array[]): Uint8Array {
  const secret = concat(...holders.map(place => shares[place] ?? new Uint8Array()))
  return new Uint8Array(hkdfSync('sha256', secret, salt, `${CONTEXT}${holders.join(' ')}`, 32))
}

function seal(key: Uint8Array, pin: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return concat(nonce, cipher.update(pin, 'utf8'), cipher.final(), cipher.getAuthTag())
}

function open(key: Uint8Array, sealed: Uint8Array): string | undefined {
  const [nonce, tag] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(-TAG_BYTES)]
  const cipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(tag)
  try {
    const text = cipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, cipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** Every group of `size` out of `count`, in order. */
function groupsOf(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]]
  const places = Array.from({ length: count - from }, (_, i) => from + i)
  return places.flatMap(first => groupsOf(count, size - 1, first + 1).map(rest => [first, ...rest]))
}

// RFC 4648, 6.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Of whole groups of five octets, so without padding. */
function toBase32(octets: Uint8Array): string {
  const bits = Array.from(octets, octet => octet.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map(five => ALPHABET[Number.parseInt(five, 2)]).join('')
}

function fromBase32(text: string): Uint8Array | undefined {
  const values = Array.from(text, character => ALPHABET.indexOf(character))
  if (values.includes(-1) || text.length % 8 !== 0) return undefined
  const bits = values.map(value => value.toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], octet => Number.parseInt(octet, 2))
}
