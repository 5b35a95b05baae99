/**
 * The door to keys: the one interface behind which every crypto module stands.
 *
 * A label names one object of the module, whatever its kind; a name that is taken refuses a key of another kind
 * too, and a key of another kind under that name is `key-unknown` to a caller who asks for something it cannot do.
 *
 * Three kinds of keys pass through it. *Named keys* live in the module for as long as the deployment does (the
 * SAM's own keys, the master key, keys of the authorities). *Wrapped keys* are signers' keys: generated as
 * session objects, wrapped at once by the master key, stored outside, unwrapped for one activation
 * (sole-control 11). *Session keys* are signers' keys for one time: never wrapped, never stored, gone with the
 * module's process. One test suite runs against every implementation.
 */
import type { KeyType, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { KeyRecipient, OaepDigest } from '@natsuin/pki/node'

export interface CryptoModule {
  readonly description: ModuleDescription
  readonly health: ModuleHealth

  /** Makes an AES-256 key that can wrap and unwrap, and nothing else. @throws ModuleRefusal `key-exists` */
  createMasterKey(label: string): Promise<void>
  /** Makes a generic secret that can only compute HMAC-SHA-256. @throws ModuleRefusal `key-exists` */
  createMacKey(label: string): Promise<void>
  /**
   * Makes a key pair that can only sign. Returns DER SubjectPublicKeyInfo.
   * @throws ModuleRefusal `key-exists`, `key-type-unsupported`
   */
  createSigningKey(label: string, type: KeyType): Promise<Uint8Array>
  /** Makes an RSA-3072 pair that can only unwrap keys from elsewhere. @throws ModuleRefusal `key-exists` */
  createImportKey(label: string): Promise<ImportKey>
  /**
   * Makes a named key of which copies leave now and never again, each encrypted for one recipient (`sendKey`): a
   * signing key as PrivateKeyInfo, another as its octets. A copy alone restores the key; `splitBackup` lets nobody
   * have one alone.
   * @throws ModuleRefusal `key-exists`, `key-type-unsupported`; Error when a recipient's key is no RSA key
   */
  createWithBackup(key: NamedKey, recipients: readonly Uint8Array[]): Promise<BackedUpKey>
  /**
   * Puts a key back from a copy that was encrypted for the import key. What the witness does not recognise is
   * destroyed again.
   * @throws ModuleRefusal `key-exists`, `key-unknown` (no such import key), `wrapped-key-invalid`, `witness-differs`
   */
  restoreKey(key: NamedKey, copy: ImportedCopy, witness: KeyWitness): Promise<void>
  /**
   * Destroys a named key, both halves of a pair; with a master key every key that only it wraps. Nothing when there is
   * none of that kind and name.
   */
  destroyKey(key: KeyName): Promise<void>

  /** DER SubjectPublicKeyInfo of a named signing key; `undefined` when there is none of that name. */
  publicKey(label: string): Promise<Uint8Array | undefined>
  /** `undefined` when there is no import key of that name. */
  importKey(label: string): Promise<ImportKey | undefined>
  /** HMAC-SHA-256 (RFC 2104) under a named key, 32 bytes. @throws ModuleRefusal `key-unknown` */
  mac(label: string, data: Uint8Array): Promise<Uint8Array>
  /**
   * Signs one digest with a named key. Returns a DER ECDSA-Sig-Value (RFC 3279, 2.2.3), RSA octets (RFC 8017, 8) or
   * Ed25519 octets (RFC 8032, 5.1.6). A token's signature is verified before it is handed out (threats T-SAD-33), which
   * is faster where the message is there.
   * @throws ModuleRefusal `key-unknown`, `algorithm-unsupported`, `signature-faulty` and those of `checkDigest`
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
   * are of the same shape as those of `sign`, and not verified here: whoever releases them verifies them.
   * @throws ModuleRefusal `key-unknown`, `wrapped-key-invalid` (altered, of another master key, or not of `key.type`),
   *   `algorithm-unsupported` and those of `checkDigest`
   */
  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]>
  /**
   * Unwraps a private key that was encrypted for the import key, lets it sign something, and wraps it under the master
   * key. It is never outside, and forgotten here; its attributes say for ever that it came from elsewhere.
   * @throws ModuleRefusal `key-unknown`, `key-type-unsupported`, `wrapped-key-invalid` (altered, for another import key,
   *   not of `key.type`, or not the private half of `key.spki`)
   */
  importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair>
  /**
   * The same key under another master key; the old one still opens what it wrapped. For the change of master keys. The
   * new blob has been unwrapped once before it is handed out.
   * @throws ModuleRefusal `key-unknown`, `wrapped-key-invalid`
   */
  rewrap(masterKey: string, newMasterKey: string, key: WrappedKey): Promise<WrappedKey>

  /**
   * Generates a pair whose private half can only sign and never leaves, not even wrapped. It is gone when it is
   * destroyed, when the module closes, and when the process that holds it ends.
   * @throws ModuleRefusal `key-type-unsupported`, `too-many-session-keys`
   */
  generateSession(type: KeyType): Promise<SessionKey>

  /**
   * Whether the module itself lets signers' keys out under this master key and under no other key that anybody could make
   * (sole-control 11), found by trying. False of a software module. @throws ModuleRefusal `key-unknown`
   */
  guardsWrapping(masterKey: string): Promise<boolean>
  /** Everything the module holds, for who compares it with what there should be (threats INV-10). */
  objects(): Promise<readonly ModuleObject[]>
  /** What this module can do with keys of one type, found by trying. The same answer for as long as it is open. */
  capability(type: KeyType): Promise<KeyTypeCapability>
  /** The same of every type: for hardware a matter of minutes the first time. */
  capabilities(): Promise<ModuleCapabilities>
  /** `length` random bytes (1 to 65,536) of the module's own generator. */
  random(length: number): Promise<Uint8Array>
  /** Ends the module's work; every later call is refused with `module-unavailable`. Keys stay where they are. */
  close(): Promise<void>
}

/** How the module is, for operators. */
export interface ModuleHealth {
  readonly ready: boolean
  /** False while a request would be refused at once: whoever has something to lose by that asks here first. */
  readonly accepts: boolean
  /** Requests without an answer yet. */
  readonly waiting: number
  readonly tokens: readonly TokenHealth[]
}

export interface TokenHealth {
  readonly name: string
  /**
   * `silent`: a request got no answer in its time, and nothing else did since. `resting`: it failed again and again
   * and is asked nothing for a while. `pin-refused`: not before a restart.
   */
  readonly state: 'ready' | 'starting' | 'silent' | 'resting' | 'pin-refused'
  readonly waiting: number
  /** How much of its memory for private objects is used, from 0 to 1; absent when the token does not say. */
  readonly used?: number
}

export interface ModuleDescription {
  readonly kind: 'software' | 'pkcs11'
  /** Library and token as the module names itself, for reports. */
  readonly name: string
  /** A software module (SoftHSM included) is level 1, and more only where `environment` is `test`. */
  readonly softwareModule: boolean
}

export interface KeyName {
  readonly kind: NamedKey['kind'] | 'import'
  readonly label: string
}

/** A named key as it is made or restored; import keys are not among them, for nothing depends on their lasting. */
export type NamedKey =
  | { readonly kind: 'master'; readonly label: string }
  | { readonly kind: 'mac'; readonly label: string }
  | { readonly kind: 'signing'; readonly label: string; readonly type: KeyType }

export interface BackedUpKey {
  /** In the order of the recipients. */
  readonly copies: readonly KeyCopy[]
  readonly witness: KeyWitness
}

/** Only the holder of the recipient's private key can read it. */
export interface KeyCopy extends KeyRecipient {
  readonly sent: Uint8Array
}

/** A copy as it comes back. */
export interface ImportedCopy {
  /** Label of the import key that it is encrypted for. */
  readonly importKey: string
  readonly sent: Uint8Array
}

/**
 * By what a key is recognised without being known: what it once signed, computed or wrapped. Not secret; who can
 * replace it can have another key accepted.
 */
export type KeyWitness =
  /** A key pair of nobody, wrapped under the master key. */
  | { readonly kind: 'master'; readonly pair: Omit<WrappedKeyPair, 'attributes'> }
  /** The MAC of a fixed text. */
  | { readonly kind: 'mac'; readonly mac: Uint8Array }
  /** DER SubjectPublicKeyInfo. */
  | { readonly kind: 'signing'; readonly spki: Uint8Array }

export type { OaepDigest }

/** Who holds the private half of an import key, and how keys are encrypted for it: an RSA key, and a digest for OAEP. */
export type ImportKey = KeyRecipient

/** A private key from elsewhere. */
export interface KeyToImport {
  readonly type: KeyType
  /** PrivateKeyInfo (RFC 5208, 5), encrypted for the import key as `sendKey` does it. */
  readonly wrapped: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

/** A signer's key for one time. */
export interface SessionKey {
  readonly type: KeyType
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly attributes: KeyAttributes
  /** As `signWrapped`. @throws ModuleRefusal `key-unknown` when it is gone, and those of `checkDigest` */
  sign(requests: readonly DigestToSign[]): Promise<Uint8Array[]>
  /** Also of a key that is gone already. */
  destroy(): Promise<void>
}

export interface ModuleObject {
  readonly label: string
  readonly kind: 'secret' | 'private' | 'public' | 'other'
  /** Outlives the module; else it belongs to a session. */
  readonly persistent: boolean
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

export interface WrappedKeyPair extends WrappedKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly attributes: KeyAttributes
}

/** What the module says of a private key before it is wrapped (EN 419 221-5: provenance). */
export interface KeyAttributes {
  readonly local: boolean
  readonly sensitive: boolean
  readonly alwaysSensitive: boolean
  readonly neverExtractable: boolean
}

export type ModuleRefusalCode =
  | 'key-exists'
  | 'key-unknown'
  /** This module cannot make or wrap keys of this type. */
  | 'key-type-unsupported'
  | 'wrapped-key-invalid'
  /** What was restored, or stands under the name, is not the key that the witness knows. */
  | 'witness-differs'
  | 'too-many-session-keys'
  /** The token has no room for another object. */
  | 'module-full'
  /** More is asked of the module at once than it takes. Nothing was done. */
  | 'module-busy'
  /** Named keys are made on one token, and brought to the others of a set. */
  | 'several-tokens'
  | 'digest-length'
  /** The digest is zero modulo the order of the curve; see check-digest.ts. */
  | 'digest-zero'
  | 'algorithm-not-for-key'
  /** The algorithm is for the key, and this module does not have it. */
  | 'algorithm-unsupported'
  /** What the token gave is no signature by the key; it was thrown away. */
  | 'signature-faulty'
  | 'message-missing'
  /** The message is not what the digest is of. */
  | 'message-differs'
  | 'module-unavailable'

/** The module said no, or is not there. Carries no key material and no data. */
export class ModuleRefusal extends Error {
  readonly code: ModuleRefusalCode
  /** Certainly no key was used: somebody else may be asked the same. */
  readonly untouched: boolean

  constructor(code: ModuleRefusalCode, message: string, options: ModuleRefusalOptions = {}) {
    super(message, options)
    this.code = code
    this.untouched = options.untouched ?? false
  }
}

interface ModuleRefusalOptions extends ErrorOptions {
  readonly untouched?: boolean
}
