/**
 * Sealed records: whoever writes to the database can lose a record, but not make, change or exchange one.
 *
 * AES-256-GCM (NIST SP 800-38D) under a key of the record's own, derived by HMAC-SHA-256 (SP 800-108r1, 4.1, one
 * block) from a secret that the crypto module computes as the MAC of a context. The secret is in the memory of the
 * process that opened the seal only: the database alone yields neither content nor forgery. One key per record
 * keeps the number of random nonces under each key far below the 2^32 that SP 800-38D, 8.3 allows, however many
 * signatures a deployment makes. Associated data is kind, id and version, so that no record can stand in for
 * another, nor an older version for the newer. A seal shows editing and swapping, not age: what must not come back
 * is outside the database (sole-control 9).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { CryptoModule } from './module.ts'

/** Which record: what kind, whose, and how often written. Kinds and ids contain no line feed. */
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

  /**
   * @param macKey label of the module's MAC key
   * @param context what the key is used for here; another context is another seal
   */
  static async derive(module: Pick<CryptoModule, 'mac'>, macKey: string, context: string): Promise<Seal> {
    const secret = await module.mac(macKey, utf8(context))
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

  /** The content; `undefined` when these bytes are not what was sealed under this name. */
  open(name: RecordName, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
    const decipher = createDecipheriv(CIPHER, this.#keyOf(name), sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(associatedData(name))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const content = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      // The one thing that node throws here: the tag is not the one of these bytes.
      return undefined
    }
    return content
  }

  /** As a key object: the platform takes several times longer to find out that bytes are none. */
  #keyOf({ kind, id }: RecordName): KeyObject {
    return createSecretKey(createHmac('sha256', this.#secret).update(`${kind}\n${id}`).digest())
  }
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const associatedData = ({ kind, id, version }: RecordName) => utf8(`${kind}\n${id}\n${version}`)
