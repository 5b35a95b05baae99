/** Who copies of keys may be made for. */
import { readPublicKey } from '@natsuin/pki/x509'

/** @throws Error when it is no RSA key, or one that is weaker than what it would guard */
export function checkRecipient(spki: Uint8Array): void {
  const key = readPublicKey(spki)
  if (key.kind !== 'rsa' || key.modulusBits < 3072) {
    throw new Error('a recipient of copies needs an RSA key of 3072 bits or more')
  }
}
