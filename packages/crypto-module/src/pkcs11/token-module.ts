/**
 * The operations of module.ts on a token.
 *
 * Every key is looked at before it is used: a named key when it is first found (named-keys.ts), a signer's key
 * after its generation and after each unwrapping. What a token leaves out of a template is found here, not in an
 * incident.
 */
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { Handle } from 'pkcs11js'
import { checkDigest } from '../check-digest.ts'
import { digestInfo } from '../digest-info.ts'
import { type DigestToSign, ModuleRefusal, type WrappedKey, type WrappedKeyPair } from '../module.ts'
import { mechanism } from './cryptoki.ts'
import { checkKey, checkShape, publicKeyInfo } from './key-objects.ts'
import type { Operations } from './messages.ts'
import { NamedKeys } from './named-keys.ts'
import { translateUnwrap } from './return-codes.ts'
import {
  generatedKeyProvenance,
  generatedKeyShape,
  keyPairTemplates,
  macKeyTemplate,
  masterKeyTemplate,
  unwrappedKeyShape,
  unwrapTemplate,
} from './templates.ts'
import type { Token } from './token.ts'

export class TokenModule implements Operations {
  readonly #token: Token
  readonly #named: NamedKeys

  constructor(token: Token) {
    this.#token = token
    this.#named = new NamedKeys(token.library)
  }

  createMasterKey(label: string): Promise<void> {
    return this.#create(label, async session => {
      const how = { mechanism: mechanism.AES_KEY_GEN }
      await this.#token.library.C_GenerateKeyAsync(session, how, masterKeyTemplate(label))
    })
  }

  createMacKey(label: string): Promise<void> {
    return this.#create(label, async session => {
      const how = { mechanism: mechanism.GENERIC_SECRET_KEY_GEN }
      await this.#token.library.C_GenerateKeyAsync(session, how, macKeyTemplate(label))
    })
  }

  createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    return this.#create(label, async session => {
      await this.#generatePair(session, type, label)
      return this.#named.needSigningKey(session, label).spki
    })
  }

  publicKey(label: string): Promise<Uint8Array | undefined> {
    return this.#token.sessions.use(async session => this.#named.findSigningKey(session, label)?.spki)
  }

  mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#token.sessions.use(async session => {
      const key = this.#named.needSecretKey(session, label, 'mac')
      return this.#signData(session, mechanism.SHA256_HMAC, key, data)
    })
  }

  sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    return this.#token.sessions.use(async session => {
      const { handle, type } = this.#named.needSigningKey(session, label)
      checkDigest(type, request)
      return this.#signDigest(session, handle, type, request)
    })
  }

  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    return this.#token.sessions.use(async session => {
      const master = this.#named.needSecretKey(session, masterKey, 'master')
      const { publicKey, privateKey } = await this.#generatePair(session, type)
      try {
        this.#checkGenerated(session, privateKey)
        const wrapped = await this.#wrap(session, master, privateKey)
        const spki = publicKeyInfo(this.#token.library, session, publicKey, type)
        return { type, wrapped, spki, attributes: { local: true, sensitive: true, alwaysSensitive: true } }
      } finally {
        this.#token.library.C_DestroyObject(session, privateKey)
        this.#token.library.C_DestroyObject(session, publicKey)
      }
    })
  }

  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    return this.#token.sessions.use(async session => {
      const master = this.#named.needSecretKey(session, masterKey, 'master')
      const handle = await this.#unwrap(session, master, key)
      try {
        this.#checkUnwrapped(session, handle, key.type)
        const signatures: Uint8Array[] = []
        for (const request of requests) {
          signatures.push(await this.#signDigest(session, handle, key.type, request))
        }
        return signatures
      } finally {
        this.#token.library.C_DestroyObject(session, handle)
      }
    })
  }

  random(length: number): Promise<Uint8Array> {
    return this.#token.sessions.use(async session =>
      this.#token.library.C_GenerateRandom(session, Buffer.alloc(length)),
    )
  }

  /** A token does not refuse a second object of the same label; the caller lets one creation happen at a time. */
  #create<Result>(label: string, make: (session: Handle) => Promise<Result>): Promise<Result> {
    return this.#token.sessions.use(async session => {
      if (this.#named.isTaken(session, label)) {
        throw new ModuleRefusal('key-exists', `there is already a key named ${label}`)
      }
      return make(session)
    })
  }

  #generatePair(session: Handle, type: KeyType, label?: string) {
    const { publicKey, privateKey } = keyPairTemplates(type, label)
    const isRsa = keyTypes[type].curve === undefined
    const how = { mechanism: isRsa ? mechanism.RSA_PKCS_KEY_PAIR_GEN : mechanism.EC_KEY_PAIR_GEN }
    return this.#token.library.C_GenerateKeyPairAsync(session, how, publicKey, privateKey)
  }

  /** Sole control, 11: what the attestation of the key will say is what the token says here. */
  #checkGenerated(session: Handle, privateKey: Handle): void {
    const shape = [...generatedKeyShape, ...generatedKeyProvenance]
    checkShape(this.#token.library, session, privateKey, shape, 'generated key')
  }

  #wrap(session: Handle, master: Handle, key: Handle): Promise<Uint8Array> {
    const how = { mechanism: this.#token.wrapMechanism }
    return this.#token.library.C_WrapKeyAsync(session, how, master, key, Buffer.alloc(WRAPPED_KEY_ROOM))
  }

  async #unwrap(session: Handle, master: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const how = { mechanism: this.#token.wrapMechanism }
    const template = unwrapTemplate(type)
    try {
      return await this.#token.library.C_UnwrapKeyAsync(session, how, master, Buffer.from(wrapped), template)
    } catch (error) {
      throw translateUnwrap(error)
    }
  }

  /** The blob says what is in it, not the template: a P-256 key unwraps where a P-384 key is asked for. */
  #checkUnwrapped(session: Handle, key: Handle, type: KeyType): void {
    const expected = { type, shape: unwrappedKeyShape, what: 'unwrapped key' }
    if (!checkKey(this.#token.library, session, key, expected)) {
      throw new ModuleRefusal('wrapped-key-invalid', `the wrapped key is not of type ${type}`)
    }
  }

  async #signDigest(
    session: Handle,
    key: Handle,
    type: KeyType,
    { algorithm, digest }: DigestToSign,
  ): Promise<Uint8Array> {
    if (keyTypes[type].curve === undefined) {
      return this.#signData(session, mechanism.RSA_PKCS, key, digestInfo(algorithm, digest))
    }
    return buildEcdsaSigValue(await this.#signData(session, mechanism.ECDSA, key, digest))
  }

  async #signData(session: Handle, how: number, key: Handle, data: Uint8Array): Promise<Uint8Array> {
    const { library } = this.#token
    library.C_SignInit(session, { mechanism: how }, key)
    const room = Buffer.alloc(SIGNATURE_ROOM)
    // An empty buffer reaches the library as a null pointer, which C_Sign refuses; no parts at all are the same.
    return data.length === 0
      ? library.C_SignFinalAsync(session, room)
      : library.C_SignAsync(session, Buffer.from(data), room)
  }
}

// RSA-4096 needs 512 octets for a signature and about 2,400 for a wrapped key.
const SIGNATURE_ROOM = 1024
const WRAPPED_KEY_ROOM = 8192
