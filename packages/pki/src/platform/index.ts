/**
 * What `pki` and everything above it ask of the platform: digests and signature verification.
 *
 * Formats run in a browser as well as in Node, so they take these as values. `@natsuin/pki/node` gives them
 * over `node:crypto`, `@natsuin/pki/browser` over WebCrypto (and `@noble/hashes` for streaming digests only,
 * which WebCrypto lacks). We write no cryptographic primitive.
 */
import type { DigestAlgorithm, SignatureAlgorithm } from '../algorithms/index.ts'

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
