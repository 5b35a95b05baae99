/**
 * What we ask of one session of a token: keys made, wrapped, unwrapped, used and destroyed, each with the template,
 * the mechanism and the check that belong to it.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle, KeyPair, Mechanism, PKCS11, Template } from 'pkcs11js'
import { type DigestToSign, type KeyAttributes, ModuleRefusal, type WrappedKey } from '../module.ts'
import { isProofBy, proofRequest } from '../witness.ts'
import { checkWrappedLength } from './check-wrapped-length.ts'
import { mechanism, RW_USER_STATE } from './cryptoki.ts'
import { familyOf } from './key-families.ts'
import { attributesRead, checkKey, checkShape, isTrusted, publicKeyInfo, search } from './key-objects.ts'
import {
  isAmbiguous,
  LogInLost,
  translateAlgorithm,
  translateMaking,
  translateUnwrap,
} from './return-codes.ts'
import { signatureValue, tokenSignature } from './sign-mechanisms.ts'
import {
  generatedKeyProvenance,
  type KeyPairTemplates,
  type LetOut,
  namedKeyProvenance,
  passingKeyShape,
  unwrapTemplate,
  wrappableKeyShape,
} from './templates.ts'

export interface TokenLibrary {
  readonly library: PKCS11
  readonly wrapMechanism: number
}

export class SessionOperations {
  readonly session: Handle
  readonly library: PKCS11
  readonly #keyWrap: Mechanism
  readonly #spoil: () => void
  #touched = false

  /** @param spoil says that the session is good for no other operation */
  constructor({ library, wrapMechanism }: TokenLibrary, session: Handle, spoil: () => void) {
    this.session = session
    this.library = library
    this.#keyWrap = { mechanism: wrapMechanism }
    this.#spoil = spoil
  }

  /** The session is good for no other operation. */
  spoil(): void {
    this.#spoil()
  }

  /** Whether a signature was asked for: from then on nobody knows what the token did, whatever it answers. */
  get touched(): boolean {
    return this.#touched
  }

  /** @throws ModuleRefusal `key-type-unsupported` */
  async generatePair(type: KeyType, { publicKey, privateKey }: KeyPairTemplates): Promise<KeyPair> {
    const how = { mechanism: familyOf(type).generation }
    try {
      return await this.library.C_GenerateKeyPairAsync(this.session, how, publicKey, privateKey)
    } catch (error) {
      throw translateMaking(type, error)
    }
  }

  generateSecret(how: number, template: Template): Promise<Handle> {
    return this.library.C_GenerateKeyAsync(this.session, { mechanism: how }, template)
  }

  /**
   * Without a log-in private objects are not refused, but not to be seen: nothing is only nothing with one.
   * @throws LogInLost
   */
  find(template: Template): Handle[] {
    const found = search(this.library, this.session, template)
    if (found.length === 0) this.checkLoggedIn()
    return found
  }

  /** @throws LogInLost */
  checkLoggedIn(): void {
    if (this.library.C_GetSessionInfo(this.session).state !== RW_USER_STATE) throw new LogInLost()
  }

  /** DER SubjectPublicKeyInfo of a public key object. */
  publicKeyInfo(publicKey: Handle, type: KeyType): Uint8Array {
    return publicKeyInfo(this.library, this.session, publicKey, type)
  }

  /** Sole control, 11: what the attestation of the key will say is what the token says here. */
  checkGenerated(privateKey: Handle): KeyAttributes {
    const shape = [...wrappableKeyShape, ...generatedKeyProvenance]
    checkShape(this.library, this.session, privateKey, shape, 'generated key')
    return this.attributes(privateKey)
  }

  /** The same of a key that never leaves. */
  checkPassing(privateKey: Handle): KeyAttributes {
    const shape = [...passingKeyShape, ...namedKeyProvenance]
    checkShape(this.library, this.session, privateKey, shape, 'session key')
    return this.attributes(privateKey)
  }

  attributes(privateKey: Handle): KeyAttributes {
    return attributesRead(this.library, this.session, privateKey)
  }

  /** How keys are to be made that this master key will wrap. */
  letsOut(master: Handle): LetOut {
    return isTrusted(this.library, this.session, master) ? 'under-trusted' : 'anyhow'
  }

  /** @throws ModuleRefusal `key-type-unsupported` */
  async wrap(master: Handle, key: Handle, type?: KeyType): Promise<Uint8Array> {
    return this.wrapBy(this.#keyWrap, master, key, type)
  }

  async wrapBy(how: Mechanism, master: Handle, key: Handle, type?: KeyType): Promise<Uint8Array> {
    const room = Buffer.alloc(WRAPPED_KEY_ROOM)
    try {
      return await this.library.C_WrapKeyAsync(this.session, how, master, key, room)
    } catch (error) {
      throw translateMaking(type, error)
    }
  }

  /** A signer's key for one activation. @throws ModuleRefusal `wrapped-key-invalid` */
  async unwrapSigner(master: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const key = await this.unwrap(master, wrapped, unwrapTemplate(type))
    return this.#checked(key, () => this.checkType(key, type, passingKeyShape))
  }

  /** @throws ModuleRefusal `wrapped-key-invalid` */
  unwrap(master: Handle, wrapped: Uint8Array, template: Template): Promise<Handle> {
    checkWrappedLength(wrapped)
    return this.unwrapBy(this.#keyWrap, master, wrapped, template)
  }

  async unwrapBy(how: Mechanism, master: Handle, wrapped: Uint8Array, template: Template): Promise<Handle> {
    try {
      return await this.library.C_UnwrapKeyAsync(this.session, how, master, Buffer.from(wrapped), template)
    } catch (error) {
      // Of a blob that does not open SoftHSM says what others say of themselves: who still answers means the blob.
      if (isAmbiguous(error)) this.library.C_GenerateRandom(this.session, Buffer.alloc(1))
      throw translateUnwrap(error)
    }
  }

  /**
   * The blob says what is in it, not the template: a P-256 key unwraps where a P-384 key is asked for.
   * @throws ModuleRefusal `wrapped-key-invalid`; Error when it has other powers than asked for
   */
  checkType(key: Handle, type: KeyType, shape: typeof passingKeyShape): void {
    if (!checkKey(this.library, this.session, key, { type, shape, what: 'unwrapped key' })) {
      throw new ModuleRefusal('wrapped-key-invalid', `the wrapped key is not of type ${type}`)
    }
  }

  async signDigest(key: Handle, type: KeyType, request: DigestToSign): Promise<Uint8Array> {
    const { mechanism: how, data } = tokenSignature(request)
    this.#begin(how, key)
    this.#touched = true
    return signatureValue(type, await this.#finish(data))
  }

  /** Whether the private key signs for this public key. */
  async provesItself(key: Handle, type: KeyType, spki: Uint8Array): Promise<boolean> {
    return isProofBy({ type, spki }, await this.signDigest(key, type, proofRequest(type)))
  }

  mac(key: Handle, data: Uint8Array): Promise<Uint8Array> {
    this.library.C_SignInit(this.session, { mechanism: mechanism.SHA256_HMAC }, key)
    return this.#finish(data)
  }

  /** An object of the token that is as this session object, changed by the template. */
  copy(object: Handle, template: Template): Handle {
    return this.library.C_CopyObject(this.session, object, template)
  }

  create(template: Template): Handle {
    return this.library.C_CreateObject(this.session, template)
  }

  destroy(...objects: readonly Handle[]): void {
    for (const object of objects) this.library.C_DestroyObject(this.session, object)
  }

  /**
   * Destroys session objects that have done their part. Where that fails the session is closed, which destroys them
   * too; what was done with them is done.
   */
  discard(...objects: readonly Handle[]): void {
    try {
      this.destroy(...objects)
    } catch {
      this.spoil()
    }
  }

  #checked(key: Handle, check: () => void): Handle {
    try {
      check()
    } catch (error) {
      this.discard(key)
      throw error
    }
    return key
  }

  #begin(how: Mechanism, key: Handle): void {
    try {
      this.library.C_SignInit(this.session, how, key)
    } catch (error) {
      throw translateAlgorithm(error)
    }
  }

  async #finish(data: Uint8Array): Promise<Uint8Array> {
    const room = Buffer.alloc(SIGNATURE_ROOM)
    // An empty buffer reaches the library as a null pointer, which C_Sign refuses; no parts at all are the same.
    return data.length === 0
      ? this.library.C_SignFinalAsync(this.session, room)
      : this.library.C_SignAsync(this.session, Buffer.from(data), room)
  }
}

// RSA-4096 needs 512 octets for a signature and about 2,400 for a wrapped key.
const SIGNATURE_ROOM = 1024
const WRAPPED_KEY_ROOM = 8192
