/**
 * The door to keys: the one interface behind which every crypto module stands.
 *
 * A label names one object of the module, whatever its kind; a name that is taken refuses a key of another kind
 * too, and a key of another kind under that name is `key-unknown` to a caller who asks for something it cannot do.
 *
 * Two kinds of keys pass through it. *Named keys* live in the module for as long as the deployment does (the
 * SAM's own keys, the master key, keys of the authorities). *Wrapped keys* are signers' keys: generated as
 * session objects, wrapped at once by the master key, stored outside, unwrapped for one activation
 * (sole-control 11). One test suite runs against every implementation.
 */
import type { KeyType, SignatureAlgorithm } from '@natsuin/pki/algorithms'

export interface CryptoModule {
  readonly description: ModuleDescription

  /** Makes an AES-256 key that can wrap and unwrap, and nothing else. @throws ModuleRefusal `key-exists` */
  createMasterKey(label: string): Promise<void>
  /** Makes a generic secret that can only compute HMAC-SHA-256. @throws ModuleRefusal `key-exists` */
  createMacKey(label: string): Promise<void>
  /**
   * Makes a key pair that can only sign. Returns DER SubjectPublicKeyInfo.
   * @throws ModuleRefusal `key-exists`, `key-type-unsupported`
   */
  createSigningKey(label: string, type: KeyType): Promise<Uint8Array>

  /** DER SubjectPublicKeyInfo of a named signing key; `undefined` when there is none of that name. */
  publicKey(label: string): Promise<Uint8Array | undefined>
  /** HMAC-SHA-256 (RFC 2104) under a named key, 32 bytes. @throws ModuleRefusal `key-unknown` */
  mac(label: string, data: Uint8Array): Promise<Uint8Array>
  /**
   * Signs one digest with a named key. Returns a DER ECDSA-Sig-Value (RFC 3279, 2.2.3), RSA octets (RFC 8017, 8) or
   * Ed25519 octets (RFC 8032, 5.1.6).
   * @throws ModuleRefusal `key-unknown` and those of `checkDigest`
   */
  sign(label: string, request: DigestToSign): Promise<Uint8Array>

  /**
   * Generates a key pair, wraps the private half under the master key, forgets it.
   * @throws ModuleRefusal `key-unknown` when there is no such master key, `key-type-unsupported`
   */
  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair>
  /**
   * Unwraps a key as a sign-only session object, signs every digest in order, destroys the object. All or nothing:
   * the digests are checked before the key is unwrapped, and one failure yields no signature at all. The signatures
   * are of the same shape as those of `sign`.
   * @throws ModuleRefusal `key-unknown`, `wrapped-key-invalid` (altered, of another master key, or not of `key.type`),
   *   and those of `checkDigest`
   */
  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]>

  /**
   * The same key under another master key; the old one still opens what it wrapped. For the change of master keys.
   * @throws ModuleRefusal `key-unknown`, `wrapped-key-invalid`
   */
  rewrap(masterKey: string, newMasterKey: string, key: WrappedKey): Promise<WrappedKey>
  /** Destroys a master key, and with it every key that only it wraps; nothing when there is none. */
  destroyMasterKey(label: string): Promise<void>

  /** Makes a pair that can only unwrap keys from elsewhere. @throws ModuleRefusal `key-exists`, `key-type-unsupported` */
  createImportKey(label: string): Promise<ImportKey>
  /** `undefined` when there is none of that name. */
  importKey(label: string): Promise<ImportKey | undefined>
  /**
   * Unwraps a private key that was encrypted for the import key, lets it sign something, and wraps it under the master
   * key. It is never outside, and forgotten here.
   * @throws ModuleRefusal `key-unknown`, `key-type-unsupported`, `wrapped-key-invalid` (altered, for another import key,
   *   not of `key.type`, or not the private half of `key.spki`)
   */
  importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair>

  /** What this module can do, found by trying. The same answer for as long as it is open. */
  capabilities(): Promise<ModuleCapabilities>
  /** `length` random bytes (1 to 65,536) of the module's own generator. */
  random(length: number): Promise<Uint8Array>
  /** Ends the module's work; every later call is refused with `module-unavailable`. Keys stay where they are. */
  close(): Promise<void>
}

export interface ModuleDescription {
  readonly kind: 'software' | 'pkcs11'
  /** Library and token as the module names itself, for reports. */
  readonly name: string
  /** A software module (SoftHSM included) is level 1, and more only where `environment` is `test`. */
  readonly softwareModule: boolean
}

export type ModuleCapabilities = Readonly<Record<KeyType, KeyTypeCapability>>

export interface KeyTypeCapability {
  /** What keys of this type sign with here, the recommended algorithm first; none when it cannot make such keys. */
  readonly signs: readonly SignatureAlgorithm[]
  /** Whether they can be signers' keys: wrapped out, and unwrapped to sign. */
  readonly wraps: boolean
}

export interface DigestToSign {
  readonly algorithm: SignatureAlgorithm
  /** Raw digest, of exactly the algorithm's digest length. The module pads it (RFC 8017, 9); nobody else can. */
  readonly digest: Uint8Array
  /**
   * What the digest is of, where it is known. Ed25519 signs it and cannot do without; other algorithms may use it.
   * Either way the digest must be its digest.
   */
  readonly message?: Uint8Array
}

export interface WrappedKey {
  readonly type: KeyType
  /** PKCS#8 under AES-KWP (RFC 5649). */
  readonly wrapped: Uint8Array
}

export interface ImportKey {
  /** DER SubjectPublicKeyInfo, RSA. */
  readonly spki: Uint8Array
  /** The digest of OAEP and of its MGF1 (RFC 8017, 7.1) that this module takes. */
  readonly oaepDigest: OaepDigest
}

export type OaepDigest = 'sha1' | 'sha256'

/** A private key from elsewhere. */
export interface KeyToImport {
  readonly type: KeyType
  /**
   * An AES-256 key under RSAES-OAEP, then the PKCS #8 under that key by AES-KWP: what PKCS #11 calls
   * CKM_RSA_AES_KEY_WRAP.
   */
  readonly wrapped: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export interface WrappedKeyPair extends WrappedKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** What the module says of the private key before it was wrapped (EN 419 221-5: provenance). */
  readonly attributes: {
    readonly local: boolean
    readonly sensitive: boolean
    readonly alwaysSensitive: boolean
  }
}

export type ModuleRefusalCode =
  | 'key-exists'
  | 'key-unknown'
  /** This module cannot make or wrap keys of this type. */
  | 'key-type-unsupported'
  | 'wrapped-key-invalid'
  | 'digest-length'
  /** The digest is zero modulo the order of the curve; see check-digest.ts. */
  | 'digest-zero'
  | 'algorithm-not-for-key'
  | 'message-missing'
  /** The message is not what the digest is of. */
  | 'message-differs'
  | 'module-unavailable'

/** The module said no, or is not there. Carries no key material and no data. */
export class ModuleRefusal extends Error {
  readonly code: ModuleRefusalCode

  constructor(code: ModuleRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
