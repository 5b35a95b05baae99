/**
 * The key of an encrypted document from a password: ISO 32000-2, 7.6.4.3 and 7.6.4.4 (algorithms 2, 2.A, 2.B, 6 and 7).
 *
 * AES only, since nothing is signed under RC4 here; and nothing of this is shared with what signs.
 */
import { concat, equal } from '@natsuin/pki/encoding'
import { md5 } from '@noble/hashes/legacy.js'
import { malformed } from '../tokens.ts'
import { ValidationEnded } from '../verdict.ts'
import { cbcDecrypt, cbcEncrypt, rc4, sha2 } from './standard-ciphers.ts'
import { bytesOfString, type Dictionary, type Value } from './value.ts'

export interface FileKey {
  readonly bytes: Uint8Array
  /** With AES-256 one key is for all objects, with AES-128 each has its own (7.6.3). */
  readonly perObject: boolean
}

/**
 * @param id        the permanent half of ID
 * @param password  the user's or the owner's
 * @returns `undefined` when it is neither
 * @throws ValidationEnded GENERIC for an encryption of another kind
 */
export async function fileKeyOf(
  encrypt: Dictionary,
  id: Uint8Array,
  password: string,
): Promise<FileKey | undefined> {
  const revision = revisionOf(encrypt)
  const bytes =
    revision === 4 ? keyOfAes128(encrypt, id, password) : await keyOfAes256(encrypt, revision, password)
  return bytes === undefined ? undefined : { bytes, perObject: revision === 4 }
}

/** 4 with AES-128, 5 and 6 with AES-256 (tables 20, 21 and 25); strings and streams by one filter. */
function revisionOf(encrypt: Dictionary): 4 | 5 | 6 {
  const [filter, version, revision] = ['/Filter', '/V', '/R'].map(key => atomOf(encrypt.entries.get(key)))
  const [streams, strings] = ['/StmF', '/StrF'].map(key => atomOf(encrypt.entries.get(key)))
  const known = KINDS.find(
    kind =>
      kind.version === version &&
      String(kind.revision) === revision &&
      isMethod(encrypt, streams, kind.method),
  )
  if (filter === '/Standard' && streams === strings && known !== undefined) return known.revision
  throw new ValidationEnded('GENERIC', 'encrypted in a way that is not supported')
}

const KINDS = [
  { version: '4', revision: 4, method: '/AESV2' },
  { version: '5', revision: 5, method: '/AESV3' },
  { version: '5', revision: 6, method: '/AESV3' },
] as const

function isMethod({ entries }: Dictionary, name: string | undefined, method: string): boolean {
  const filters = entries.get('/CF')
  const filter = filters?.kind === 'dictionary' ? filters.entries.get(name ?? '') : undefined
  return filter?.kind === 'dictionary' && atomOf(filter.entries.get('/CFM')) === method
}

function atomOf(value: Value | undefined): string | undefined {
  return value?.kind === 'atom' ? value.text : undefined
}

function stringOf({ entries }: Dictionary, key: string, length: number): Uint8Array {
  const bytes = bytesOfString(atomOf(entries.get(key)) ?? '')
  if (bytes.length < length) throw malformed(`${key} of Encrypt`)
  return bytes.subarray(0, length)
}

/** Algorithm 2.A: the owner's entry is hashed together with the user's. */
async function keyOfAes256(encrypt: Dictionary, revision: 5 | 6, text: string) {
  const password = new TextEncoder().encode(text.normalize('NFKC')).subarray(0, 127)
  const user = stringOf(encrypt, '/U', 48)
  const ways = [
    { entry: stringOf(encrypt, '/O', 48), wrapped: stringOf(encrypt, '/OE', 32), with: user },
    { entry: user, wrapped: stringOf(encrypt, '/UE', 32), with: new Uint8Array() },
  ]
  for (const { entry, wrapped, with: beside } of ways) {
    const hash = (salt: Uint8Array) => hashOf(password, salt, { beside, revision })
    if (!equal(await hash(entry.subarray(32, 40)), entry.subarray(0, 32))) continue
    return cbcDecrypt({ key: await hash(entry.subarray(40, 48)), iv: new Uint8Array(16), data: wrapped })
  }
  return undefined
}

interface Circumstances {
  readonly beside: Uint8Array
  readonly revision: 5 | 6
}

/** Algorithm 2.B; of revision 5 only its first step. */
async function hashOf(password: Uint8Array, salt: Uint8Array, { beside, revision }: Circumstances) {
  let hash = await sha2(256, concat(password, salt, beside))
  for (let round = 1, last = 0; revision === 6 && (round <= 64 || last > round - 33); round++) {
    const repeated = concat(...Array.from({ length: 64 }, () => concat(password, hash, beside)))
    const [key, iv] = [hash.subarray(0, 16), hash.subarray(16, 32)]
    const encrypted = await cbcEncrypt({ key, iv, data: repeated })
    const remainder = encrypted.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3
    hash = await sha2(remainder === 0 ? 256 : remainder === 1 ? 384 : 512, encrypted)
    last = encrypted.at(-1) ?? 0
  }
  return hash.subarray(0, 32)
}

// Algorithm 2, step (a).
const PADDING = bytesOfString('<28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a>')

/** The owner's password opens the user's (algorithm 7), and that the document (algorithms 2 and 6). */
function keyOfAes128(encrypt: Dictionary, id: Uint8Array, text: string): Uint8Array | undefined {
  const password = padded(Uint8Array.from(text, character => character.charCodeAt(0)))
  const ownersKey = hashed(password)
  const rounds = Array.from({ length: 20 }, (_, i) => i)
  const opened = rounds.reduceRight<Uint8Array>(
    (data, i) => rc4(masked(ownersKey, i), data),
    stringOf(encrypt, '/O', 32),
  )
  return [opened, password].map(one => keyOfUser(encrypt, id, one)).find(key => key !== undefined)
}

function keyOfUser(encrypt: Dictionary, id: Uint8Array, password: Uint8Array): Uint8Array | undefined {
  const permissions = Number(atomOf(encrypt.entries.get('/P')))
  const bits = Uint8Array.from([0, 8, 16, 24], shift => (permissions >> shift) & 255)
  const mark = atomOf(encrypt.entries.get('/EncryptMetadata')) === 'false' ? [255, 255, 255, 255] : []
  const key = hashed(concat(password, stringOf(encrypt, '/O', 32), bits, id, Uint8Array.from(mark)))
  const rounds = Array.from({ length: 20 }, (_, i) => i)
  const proof = rounds.reduce<Uint8Array>((data, i) => rc4(masked(key, i), data), md5(concat(PADDING, id)))
  return equal(proof, stringOf(encrypt, '/U', 16)) ? key : undefined
}

const padded = (password: Uint8Array) => concat(password, PADDING).subarray(0, 32)
const masked = (key: Uint8Array, mask: number) => key.map(byte => byte ^ mask)

/** MD5, fifty-one times. */
function hashed(data: Uint8Array): Uint8Array {
  return Array.from({ length: 51 }).reduce<Uint8Array>(hash => md5(hash), data)
}
