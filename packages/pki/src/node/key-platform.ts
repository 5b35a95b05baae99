/** What the rules about keys ask of the platform, over `node:crypto`. */
import { checkPrimeSync, createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyPlatform } from '../weak-keys/rule.ts'
import { digestSync } from './node-platform.ts'

export const nodeKeyPlatform: KeyPlatform = {
  // Without a number of its own OpenSSL takes 64 rounds of Miller and Rabin, more for long ones: an error below
  // 2^-128 even when the candidate was chosen to deceive.
  isPrime: candidate => checkPrimeSync(candidate),
  digest: bytes => digestSync('sha256', bytes),

  publicKey(privateKeyInfo) {
    try {
      const key = createPrivateKey({ key: Buffer.from(privateKeyInfo), format: 'der', type: 'pkcs8' })
      return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
    } catch {
      return undefined
    }
  },
}
