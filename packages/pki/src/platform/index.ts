/**
 * What `pki` and everything above it ask of the platform: digests and signature verification.
 *
 * Formats run in a browser as well as in Node, so they take these as values. `@natsuin/pki/node` gives them
 * over `node:crypto`, `@natsuin/pki/browser` over WebCrypto (and `@noble/hashes` for streaming digests only,
 * which WebCrypto lacks). We write no cryptographic primitive.
 */
import type { DigestAlgorithm, Sha2Algorithm, SignatureAlgorithm } from '../algorithms/index.ts'

/** A digest that is fed piece by piece. */
export interface StreamingDigest {
  update(bytes: Uint8Array): void
  /** The digest of everything fed so far; the object is spent afterwards. */
  finish(): Uint8Array<ArrayBuffer>
}

export interface Digest {
  digest(algorithm: DigestAlgorithm, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
  stream(algorithm: DigestAlgorithm): StreamingDigest
}

export interface Verifier {
  /**
   * Whether `signature` is a signature over `data` by the key `spki`.
   *
   * @param question.algorithm  which algorithm; never inferred from the key or the signature
   * @param question.spki       DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)
   * @param question.data       the message itself, not its digest
   * @param question.signature  as X.509 and CMS carry it: RSA octets, DER ECDSA-Sig-Value, Ed25519 octets
   * @returns false for every signature that does not verify, a key of another kind included
   * @throws PlatformLacksAlgorithm when the platform cannot compute the algorithm at all
   */
  verify(question: VerificationQuestion): Promise<boolean>
}

export interface VerificationQuestion {
  readonly algorithm: SignatureAlgorithm
  readonly spki: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

export interface Platform extends Digest, Verifier {}

/** The platform cannot compute this algorithm; a typed refusal instead of a crash deep inside. */
export class PlatformLacksAlgorithm extends Error {
  readonly code = 'platform-lacks-algorithm'
  readonly algorithm: string

  constructor(algorithm: string) {
    super(`this platform cannot compute ${algorithm}`)
    this.algorithm = algorithm
  }
}

/** What old key files hash with, too. Nothing new is made with SHA-1 or SHA-224; here they only stretch a password. */
export type PasswordDigest = 'sha1' | 'sha224' | Sha2Algorithm
/** Block ciphers in CBC mode with the padding of RFC 8018, 6.1.1. */
export type PasswordCipher = 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | 'des-ede3-cbc'

/**
 * What opening a file under a password asks of the platform.
 *
 * Synchronous and slow by design: whoever opens such a file does so in a worker with a deadline.
 */
export interface PasswordPlatform {
  hash(digest: PasswordDigest, bytes: Uint8Array): Uint8Array
  hmac(digest: PasswordDigest, key: Uint8Array, data: Uint8Array): Uint8Array
  /** RFC 8018, 5.2. */
  pbkdf2(question: Pbkdf2Question): Uint8Array
  /** RFC 7914, 6. */
  scrypt(question: ScryptQuestion): Uint8Array
  /** The plain text without its padding; `undefined` where the padding is not one. */
  decrypt(cipher: PasswordCipher, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array | undefined
}

export interface Pbkdf2Question {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly iterations: number
  readonly digest: PasswordDigest
  /** Octets. */
  readonly length: number
}

export interface ScryptQuestion {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly cost: number
  readonly blockSize: number
  readonly parallelization: number
  /** Octets. */
  readonly length: number
}
