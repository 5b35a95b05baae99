/**
 * The key of boxes (protocol/approval/box): what a page encrypts for it nobody in between reads.
 *
 * It lives in this process alone, which is also the only one that takes the tickets in which it stands. With the
 * process it is gone, and what was sent stays closed.
 */
import { createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto'
import { concat } from '@natsuin/pki/encoding'
import { type Box, boxInfo } from '@natsuin/protocol/approval'

const TAG_BYTES = 16
const COORDINATE_BYTES = 32

export class BoxKey {
  /** What pages are told: an uncompressed point. */
  readonly point: Uint8Array
  readonly #privateKey

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    this.point = new Uint8Array(spki.subarray(-(1 + 2 * COORDINATE_BYTES)))
    this.#privateKey = privateKey
  }

  /** What is in it; undefined when it is for another key, beside another context, or was changed. */
  open({ ephemeral, nonce, ciphertext }: Box, context: Uint8Array): Uint8Array | undefined {
    try {
      const key = hkdfSync('sha256', this.#agreeWith(ephemeral), '', boxInfo(ephemeral, this.point), 32)
      const decipher = createDecipheriv('aes-256-gcm', new Uint8Array(key), nonce, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(context).setAuthTag(ciphertext.subarray(-TAG_BYTES))
      return concat(decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final())
    } catch {
      // No point of the curve, or not authentic: the same to whoever sent it.
      return undefined
    }
  }

  #agreeWith(point: Uint8Array): Uint8Array {
    const [x, y] = [point.subarray(1, 1 + COORDINATE_BYTES), point.subarray(1 + COORDINATE_BYTES)]
    const [encodedX, encodedY] = [x, y].map(coordinate => Buffer.from(coordinate).toString('base64url'))
    const jwk = { kty: 'EC', crv: 'P-256', x: encodedX ?? '', y: encodedY ?? '' }
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    return new Uint8Array(diffieHellman({ privateKey: this.#privateKey, publicKey }))
  }
}
