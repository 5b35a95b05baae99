/**
 * Sealed records: whoever writes to the database can lose a record, but not write or change one.
 *
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce under a key that the crypto module derives as the MAC
 * of a label: the key is in this process's memory only, and the database alone yields neither content nor
 * forgery. Associated data names what the record is and whose, so that one cannot stand in for another. A seal
 * detects editing and swapping, not age (sole control, 9): what must not come back is on the CRL outside.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'

export type RecordKind = 'authority' | 'certificate'

export class Seal {
  readonly #key: KeyObject

  private constructor(key: KeyObject) {
    this.#key = key
  }

  /** @param macKey label of the module's MAC key */
  static async derive(module: CryptoModule, macKey: string): Promise<Seal> {
    const secret = await module.mac(macKey, utf8(LABEL))
    const seal = new Seal(createSecretKey(secret))
    secret.fill(0)
    return seal
  }

  close(kind: RecordKind, id: string, content: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key, nonce)
    cipher.setAAD(associatedData(kind, id))
    return concat(nonce, cipher.update(content), cipher.final(), cipher.getAuthTag())
  }

  /** @throws Refusal `record-altered` when these bytes are not what was sealed under this kind and id */
  open(kind: RecordKind, id: string, sealed: Uint8Array): Uint8Array {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Refusal('record-altered', { kind, id })
    const decipher = createDecipheriv(CIPHER, this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(associatedData(kind, id))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const content = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    try {
      return concat(content, decipher.final())
    } catch (error) {
      throw new Refusal('record-altered', { kind, id }, { cause: error })
    }
  }
}

const CIPHER = 'aes-256-gcm'
const LABEL = 'natsuin-authorities-seal-v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

// Kinds contain no line feed, so kind and id cannot run into one another.
const associatedData = (kind: RecordKind, id: string): Uint8Array => utf8(`${kind}\n${id}`)
