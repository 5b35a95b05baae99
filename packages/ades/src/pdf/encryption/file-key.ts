/**
 * The key that a document is encrypted with, from a password: ISO 32000-2, 7.6.4.3 and 7.6.4.4 (algorithms 2 to 7,
 * 2.A and 2.B); for revision 5 Adobe's supplement to ISO 32000-1, whose hash is a single SHA-256.
 */
import { concat, equal } from '@natsuin/pki/encoding'
import { PdfRefusal } from '../refusal.ts'
import { aesDecryptBlocks, aesEncryptBlocks, BLOCK_BYTES, md5Of, rc4, sha2Of } from './ciphers.ts'
import type { EncryptDictionary } from './encrypt-dictionary.ts'

export interface OpenedKey {
  readonly key: Uint8Array
  /** The owner is bound by no permissions (7.6.4.1). */
  readonly isOwner: boolean
}

/** @throws PdfRefusal `password-wrong` when it is neither the user's nor the owner's */
export async function fileKeyOf(
  dictionary: EncryptDictionary,
  password: string,
  fileId: Uint8Array,
): Promise<OpenedKey> {
  const opened =
    dictionary.revision >= 5 ? await openRecent(dictionary, password) : openOld(dictionary, password, fileId)
  if (opened === undefined) throw new PdfRefusal('password-wrong')
  return opened
}

/** Algorithm 2.A. */
async function openRecent(dictionary: EncryptDictionary, text: string): Promise<OpenedKey | undefined> {
  const { userEntry, ownerEntry, userKey, ownerKey } = dictionary
  const password = new TextEncoder().encode(text.normalize('NFKC')).subarray(0, 127)
  const owner = { password, entry: ownerEntry, wrapped: ownerKey, userEntry }
  const user = { password, entry: userEntry, wrapped: userKey, userEntry: new Uint8Array() }
  const ownersKey = await unwrapped(owner, dictionary)
  const key = ownersKey ?? (await unwrapped(user, dictionary))
  return key === undefined ? undefined : { key, isOwner: ownersKey !== undefined }
}

interface Wrapped {
  readonly password: Uint8Array
  /** A hash of 32 bytes, a salt to check it and a salt for the key, of 8 each. */
  readonly entry: Uint8Array
  readonly wrapped: Uint8Array
  /** U where the owner's entry is meant, else nothing. */
  readonly userEntry: Uint8Array
}

async function unwrapped(
  { password, entry, wrapped, userEntry }: Wrapped,
  dictionary: EncryptDictionary,
): Promise<Uint8Array | undefined> {
  const hash = (salt: Uint8Array) => hashOf({ password, salt, userEntry }, dictionary.revision)
  if (!equal(await hash(entry.subarray(32, 40)), entry.subarray(0, 32))) return undefined
  const key = await aesDecryptBlocks(await hash(entry.subarray(40, 48)), wrapped)
  await checkPermissions(key, dictionary)
  return key
}

/** Algorithm 13: P stands in the open, and Perms says what it was when the document was encrypted. */
async function checkPermissions(key: Uint8Array, dictionary: EncryptDictionary): Promise<void> {
  const opened = await aesDecryptBlocks(key, dictionary.sealedPermissions)
  const sealed = new DataView(opened.buffer, opened.byteOffset).getUint32(0, true)
  const isSealed = String.fromCharCode(...opened.subarray(9, 12)) === 'adb'
  if (!isSealed || sealed !== dictionary.permissions) throw new PdfRefusal('malformed-structure', 'Perms')
}

interface Hashed {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly userEntry: Uint8Array
}

const ROUNDS = 64

/** Algorithm 2.B. It ends: the chance of one more round than 287 is nil, since the last byte is at most 255. */
async function hashOf({ password, salt, userEntry }: Hashed, revision: number): Promise<Uint8Array> {
  let key = await sha2Of(256, password, salt, userEntry)
  if (revision === 5) return key
  for (let round = 0, last = 0; round < ROUNDS || last > round - ROUNDS / 2; round++) {
    const once = concat(password, key, userEntry)
    const data = concat(...Array.from({ length: 64 }, () => once))
    const encrypted = await aesEncryptBlocks({
      key: key.subarray(0, BLOCK_BYTES),
      iv: key.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES),
      data,
    })
    // The first block as a number modulo 3 is the sum of its bytes modulo 3, because 256 is 1 modulo 3.
    const rest = encrypted.subarray(0, BLOCK_BYTES).reduce((sum, byte) => sum + byte, 0) % 3
    key = await sha2Of(HASH_BITS[rest] ?? 256, encrypted)
    last = encrypted.at(-1) ?? 0
  }
  return key.subarray(0, 32)
}

const HASH_BITS = [256, 384, 512] as const

// 7.6.4.3.2, algorithm 2, step (a).
const PADDING = Uint8Array.from([
  ...[0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08],
  ...[0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a],
])

/** Revisions 2 to 4: the owner's password opens the user's, and that the document. */
function openOld(dictionary: EncryptDictionary, text: string, fileId: Uint8Array): OpenedKey | undefined {
  const password = padded(Uint8Array.from(text, character => character.charCodeAt(0)))
  const users = openAsUser(dictionary, userPasswordOf(dictionary, password), fileId)
  const key = users ?? openAsUser(dictionary, password, fileId)
  return key === undefined ? undefined : { key, isOwner: users !== undefined }
}

function padded(password: Uint8Array): Uint8Array {
  return concat(password, PADDING).subarray(0, 32)
}

/** Algorithm 2, checked with algorithm 6. */
function openAsUser(
  dictionary: EncryptDictionary,
  password: Uint8Array,
  fileId: Uint8Array,
): Uint8Array | undefined {
  const { revision, keyBytes, ownerEntry, permissions, encryptsMetadata, userEntry } = dictionary
  const bits = Uint8Array.from([0, 8, 16, 24], shift => (permissions >>> shift) & 255)
  const mark = revision >= 4 && !encryptsMetadata ? new Uint8Array(4).fill(255) : new Uint8Array()
  const hash = repeated(md5Of(password, ownerEntry, bits, fileId, mark), revision, keyBytes)
  const key = hash.subarray(0, keyBytes)
  if (revision === 2) return equal(rc4(key, PADDING), userEntry) ? key : undefined
  const expected = twenty(key, md5Of(PADDING, fileId), 'up')
  return equal(expected, userEntry.subarray(0, 16)) ? key : undefined
}

/** Algorithm 7: what the owner's password opens. */
function userPasswordOf({ revision, keyBytes, ownerEntry }: EncryptDictionary, password: Uint8Array) {
  const key = repeated(md5Of(password), revision, keyBytes).subarray(0, keyBytes)
  return revision === 2 ? rc4(key, ownerEntry) : twenty(key, ownerEntry, 'down')
}

function repeated(hash: Uint8Array, revision: number, keyBytes: number): Uint8Array {
  let repeatedly = hash
  for (let i = 0; revision >= 3 && i < 50; i++) repeatedly = md5Of(repeatedly.subarray(0, keyBytes))
  return repeatedly
}

/** Nineteen more times with the key, each byte of which is combined with the count. */
function twenty(key: Uint8Array, data: Uint8Array, direction: 'up' | 'down'): Uint8Array {
  const counts = Array.from({ length: 20 }, (_, i) => (direction === 'up' ? i : 19 - i))
  return counts.reduce(
    (done, count) =>
      rc4(
        key.map(byte => byte ^ count),
        done,
      ),
    data,
  )
}
