/**
 * Opens a PKCS #12 file (RFC 7292) under a password.
 *
 * In this order: size; everything that can be read without the password, with all the work it asks for; the MAC;
 * only then what is encrypted. So a file that asks for too much costs nothing, and one that was changed is never
 * decrypted. BER is read here and nowhere else, because some makers of such files still write it.
 */
import { derOfBer } from '../asn1/ber.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOctetString, readOid, readSequence, readSmallInteger } from '../asn1/read.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { equal, join } from '../encoding/bytes.ts'
import { checkFileSize, KEY_FILE_LIMITS, WorkBudget } from '../pbe/budget.ts'
import { type Encryption, readEncryption } from '../pbe/encryption.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { type Password, passwordsOf } from '../pbe/password.ts'
import { decryptKey } from '../pkcs8/open.ts'
import type { PasswordPlatform } from '../platform/index.ts'
import { type Mac, readMac } from './mac.ts'
import { readContentInfo, readPfx } from './pfx.ts'
import { type Bag, type BagNames, readSafeContents } from './safe-contents.ts'

export interface Pkcs12Content {
  readonly keys: readonly Pkcs12Key[]
  /** In the order of the file. */
  readonly certificates: readonly Pkcs12Certificate[]
  /** Bags that hold something else: revocation lists and secrets. */
  readonly passedOver: number
}

export interface Pkcs12Key extends BagNames {
  /** DER PrivateKeyInfo (RFC 5958, 2). */
  readonly privateKeyInfo: Uint8Array
  /** Whether the key was encrypted in the file. */
  readonly encrypted: boolean
}

export interface Pkcs12Certificate extends BagNames {
  /** As it stands in the file; not parsed. */
  readonly certificate: Uint8Array
}

/**
 * Slow, up to about two seconds: call it in a worker with a deadline.
 *
 * @param file      the whole file, DER or BER
 * @param password  as it was typed; nothing means an empty one or none
 * @throws DerError, KeyFileRefusal
 */
export function openPkcs12(file: Uint8Array, password: string, platform: PasswordPlatform): Pkcs12Content {
  checkFileSize(file)
  const budget = new WorkBudget()
  const { authSafe, macData } = readPfx(parseBer(file))
  const mac = readMac(macData, budget)
  const safes = readSafes(parseBer(authSafe), budget)
  const reading = checkMac(mac, authSafe, password, platform)
  const bags = safes.flatMap(safe => readSafeContents(parseBer(openSafe(safe, reading, platform)), budget))
  if (bags.length > KEY_FILE_LIMITS.maxBags) throw new KeyFileRefusal('too-many-bags', `${bags.length}`)
  return contentOf(bags, reading, platform)
}

/** Where somebody gives BER: what comes out is parsed as strictly as everything else. */
const parseBer = (bytes: Uint8Array): DerNode => parseDer(derOfBer(bytes))

/** The password in the spelling under which the MAC is right. @throws KeyFileRefusal `password-wrong` */
function checkMac(mac: Mac, authSafe: Uint8Array, password: string, platform: PasswordPlatform): Password {
  const reading = passwordsOf(password).find(one => equal(mac.compute(platform, one, authSafe), mac.value))
  if (reading === undefined) throw new KeyFileRefusal('password-wrong')
  return reading
}

interface Safe {
  readonly content: Uint8Array
  readonly encryption: Encryption | undefined
}

/** RFC 7292, 4.1. */
function readSafes(node: DerNode, budget: WorkBudget): readonly Safe[] {
  const safes = readSequence(node, 'AuthenticatedSafe')
  if (safes.length > KEY_FILE_LIMITS.maxBags) throw new KeyFileRefusal('too-many-bags', `${safes.length}`)
  return safes.map(safe => {
    const { type, content } = readContentInfo(safe)
    if (type === OID.data) return { content: readOctetString(content), encryption: undefined }
    if (type === OID.encryptedData) return readEncryptedSafe(content, budget)
    throw new KeyFileRefusal('public-key-mode')
  })
}

/** RFC 5652, 8 and 6.1. */
function readEncryptedSafe(node: DerNode, budget: WorkBudget): Safe {
  return readFields(node, 'EncryptedData', fields => {
    if (readSmallInteger(fields.take('version')) !== 0)
      throw new DerError('value-not-allowed', 'EncryptedData.version')
    return readFields(fields.take('encryptedContentInfo'), 'EncryptedContentInfo', inner => {
      if (readOid(inner.take('contentType')) !== OID.data)
        throw new DerError('value-not-allowed', 'contentType')
      const encryption = readEncryption(inner.take('contentEncryptionAlgorithm'), budget)
      return { encryption, content: readImplicitOctets(inner.take('encryptedContent')) }
    })
  })
}

/** `[0] IMPLICIT OCTET STRING`, which BER may have left in pieces. */
function readImplicitOctets(node: DerNode): Uint8Array {
  if (node.tag === contextConstructed(0)) return join(node.children.map(readOctetString))
  if (node.tag === CONTEXT_OCTETS) return readOctetString(node.as(TAG.octetString))
  throw new DerError('unexpected-tag', 'encryptedContent')
}

/** The MAC was right, so a padding that is not comes from whoever made the file. */
function openSafe({ content, encryption }: Safe, password: Password, platform: PasswordPlatform): Uint8Array {
  if (encryption === undefined) return content
  const opened = encryption.decrypt(platform, password, content)
  if (opened === undefined) throw new KeyFileRefusal('password-wrong')
  return opened
}

function contentOf(bags: readonly Bag[], password: Password, platform: PasswordPlatform): Pkcs12Content {
  return {
    keys: bags.flatMap(bag => keyOf(bag, password, platform)),
    certificates: bags.filter(bag => bag.kind === 'certificate'),
    passedOver: bags.filter(({ kind }) => kind === 'passed-over').length,
  }
}

function keyOf(bag: Bag, password: Password, platform: PasswordPlatform): readonly Pkcs12Key[] {
  const { friendlyName, localKeyId } = bag
  if (bag.kind === 'key') {
    return [{ privateKeyInfo: bag.privateKeyInfo, encrypted: false, friendlyName, localKeyId }]
  }
  if (bag.kind !== 'encrypted-key') return []
  const privateKeyInfo = decryptKey(bag.encrypted, password, platform)
  return [{ privateKeyInfo, encrypted: true, friendlyName, localKeyId }]
}

const CONTEXT_OCTETS = 0x80
