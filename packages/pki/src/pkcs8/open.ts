/** EncryptedPrivateKeyInfo (RFC 5958, 3) under a password. There is no MAC: the padding and the format decide. */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOctetString } from '../asn1/read.ts'
import { checkFileSize, WorkBudget } from '../pbe/budget.ts'
import { type Encryption, readEncryption } from '../pbe/encryption.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { type Password, passwordsOf } from '../pbe/password.ts'
import type { PasswordPlatform } from '../platform/index.ts'
import { parsePrivateKeyInfo } from './private-key-info.ts'

/**
 * The PrivateKeyInfo inside, DER. Slow: call it in a worker with a deadline.
 *
 * @param file      DER EncryptedPrivateKeyInfo
 * @param password  as it was typed
 * @throws DerError, KeyFileRefusal
 */
export function openEncryptedKey(file: Uint8Array, password: string, platform: PasswordPlatform): Uint8Array {
  checkFileSize(file)
  const encrypted = readEncryptedKey(parseDer(file), new WorkBudget())
  const [reading] = passwordsOf(password)
  if (reading === undefined) throw new KeyFileRefusal('password-wrong')
  return decryptKey(encrypted, reading, platform)
}

export interface EncryptedKey {
  readonly encryption: Encryption
  readonly data: Uint8Array
}

/** Read, bounded, and counted; nothing is computed yet. */
export function readEncryptedKey(node: DerNode, budget: WorkBudget): EncryptedKey {
  return readFields(node, 'EncryptedPrivateKeyInfo', fields => ({
    encryption: readEncryption(fields.take('encryptionAlgorithm'), budget),
    data: readOctetString(fields.take('encryptedData')),
  }))
}

/** @throws KeyFileRefusal `password-wrong` */
export function decryptKey(
  { encryption, data }: EncryptedKey,
  password: Password,
  platform: PasswordPlatform,
): Uint8Array {
  const info = encryption.decrypt(platform, password, data)
  if (info === undefined || !isPrivateKeyInfo(info)) throw new KeyFileRefusal('password-wrong')
  return info
}

/** One wrong key in 256 leaves a padding that looks right. */
function isPrivateKeyInfo(der: Uint8Array): boolean {
  try {
    parsePrivateKeyInfo(der)
    return true
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}
