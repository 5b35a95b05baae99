/**
 * What we ask of one session of a token: keys made, wrapped, unwrapped, used and destroyed, each with the template,
 * the mechanism and the check that belong to it.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle, KeyPair, Mechanism, PKCS11, Template } from 'pkcs11js'
import { type DigestToSign, ModuleRefusal, type OaepDigest, type WrappedKey } from '../module.ts'
import { mechanism, OAEP_LABEL_SPECIFIED, oaepMechanism, parameters } from './cryptoki.ts'
import { familyOf } from './key-families.ts'
import { checkKey, checkShape, publicKeyInfo } from './key-objects.ts'
import { translateMaking, translateUnwrap } from './return-codes.ts'
import { signatureValue, tokenSignature } from './sign-mechanisms.ts'
import {
  generatedKeyProvenance,
  generatedKeyShape,
  type KeyPairTemplates,
  type Shape,
  transportKeyTemplate,
  unwrappedKeyShape,
  unwrapTemplate,
  unwrapToWrapTemplate,
} from './templates.ts'

export interface TokenLibrary {
  readonly library: PKCS11
  readonly wrapMechanism: number
}

export class SessionOperations {
  readonly session: Handle
  readonly #library: PKCS11
  readonly #wrapMechanism: number

  constructor({ library, wrapMechanism }: TokenLibrary, session: Handle) {
    this.session = session
    this.#library = library
    this.#wrapMechanism = wrapMechanism
  }

  /** @throws ModuleRefusal `key-type-unsupported`, `module-unavailable` */
  async generatePair(type: KeyType, { publicKey, privateKey }: KeyPairTemplates): Promise<KeyPair> {
    const how = { mechanism: familyOf(type).generation }
    try {
      return await this.#library.C_GenerateKeyPairAsync(this.session, how, publicKey, privateKey)
    } catch (error) {
      throw translateMaking(type, error)
    }
  }

  generateSecret(how: number, template: Template): Promise<Handle> {
    return this.#library.C_GenerateKeyAsync(this.session, { mechanism: how }, template)
  }

  /** DER SubjectPublicKeyInfo of a public key object. */
  publicKeyInfo(publicKey: Handle, type: KeyType): Uint8Array {
    return publicKeyInfo(this.#library, this.session, publicKey, type)
  }

  /** Sole control, 11: what the attestation of the key will say is what the token says here. */
  checkGenerated(privateKey: Handle): void {
    const shape = [...generatedKeyShape, ...generatedKeyProvenance]
    checkShape(this.#library, this.session, privateKey, shape, 'generated key')
  }

  /** @throws ModuleRefusal `key-type-unsupported`, `module-unavailable` */
  async wrap(master: Handle, key: Handle, type: KeyType): Promise<Uint8Array> {
    const how = { mechanism: this.#wrapMechanism }
    const room = Buffer.alloc(WRAPPED_KEY_ROOM)
    try {
      return await this.#library.C_WrapKeyAsync(this.session, how, master, key, room)
    } catch (error) {
      throw translateMaking(type, error)
    }
  }

  /** A signer's key for one activation. @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
  async unwrapSigner(master: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const key = await this.#unwrap({ mechanism: this.#wrapMechanism }, master, wrapped, unwrapTemplate(type))
    return this.#checked(key, type, unwrappedKeyShape)
  }

  /**
   * A signer's key that is to be wrapped again: by the master key that wrapped it, or by the transport key that it came
   * under. @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable`
   */
  async unwrapForWrapping(under: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const how = { mechanism: this.#wrapMechanism }
    const key = await this.#unwrap(how, under, wrapped, unwrapToWrapTemplate(type))
    return this.#checked(key, type, generatedKeyShape)
  }

  /** @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
  unwrapTransport(importKey: Handle, wrapped: Uint8Array, digest: OaepDigest): Promise<Handle> {
    const { hash, mgf } = oaepMechanism[digest]
    const parameter = { type: parameters.RSA_OAEP, hashAlg: hash, mgf, source: OAEP_LABEL_SPECIFIED }
    return this.#unwrap(
      { mechanism: mechanism.RSA_PKCS_OAEP, parameter },
      importKey,
      wrapped,
      transportKeyTemplate,
    )
  }

  async signDigest(key: Handle, type: KeyType, request: DigestToSign): Promise<Uint8Array> {
    const { mechanism: how, data } = tokenSignature(request)
    return signatureValue(type, await this.#sign(how, key, data))
  }

  mac(key: Handle, data: Uint8Array): Promise<Uint8Array> {
    return this.#sign({ mechanism: mechanism.SHA256_HMAC }, key, data)
  }

  destroy(...objects: readonly Handle[]): void {
    for (const object of objects) this.#library.C_DestroyObject(this.session, object)
  }

  async #unwrap(how: Mechanism, under: Handle, wrapped: Uint8Array, template: Template): Promise<Handle> {
    try {
      return await this.#library.C_UnwrapKeyAsync(this.session, how, under, Buffer.from(wrapped), template)
    } catch (error) {
      throw translateUnwrap(error)
    }
  }

  /** The blob says what is in it, not the template: a P-256 key unwraps where a P-384 key is asked for. */
  #checked(key: Handle, type: KeyType, shape: Shape): Handle {
    try {
      if (checkKey(this.#library, this.session, key, { type, shape, what: 'unwrapped key' })) return key
      throw new ModuleRefusal('wrapped-key-invalid', `the wrapped key is not of type ${type}`)
    } catch (error) {
      this.destroy(key)
      throw error
    }
  }

  async #sign(how: Mechanism, key: Handle, data: Uint8Array): Promise<Uint8Array> {
    this.#library.C_SignInit(this.session, how, key)
    const room = Buffer.alloc(SIGNATURE_ROOM)
    // An empty buffer reaches the library as a null pointer, which C_Sign refuses; no parts at all are the same.
    return data.length === 0
      ? this.#library.C_SignFinalAsync(this.session, room)
      : this.#library.C_SignAsync(this.session, Buffer.from(data), room)
  }
}

// RSA-4096 needs 512 octets for a signature and about 2,400 for a wrapped key.
const SIGNATURE_ROOM = 1024
const WRAPPED_KEY_ROOM = 8192
