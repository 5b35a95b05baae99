/**
 * The operations of module.ts on a token.
 *
 * Every key is looked at before it is used: a named key when it is first found (named-keys.ts), a signer's key
 * after its generation and after each unwrapping. What a token leaves out of a template is found here, not in an
 * incident.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { checkDigest } from '../check-digest.ts'
import { IMPORT_KEY_TYPE } from '../imported-key.ts'
import {
  type DigestToSign,
  type ImportKey,
  type KeyToImport,
  type ModuleCapabilities,
  ModuleRefusal,
  type OaepDigest,
  type WrappedKey,
  type WrappedKeyPair,
} from '../module.ts'
import { probeCapabilities } from './capabilities.ts'
import { mechanism } from './cryptoki.ts'
import { type ImportingKey, importOn, probeOaep, rewrapOn } from './import-operations.ts'
import type { Operations } from './messages.ts'
import { NamedKeys } from './named-keys.ts'
import { SessionOperations } from './session-operations.ts'
import {
  importPairTemplates,
  macKeyTemplate,
  masterKeyTemplate,
  namedPairTemplates,
  passingPairTemplates,
} from './templates.ts'
import type { Token } from './token.ts'

export class TokenModule implements Operations {
  readonly #token: Token
  readonly #named: NamedKeys
  #capabilities: Promise<ModuleCapabilities> | undefined
  #oaepDigest: OaepDigest | undefined

  constructor(token: Token) {
    this.#token = token
    this.#named = new NamedKeys(token.library)
  }

  createMasterKey(label: string): Promise<void> {
    return this.#create(label, async on => {
      await on.generateSecret(mechanism.AES_KEY_GEN, masterKeyTemplate(label))
    })
  }

  createMacKey(label: string): Promise<void> {
    return this.#create(label, async on => {
      await on.generateSecret(mechanism.GENERIC_SECRET_KEY_GEN, macKeyTemplate(label))
    })
  }

  createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    return this.#create(label, async on => {
      await on.generatePair(type, namedPairTemplates(type, label))
      return this.#named.needSigningKey(on.session, label).spki
    })
  }

  publicKey(label: string): Promise<Uint8Array | undefined> {
    return this.#onSession(async on => this.#named.findSigningKey(on.session, label)?.spki)
  }

  mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#onSession(async on => on.mac(this.#named.needSecretKey(on.session, label, 'mac'), data))
  }

  sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    return this.#onSession(async on => {
      const { handle, type } = this.#named.needSigningKey(on.session, label)
      checkDigest(type, request)
      return on.signDigest(handle, type, request)
    })
  }

  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    return this.#onSession(async on => {
      const master = this.#named.needSecretKey(on.session, masterKey, 'master')
      const { publicKey, privateKey } = await on.generatePair(type, passingPairTemplates(type))
      try {
        on.checkGenerated(privateKey)
        const wrapped = await on.wrap(master, privateKey, type)
        const spki = on.publicKeyInfo(publicKey, type)
        return { type, wrapped, spki, attributes: { local: true, sensitive: true, alwaysSensitive: true } }
      } finally {
        on.destroy(privateKey, publicKey)
      }
    })
  }

  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    return this.#onSession(async on => {
      const master = this.#named.needSecretKey(on.session, masterKey, 'master')
      const handle = await on.unwrapSigner(master, key)
      try {
        const signatures: Uint8Array[] = []
        for (const request of requests) signatures.push(await on.signDigest(handle, key.type, request))
        return signatures
      } finally {
        on.destroy(handle)
      }
    })
  }

  rewrap(masterKey: string, newMasterKey: string, key: WrappedKey): Promise<WrappedKey> {
    return this.#onSession(async on => {
      const from = this.#named.needSecretKey(on.session, masterKey, 'master')
      const to = this.#named.needSecretKey(on.session, newMasterKey, 'master')
      return rewrapOn(on, from, to, key)
    })
  }

  destroyMasterKey(label: string): Promise<void> {
    return this.#onSession(async on => {
      const key = this.#named.findSecretKey(on.session, label, 'master')
      this.#named.forgetSecretKey(label, 'master')
      if (key !== undefined) on.destroy(key)
    })
  }

  createImportKey(label: string): Promise<ImportKey> {
    return this.#create(label, async on => {
      await on.generatePair(IMPORT_KEY_TYPE, importPairTemplates(IMPORT_KEY_TYPE, label))
      return this.#described(on, this.#named.needImportKey(on.session, label))
    })
  }

  importKey(label: string): Promise<ImportKey | undefined> {
    return this.#onSession(async on => {
      const key = this.#named.findImportKey(on.session, label)
      return key && this.#described(on, key)
    })
  }

  importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair> {
    return this.#onSession(async on => {
      const importing = this.#named.needImportKey(on.session, importKey)
      const master = this.#named.needSecretKey(on.session, masterKey, 'master')
      const { oaepDigest } = await this.#described(on, importing)
      return importOn(on, { ...importing, oaepDigest }, master, key)
    })
  }

  async #described(on: SessionOperations, key: ImportingKey): Promise<ImportKey> {
    this.#oaepDigest ??= await probeOaep(on, key)
    return { spki: key.spki, oaepDigest: this.#oaepDigest }
  }

  capabilities(): Promise<ModuleCapabilities> {
    this.#capabilities ??= this.#onSession(on => probeCapabilities(on))
    this.#capabilities.catch(() => {
      this.#capabilities = undefined
    })
    return this.#capabilities
  }

  random(length: number): Promise<Uint8Array> {
    return this.#token.sessions.use(async session =>
      this.#token.library.C_GenerateRandom(session, Buffer.alloc(length)),
    )
  }

  #onSession<Result>(work: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    return this.#token.sessions.use(session => work(new SessionOperations(this.#token, session)))
  }

  /** A token does not refuse a second object of the same label; the caller lets one creation happen at a time. */
  #create<Result>(label: string, make: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    return this.#onSession(async on => {
      if (this.#named.isTaken(on.session, label)) {
        throw new ModuleRefusal('key-exists', `there is already a key named ${label}`)
      }
      return make(on)
    })
  }
}
