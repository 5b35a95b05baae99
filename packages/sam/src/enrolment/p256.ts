/** Whether these bytes are a P-256 public key in its one spelling (RFC 5480, 2). */
import { createPublicKey } from 'node:crypto'
import { equal } from '@natsuin/pki/encoding'

export function isP256(spki: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    const spelling = key.export({ type: 'spki', format: 'der' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' && equal(spelling, spki)
  } catch {
    return false
  }
}
