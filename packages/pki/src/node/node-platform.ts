/**
 * The platform over `node:crypto`.
 *
 * OpenSSL checks signatures; what it is stricter or laxer about than WebCrypto is levelled here: the key's kind
 * must be the algorithm's, so that a signature is never checked under another scheme than the one that was named.
 */
import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import {
  type DigestAlgorithm,
  digestAlgorithms,
  type KeyFamily,
  signatureAlgorithms,
} from '../algorithms/algorithms.ts'
import {
  type Platform,
  PlatformLacksAlgorithm,
  type StreamingDigest,
  type VerificationQuestion,
} from '../platform/index.ts'
import { signatureScheme } from './signature-scheme.ts'

/** The digest at once, without a promise: for servers' hot paths. */
export function digestSync(algorithm: DigestAlgorithm, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  checkKnown(algorithm, digestAlgorithms)
  return new Uint8Array(hash(algorithm, bytes, 'buffer'))
}

export const nodePlatform: Platform = {
  async digest(algorithm, bytes) {
    return digestSync(algorithm, bytes)
  },

  stream(algorithm): StreamingDigest {
    checkKnown(algorithm, digestAlgorithms)
    const state = createHash(algorithm)
    return {
      update: bytes => void state.update(bytes),
      finish: () => new Uint8Array(state.digest()),
    }
  },

  async verify(question) {
    return verifySync(question)
  },
}

/** OpenSSL's name for each kind of key; an RSA-PSS key is not an RSA key here. */
const KEY_KINDS: Readonly<Record<KeyFamily, string>> = { ec: 'ec', rsa: 'rsa', ed25519: 'ed25519' }

/** `Verifier.verify` without a promise. */
export function verifySync({ algorithm, spki, data, signature }: VerificationQuestion): boolean {
  checkKnown(algorithm, signatureAlgorithms)
  const key = publicKey(spki)
  if (key?.asymmetricKeyType !== KEY_KINDS[signatureAlgorithms[algorithm].key]) return false
  const { hash: name, ...options } = signatureScheme(algorithm)
  return verify(name, data, { key, ...options }, signature)
}

function publicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** Names arrive typed, but also from configuration and tables of other packages. */
function checkKnown(algorithm: string, table: object): void {
  if (!Object.hasOwn(table, algorithm)) throw new PlatformLacksAlgorithm(algorithm)
}
