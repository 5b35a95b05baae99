/**
 * A private key on its way into the module: what the officer's tool writes and the SAM reads (sole-control 11).
 *
 * The key is encrypted for the module's import key and for nothing else; between tool and module nobody can read
 * it. The SAM says which key that is in a statement of its own, so that nobody can put another in its place.
 */
import { keyTypeName, visibleText } from '../approval/index.ts'
import { base64url, flag, integer, list, oneOf, optional, record, type Shaped, text } from '../shape/index.ts'

/**
 * How the key is encrypted: a fresh AES-256 key under RSAES-OAEP (RFC 8017, 7.1), then the PrivateKeyInfo under that
 * key by AES-KWP (RFC 5649), the two one after the other, which is what PKCS #11 calls CKM_RSA_AES_KEY_WRAP. The
 * digest is that of OAEP and of its MGF1; SHA-1 where a module has no other, which costs OAEP nothing.
 */
export const importWrapping = oneOf('rsa-oaep-sha256-aes256-kwp', 'rsa-oaep-sha1-aes256-kwp')

/** Which key a module imports under. A compact JWS of type `natsuin-import-key` by the SAM key. */
export const importKeyStatement = record({
  v: oneOf(1),
  deployment: visibleText(255),
  environment: oneOf('production', 'test'),
  /** DER SubjectPublicKeyInfo, RSA. */
  publicKey: base64url({ min: 60, max: 1200 }),
  wrapping: importWrapping,
  /** Seconds since 1970-01-01T00:00:00Z. */
  issuedAt: integer({ min: 0, max: 2 ** 40 }),
})

/** What is handed to the officer: the statement, and the key that signed it, whose digest the officer has pinned. */
export const importKeyFile = record({
  /** DER SubjectPublicKeyInfo. */
  samKey: base64url({ max: 600 }),
  statement: text({ max: 8192 }),
})

/** Larger files are no package. */
export const MAX_IMPORT_PACKAGE_BYTES = 256 * 1024

export const importPackage = record({
  v: oneOf(1),
  deployment: visibleText(255),
  /** SHA-256 of the import key. */
  importKey: base64url({ min: 32, max: 32 }),
  wrapping: importWrapping,
  keyType: keyTypeName,
  /** DER SubjectPublicKeyInfo, computed from the private key by the tool. */
  publicKey: base64url({ min: 40, max: 1200 }),
  wrapped: base64url({ min: 256, max: 8192 }),
  /** DER, the key's own first; none where our own authority shall certify it. */
  certificates: list(base64url({ max: 16384 }), { max: 10 }),
  source: record({
    format: oneOf('pkcs12', 'pkcs8'),
    /** Whether the file kept the key under a password. */
    encrypted: flag,
    /** What the file calls it. */
    name: optional(visibleText(255)),
  }),
  /** What the officer declares of every other copy of the key. */
  otherCopies: oneOf('destroyed', 'unknown'),
  preparedAt: integer({ min: 0, max: 2 ** 40 }),
})

export type ImportWrapping = Shaped<typeof importWrapping>
export type ImportKeyFile = Shaped<typeof importKeyFile>
export type ImportKeyStatement = Shaped<typeof importKeyStatement>
export type ImportPackage = Shaped<typeof importPackage>
