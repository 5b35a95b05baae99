/** What the encryption dictionary says: ISO 32000-2, 7.6.2 (table 20), 7.6.4.2 (table 21) and 7.6.6 (crypt filters). */
import {
  asCount,
  asName,
  isDictionary,
  isNumber,
  isString,
  type PdfDictionary,
  type PdfObject,
} from '../objects.ts'
import { PdfRefusal } from '../refusal.ts'

export type Cipher = 'rc4' | 'aes-128' | 'aes-256'

export interface EncryptDictionary {
  readonly cipher: Cipher
  /** 2 to 6. */
  readonly revision: number
  /** Of the file key. */
  readonly keyBytes: number
  readonly ownerEntry: Uint8Array
  readonly userEntry: Uint8Array
  /** The file key under each password; of revisions 5 and 6. */
  readonly ownerKey: Uint8Array
  readonly userKey: Uint8Array
  /** Table 22, as an unsigned number of 32 bits. */
  readonly permissions: number
  readonly sealedPermissions: Uint8Array
  readonly encryptsMetadata: boolean
}

/** @throws PdfRefusal `encryption-unsupported`, `malformed-structure` */
export function readEncryptDictionary({ entries }: PdfDictionary): EncryptDictionary {
  const version = asCount(entries.get('V')) ?? 0
  const revision = asCount(entries.get('R')) ?? 0
  const read = VERSIONS[version]
  const isStandard = asName(entries.get('Filter')) === 'Standard' && !entries.has('SubFilter')
  if (!isStandard || read === undefined || !read.revisions.includes(revision))
    throw new PdfRefusal('encryption-unsupported', `V ${version}, R ${revision}`)
  const permissions = entries.get('P')
  return {
    ...read.cipher(entries),
    revision,
    ownerEntry: bytesOf(entries, 'O', revision >= 5 ? 48 : 32),
    userEntry: bytesOf(entries, 'U', revision >= 5 ? 48 : 32),
    ownerKey: revision >= 5 ? bytesOf(entries, 'OE', 32) : new Uint8Array(),
    userKey: revision >= 5 ? bytesOf(entries, 'UE', 32) : new Uint8Array(),
    permissions: isNumber(permissions) ? permissions.value >>> 0 : 0,
    sealedPermissions: revision >= 5 ? bytesOf(entries, 'Perms', 16) : new Uint8Array(),
    encryptsMetadata: entries.get('EncryptMetadata') !== false,
  }
}

type Entries = PdfDictionary['entries']
type Strength = Pick<EncryptDictionary, 'cipher' | 'keyBytes'>

interface Version {
  readonly revisions: readonly number[]
  readonly cipher: (entries: Entries) => Strength
}

/** Table 20, V. */
const VERSIONS: Readonly<Record<number, Version>> = {
  1: { revisions: [2, 3], cipher: () => ({ cipher: 'rc4', keyBytes: 5 }) },
  2: { revisions: [3], cipher: entries => ({ cipher: 'rc4', keyBytes: rc4KeyBytes(entries) }) },
  4: { revisions: [4], cipher: filteredCipher },
  5: { revisions: [5, 6], cipher: filteredCipher },
}

function rc4KeyBytes(entries: Entries): number {
  const bits = asCount(entries.get('Length')) ?? 40
  if (bits < 40 || bits > 128 || bits % 8 !== 0)
    throw new PdfRefusal('encryption-unsupported', `${bits} bits`)
  return bits / 8
}

/** Strings and streams must be encrypted alike, and both: whoever sees half of a document can change what it says. */
function filteredCipher(entries: Entries): Strength {
  const [streams, strings] = ['StmF', 'StrF'].map(key => asName(entries.get(key)))
  const filters = entries.get('CF')
  const filter = isDictionary(filters) ? filters.entries.get(streams ?? '') : undefined
  const method = isDictionary(filter) ? asName(filter.entries.get('CFM')) : undefined
  const strength = METHODS[method ?? '']
  const wanted = asCount(entries.get('V')) === 5 ? 'aes-256' : undefined
  if (
    streams !== strings ||
    strength === undefined ||
    (strength.cipher === 'aes-256') !== (wanted !== undefined)
  )
    throw new PdfRefusal('encryption-unsupported', 'crypt filters')
  return strength
}

/** Table 25, CFM. */
const METHODS: Readonly<Record<string, Strength>> = {
  V2: { cipher: 'rc4', keyBytes: 16 },
  AESV2: { cipher: 'aes-128', keyBytes: 16 },
  AESV3: { cipher: 'aes-256', keyBytes: 32 },
}

/** Some writers pad these strings with zeros. */
function bytesOf(entries: Entries, key: string, length: number): Uint8Array {
  const value: PdfObject | undefined = entries.get(key)
  if (!isString(value) || value.bytes.length < length)
    throw new PdfRefusal('malformed-structure', `${key} of Encrypt`)
  return value.bytes.subarray(0, length)
}
