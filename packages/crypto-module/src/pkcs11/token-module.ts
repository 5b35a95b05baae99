/**
 * The operations of module.ts on a token.
 *
 * Every key is looked at before it is used: a named key when it is first found (named-keys.ts), a signer's key
 * after its generation and after each unwrapping. What a token leaves out of a template is found here, not in an
 * incident.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle } from 'pkcs11js'
import { checkDigest } from '../check-digest.ts'
import { Lane } from '../lane.ts'
import {
  type BackedUpKey,
  type DigestToSign,
  type ImportedCopy,
  type ImportKey,
  type KeyName,
  type KeyToImport,
  type KeyTypeCapability,
  type KeyWitness,
  type ModuleCapabilities,
  type ModuleObject,
  ModuleRefusal,
  type NamedKey,
  type WrappedKey,
  type WrappedKeyPair,
} from '../module.ts'
import { verifyDigest } from '../verify-digest.ts'
import { createWithBackup, restoreKey } from './backup.ts'
import { ALL_KEY_TYPES, probeCapability } from './capabilities.ts'
import { mechanism } from './cryptoki.ts'
import { guardsWrapping } from './guards-wrapping.ts'
import { importWrapped, rewrap } from './import-wrapped.ts'
import { inventory } from './inventory.ts'
import type { HeldSessionKey, Operations } from './messages.ts'
import { NamedKeys } from './named-keys.ts'
import type { TokenReport } from './probe/finding.ts'
import { probeToken } from './probe/probe-token.ts'
import { isSessionLoss, isTokenLoss, LogInLost, translate } from './return-codes.ts'
import { TokenSessionKeys } from './session-keys.ts'
import { SessionOperations } from './session-operations.ts'
import {
  importPairTemplates,
  macKeyTemplate,
  masterKeyTemplate,
  namedPairTemplates,
  wrappablePairTemplates,
} from './templates.ts'
import type { Token } from './token.ts'

export class TokenModule implements Operations {
  readonly #token: Token
  readonly #named: NamedKeys
  readonly #sessionKeys: TokenSessionKeys
  readonly #generations: Lane
  readonly #capabilities = new Map<KeyType, Promise<KeyTypeCapability>>()

  constructor(token: Token) {
    this.#token = token
    this.#named = new NamedKeys(token.witnesses)
    this.#sessionKeys = new TokenSessionKeys(token)
    this.#generations = new Lane(Math.max(1, token.sessionLimit >> 1))
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
      return (await this.#named.needSigningKey(on, label)).spki
    })
  }

  createImportKey(label: string): Promise<ImportKey> {
    return this.#create(label, async on => {
      await on.generatePair(IMPORT_KEY_TYPE, importPairTemplates(IMPORT_KEY_TYPE, label))
      return importKeyOf(await this.#named.needImportKey(on, label))
    })
  }

  createWithBackup(key: NamedKey, recipients: readonly Uint8Array[]): Promise<BackedUpKey> {
    return this.#create(key.label, async on => {
      const made = await createWithBackup(on, key, recipients)
      this.#named.believe(key.label, made.witness)
      return made
    })
  }

  restoreKey(key: NamedKey, { importKey, sent }: ImportedCopy, witness: KeyWitness): Promise<void> {
    return this.#create(key.label, async on => {
      const receiving = await this.#named.needImportKey(on, importKey)
      await restoreKey(on, key, { importKey: receiving, sent }, witness)
      this.#named.believe(key.label, witness)
    })
  }

  destroyKey(key: KeyName): Promise<void> {
    return this.#onSession(async on => this.#named.destroy(on, key))
  }

  publicKey(label: string): Promise<Uint8Array | undefined> {
    return this.#onSession(async on => (await this.#named.findSigningKey(on, label))?.spki)
  }

  importKey(label: string): Promise<ImportKey | undefined> {
    return this.#onSession(async on => {
      const key = await this.#named.findImportKey(on, label)
      return key && importKeyOf(key)
    })
  }

  mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#onSession(async on => on.mac(await this.#named.needSecretKey(on, label, 'mac'), data))
  }

  sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    return this.#onSession(async on => {
      const { handle, type, spki } = await this.#named.needSigningKey(on, label)
      checkDigest(type, request)
      const signature = await on.signDigest(handle, type, request)
      if (verifyDigest({ type, spki }, request, signature)) return signature
      throw new ModuleRefusal('signature-faulty', `the token gave no signature by the key ${label}`)
    })
  }

  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    return this.#making(async on => {
      const master = await this.#named.needSecretKey(on, masterKey, 'master')
      const { publicKey, privateKey } = await on.generatePair(
        type,
        wrappablePairTemplates(type, on.letsOut(master)),
      )
      try {
        const attributes = on.checkGenerated(privateKey)
        const wrapped = await on.wrap(master, privateKey, type)
        return { type, wrapped, spki: on.publicKeyInfo(publicKey, type), attributes }
      } finally {
        on.discard(privateKey, publicKey)
      }
    })
  }

  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    return this.#onSession(async on => {
      const master = await this.#named.needSecretKey(on, masterKey, 'master')
      const handle = await on.unwrapSigner(master, key)
      try {
        const signatures: Uint8Array[] = []
        for (const request of requests) signatures.push(await on.signDigest(handle, key.type, request))
        return signatures
      } finally {
        on.discard(handle)
      }
    })
  }

  importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair> {
    return this.#onSession(async on => {
      const receiving = await this.#named.needImportKey(on, importKey)
      const master = await this.#named.needSecretKey(on, masterKey, 'master')
      return importWrapped(on, { importKey: receiving, master }, key)
    })
  }

  rewrap(masterKey: string, newMasterKey: string, key: WrappedKey): Promise<WrappedKey> {
    return this.#onSession(async on => {
      const from = await this.#named.needSecretKey(on, masterKey, 'master')
      const to = await this.#named.needSecretKey(on, newMasterKey, 'master')
      return rewrap(on, { from, to }, key)
    })
  }

  generateSession(type: KeyType): Promise<HeldSessionKey> {
    return this.#generations.run(() => this.#recovering(() => this.#onHolder(type)))
  }

  signSession(id: number, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    return this.#onSession(on => this.#sessionKeys.sign(on, id, requests))
  }

  destroySession(id: number): Promise<void> {
    return this.#onSession(async on => this.#sessionKeys.destroy(on, id))
  }

  guardsWrapping(masterKey: string): Promise<boolean> {
    return this.#making(async on =>
      guardsWrapping(on, await this.#named.needSecretKey(on, masterKey, 'master')),
    )
  }

  probe(): Promise<TokenReport> {
    return this.#onSession(on => probeToken(on, this.#token))
  }

  objects(): Promise<readonly ModuleObject[]> {
    return this.#onSession(async on => inventory(on))
  }

  capability(type: KeyType): Promise<KeyTypeCapability> {
    const known = this.#capabilities.get(type)
    if (known !== undefined) return known
    const found = this.#making(on => probeCapability(on, type))
    this.#capabilities.set(type, found)
    found.catch(() => this.#capabilities.delete(type))
    return found
  }

  async capabilities(): Promise<ModuleCapabilities> {
    const found: [KeyType, KeyTypeCapability][] = []
    for (const type of ALL_KEY_TYPES) found.push([type, await this.capability(type)])
    return Object.fromEntries(found) as ModuleCapabilities // one entry per key type
  }

  random(length: number): Promise<Uint8Array> {
    return this.#onSession(async on => on.library.C_GenerateRandom(on.session, Buffer.alloc(length)))
  }

  #onSession<Result>(work: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    return this.#recovering(() => this.#once(work))
  }

  /** Generations leave sessions to those who sign. */
  #making<Result>(work: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    return this.#generations.run(() =>
      this.#onSession(async on => {
        this.#token.checkGenerator()
        return work(on)
      }),
    )
  }

  /** Where sessions were lost and nothing was signed yet, once more, after a new log-in. */
  async #recovering<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Untouched && isSessionLoss(error.cause))) throw asRefusal(error)
      this.#recover(error.generation)
    }
    try {
      return await attempt()
    } catch (error) {
      throw asRefusal(error)
    }
  }

  #recover(generation: number): void {
    // Handles are of before, too, and the token may give the same numbers to others.
    this.#named.forget()
    this.#sessionKeys.forgetLost()
    try {
      this.#token.recover(generation)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new ModuleRefusal('module-unavailable', message, { cause, untouched: true })
    }
  }

  async #once<Result>(work: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    let touched = false
    let { generation } = this.#token.sessions
    try {
      return await this.#token.sessions.use(async (session, spoil, own) => {
        generation = own
        const on = new SessionOperations(this.#token, session, spoil)
        try {
          return await work(on)
        } catch (error) {
          throw this.#asLossOf(session, error)
        } finally {
          touched = on.touched
        }
      })
    } catch (error) {
      throw error instanceof ModuleRefusal || touched ? error : new Untouched(error, generation)
    }
  }

  /** A call that is under way while sessions end may be answered with anything: what counts is that the session is gone. */
  #asLossOf(session: Handle, error: unknown): unknown {
    const isSaid = error instanceof ModuleRefusal || isSessionLoss(error) || isTokenLoss(error)
    return isSaid || this.#token.isLoggedIn(session) ? error : new LogInLost({ cause: error })
  }

  async #onHolder(type: KeyType): Promise<HeldSessionKey> {
    const { generation } = this.#token.sessions
    try {
      this.#token.checkGenerator()
      return await this.#sessionKeys.generate(type)
    } catch (error) {
      throw error instanceof ModuleRefusal ? error : new Untouched(error, generation)
    }
  }

  /** A token does not refuse a second object of the same label; the caller lets one creation happen at a time. */
  #create<Result>(label: string, make: (on: SessionOperations) => Promise<Result>): Promise<Result> {
    return this.#making(async on => {
      if (this.#named.isTaken(on, label)) {
        throw new ModuleRefusal('key-exists', `there is already a key named ${label}`)
      }
      const made = await make(on)
      this.#token.measure()
      return made
    })
  }
}

/** An error before any signature was asked for. */
class Untouched extends Error {
  /** Of the session that it happened on. */
  readonly generation: number

  constructor(cause: unknown, generation: number) {
    super('nothing was signed', { cause })
    this.generation = generation
  }
}

/** What the caller is told: in the words of the module, where it has any. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof Untouched)) return translate(error)
  const told = translate(error.cause)
  if (!(told instanceof ModuleRefusal)) return told
  return new ModuleRefusal(told.code, told.message, { cause: told.cause, untouched: true })
}

const IMPORT_KEY_TYPE = 'rsa-3072'

const importKeyOf = ({ spki, oaepDigest }: ImportKey): ImportKey => ({ spki, oaepDigest })
