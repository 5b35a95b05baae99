/**
 * What we ask of one session of a token: keys made, wrapped, unwrapped, used and destroyed, each with the template,
 * the mechanism and the check that belong to it.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle, KeyPair, Mechanism, PKCS11, Template } from 'pkcs11js'
import { type DigestToSign, type KeyAttributes, ModuleRefusal, type WrappedKey } from '../module.ts'
import { isProofBy, proofRequest } from '../witness.ts'
import { checkWrappedLength } from './check-wrapped-length.ts'
import { mechanism } from './cryptoki.ts'
import { familyOf } from './key-families.ts'
import { attributesRead, checkKey, checkShape, publicKeyInfo } from './key-objects.ts'
import { translateMaking, translateUnwrap } from './return-codes.ts'
import { signatureValue, tokenSignature } from './sign-mechanisms.ts'
import {
  generatedKeyProvenance,
  type KeyPairTemplates,
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

  constructor({ library, wrapMechanism }: TokenLibrary, session: Handle) {
    this.session = session
    this.library = library
    this.#keyWrap = { mechanism: wrapMechanism }
  }

  /** @throws ModuleRefusal `key-type-unsupported`, `module-unavailable` */
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

  /** @throws ModuleRefusal `key-type-unsupported`, `module-unavailable` */
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

  /** A signer's key for one activation. @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
  async unwrapSigner(master: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const key = await this.unwrap(master, wrapped, unwrapTemplate(type))
    return this.#checked(key, () => this.checkType(key, type, passingKeyShape))
  }

  /** @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
  unwrap(master: Handle, wrapped: Uint8Array, template: Template): Promise<Handle> {
    checkWrappedLength(wrapped)
    return this.unwrapBy(this.#keyWrap, master, wrapped, template)
  }

  async unwrapBy(how: Mechanism, master: Handle, wrapped: Uint8Array, template: Template): Promise<Handle> {
    try {
      return await this.library.C_UnwrapKeyAsync(this.session, how, master, Buffer.from(wrapped), template)
    } catch (error) {
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
    return signatureValue(type, await this.#sign(how, key, data))
  }

  /** Whether the private key signs for this public key. */
  async provesItself(key: Handle, type: KeyType, spki: Uint8Array): Promise<boolean> {
    return isProofBy({ type, spki }, await this.signDigest(key, type, proofRequest(type)))
  }

  mac(key: Handle, data: Uint8Array): Promise<Uint8Array> {
    return this.#sign({ mechanism: mechanism.SHA256_HMAC }, key, data)
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

  #checked(key: Handle, check: () => void): Handle {
    try {
      check()
    } catch (error) {
      this.destroy(key)
      throw error
    }
    return key
  }

  async #sign(how: Mechanism, key: Handle, data: Uint8Array): Promise<Uint8Array> {
    this.library.C_SignInit(this.session, how, key)
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
