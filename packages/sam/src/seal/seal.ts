/**
 * Sealed records: whoever writes to the database can lose a record, but not make, change or exchange one.
 *
 * AES-256-GCM (NIST SP 800-38D) under a key of the record's own, derived by HMAC-SHA-256 (SP 800-108r1, 4.1, one
 * block) from a secret that the crypto module computes as the MAC of a label. The secret is in this process's
 * memory only. One key per record keeps the number of random nonces under each key far below the 2^32 that
 * SP 800-38D, 8.3 allows, however many signatures a deployment makes. Associated data is kind, id and version, so
 * that no record can stand in for another, nor an older version for the newer. A seal shows editing and swapping,
 * not age: what must not come back is in the state log (sole-control 9).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { refuse } from '../refuse.ts'

/** Which record: what kind, whose, and how often written. */
export interface RecordName {
  readonly kind: string
  readonly id: string
  readonly version: number
}

export class Seal {
  readonly #secret: KeyObject

  private constructor(secret: KeyObject) {
    this.#secret = secret
  }

  /** @param macKey label of the module's MAC key */
  static async derive(module: CryptoModule, macKey: string): Promise<Seal> {
    const secret = await module.mac(macKey, utf8(CONTEXT))
    const seal = new Seal(createSecretKey(secret))
    secret.fill(0)
    return seal
  }

  close(name: RecordName, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const nonce = randomFillSync(new Uint8Array(NONCE_BYTES))
    const cipher = createCipheriv(CIPHER, this.#keyOf(name), nonce)
    cipher.setAAD(associatedData(name))
    return concat(nonce, cipher.update(content), cipher.final(), cipher.getAuthTag())
  }

  /** @throws Refusal `record-altered` when these bytes are not what was sealed under this name */
  open(name: RecordName, sealed: Uint8Array): Uint8Array {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw refuse('record-altered', { ...name })
    const decipher = createDecipheriv(CIPHER, this.#keyOf(name), sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(associatedData(name))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const content = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    try {
      decipher.final()
    } catch (error) {
      throw refuse('record-altered', { ...name }, { cause: error })
    }
    return content
  }

  #keyOf({ kind, id }: RecordName): Uint8Array {
    return createHmac('sha256', this.#secret).update(`${kind}\n${id}`).digest()
  }
}

const CIPHER = 'aes-256-gcm'
const CONTEXT = 'natsuin-sam-seal-v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Kinds and ids contain no line feed. */
const associatedData = ({ kind, id, version }: RecordName) => utf8(`${kind}\n${id}\n${version}`)
