/**
 * The software module: the interface of module.ts over node:crypto and a directory of files.
 *
 * For demonstrations, tests and level 1. Whoever can read the process's memory or the files has the keys
 * (sole control, 1). What it does share with a hardware module is the shape: a master key object has no operation
 * but wrap and unwrap, because no code path hands a key of that kind to anything else.
 */
import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { unwrapKey, wrapKey } from '@natsuin/pki/node'
import { checkDigest } from '../check-digest.ts'
import { Lane } from '../lane.ts'
import {
  type BackedUpKey,
  type CryptoModule,
  type DigestToSign,
  type ImportedCopy,
  type ImportKey,
  type KeyName,
  type KeyToImport,
  type KeyTypeCapability,
  type KeyWitness,
  type ModuleCapabilities,
  type ModuleDescription,
  type ModuleHealth,
  type ModuleObject,
  ModuleRefusal,
  type NamedKey,
  type SessionKey,
  type WrappedKey,
  type WrappedKeyPair,
} from '../module.ts'
import { backUp, checkWitness, restoredKey } from './backup.ts'
import { OAEP_DIGEST, receivePrivateKey } from './import-key.ts'
import { checkKeyDirectory, createKeyDirectory } from './key-directory.ts'
import { type DigestSigner, digestSigner, generateKeyPairDer } from './private-key.ts'
import { SessionKeys } from './session-keys.ts'
import { signAll } from './sign-all.ts'
import { UsableKeys } from './usable-keys.ts'

export interface SoftwareModuleOptions {
  /** Path of the key directory. */
  readonly directory: string
}

/** Makes an empty key directory (mode 0700) and opens it. @throws Error when the path is taken or its parent missing */
export async function createSoftwareModule(options: SoftwareModuleOptions): Promise<CryptoModule> {
  await createKeyDirectory(options.directory)
  return openSoftwareModule(options)
}

/**
 * Opens a key directory that `createSoftwareModule` made.
 * @throws Error when it is missing, or readable by others than its owner: nothing that guards keys is made up here
 */
export async function openSoftwareModule({ directory }: SoftwareModuleOptions): Promise<CryptoModule> {
  await checkKeyDirectory(directory)
  return new SoftwareModule(directory)
}

class SoftwareModule implements CryptoModule {
  readonly description: ModuleDescription = {
    kind: 'software',
    name: `Natsuin software module, OpenSSL ${process.versions.openssl}`,
    softwareModule: true,
  }
  readonly #keys: UsableKeys
  readonly #sessionKeys = new SessionKeys()
  readonly #generations = new Lane(GENERATIONS_AT_ONCE)

  constructor(directory: string) {
    this.#keys = new UsableKeys(directory)
  }

  get health(): ModuleHealth {
    const { isOpen } = this.#keys
    return { ready: isOpen, accepts: isOpen, waiting: 0, tokens: [] }
  }

  async createMasterKey(label: string): Promise<void> {
    await this.#keys.create(label, { kind: 'master', secret: await random(32) })
  }

  async createMacKey(label: string): Promise<void> {
    await this.#keys.create(label, { kind: 'mac', secret: await random(32) })
  }

  async createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    const { pkcs8, spki } = await this.#generatePair(type)
    await this.#keys.create(label, { kind: 'signing', type, secret: pkcs8, spki })
    return spki
  }

  async createImportKey(label: string): Promise<ImportKey> {
    const { pkcs8, spki } = await this.#generatePair('rsa-3072')
    await this.#keys.create(label, { kind: 'import', secret: pkcs8, spki })
    return { spki, oaepDigest: OAEP_DIGEST }
  }

  async createWithBackup(key: NamedKey, recipients: readonly Uint8Array[]): Promise<BackedUpKey> {
    const { stored, backup } = await this.#generations.run(() => backUp(key, recipients))
    await this.#keys.create(key.label, stored)
    return backup
  }

  async restoreKey(key: NamedKey, copy: ImportedCopy, witness: KeyWitness): Promise<void> {
    const importKey = await this.#keys.need(copy.importKey, 'import')
    await this.#keys.checkFree(key.label)
    const stored = restoredKey(key, importKey, copy.sent)
    await checkWitness(key.label, stored, witness)
    await this.#keys.create(key.label, stored)
  }

  destroyKey(key: KeyName): Promise<void> {
    return this.#keys.destroy(key)
  }

  async publicKey(label: string): Promise<Uint8Array | undefined> {
    const key = await this.#keys.find(label)
    return key?.kind === 'signing' ? key.spki.slice() : undefined
  }

  async importKey(label: string): Promise<ImportKey | undefined> {
    const key = await this.#keys.find(label)
    return key?.kind === 'import' ? { spki: key.spki.slice(), oaepDigest: OAEP_DIGEST } : undefined
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    const { secret } = await this.#keys.need(label, 'mac')
    return new Uint8Array(createHmac('sha256', secret).update(data).digest())
  }

  async sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    const { type, sign } = await this.#keys.need(label, 'signing')
    checkDigest(type, request)
    return sign(request)
  }

  async generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    const { secret } = await this.#keys.need(masterKey, 'master')
    const { pkcs8, spki } = await this.#generatePair(type)
    const wrapped = wrapKey(secret, pkcs8)
    pkcs8.fill(0)
    return { type, wrapped, spki, attributes: MADE_HERE }
  }

  async signWrapped(
    masterKey: string,
    key: WrappedKey,
    requests: readonly DigestToSign[],
  ): Promise<Uint8Array[]> {
    const { secret } = await this.#keys.need(masterKey, 'master')
    for (const request of requests) checkDigest(key.type, request)
    return signAll(key.type, unwrapSigner(secret, key), requests)
  }

  async importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair> {
    const receiving = await this.#keys.need(importKey, 'import')
    const { secret } = await this.#keys.need(masterKey, 'master')
    const pkcs8 = await receivePrivateKey(receiving, key)
    const wrapped = wrapKey(secret, pkcs8)
    pkcs8.fill(0)
    return { type: key.type, wrapped, spki: key.spki.slice(), attributes: FROM_OUTSIDE }
  }

  async rewrap(masterKey: string, newMasterKey: string, key: WrappedKey): Promise<WrappedKey> {
    const { secret: old } = await this.#keys.need(masterKey, 'master')
    const { secret } = await this.#keys.need(newMasterKey, 'master')
    unwrapSigner(old, key)
    const pkcs8 = unwrapKey(old, key.wrapped) ?? new Uint8Array()
    const wrapped = wrapKey(secret, pkcs8)
    pkcs8.fill(0)
    return { type: key.type, wrapped }
  }

  async generateSession(type: KeyType): Promise<SessionKey> {
    this.#keys.checkOpen()
    return this.#generations.run(() => this.#sessionKeys.generate(type))
  }

  async guardsWrapping(masterKey: string): Promise<boolean> {
    await this.#keys.need(masterKey, 'master')
    return false
  }

  async objects(): Promise<readonly ModuleObject[]> {
    const { labels, strays } = await this.#keys.list()
    const keys = labels.map(async label => ({ label, kind: await this.#kindOf(label), persistent: true }))
    const others = strays.map(label => ({ label, kind: 'other', persistent: true }) as const)
    return [...(await Promise.all(keys)), ...others, ...this.#sessionKeys.objects()]
  }

  /** OpenSSL has all of it, and every key is wrapped alike. */
  async capability(type: KeyType): Promise<KeyTypeCapability> {
    return EVERYTHING[type]
  }

  async capabilities(): Promise<ModuleCapabilities> {
    return EVERYTHING
  }

  async random(length: number): Promise<Uint8Array> {
    this.#keys.checkOpen()
    return random(length)
  }

  async close(): Promise<void> {
    this.#keys.close()
    this.#sessionKeys.destroyAll()
  }

  #generatePair(type: KeyType) {
    return this.#generations.run(() => generateKeyPairDer(type))
  }

  async #kindOf(label: string): Promise<ModuleObject['kind']> {
    const key = await this.#keys.find(label)
    return key?.kind === 'signing' || key?.kind === 'import' ? 'private' : 'secret'
  }
}

/** RSA keys are made on the thread pool, which has four threads, and verifies signatures too. */
const GENERATIONS_AT_ONCE = 2

/**
 * Of a key that was made here and left wrapped alone. What "sensitive" is worth in a software module is what
 * `softwareModule` says.
 */
const MADE_HERE = { local: true, sensitive: true, alwaysSensitive: true, neverExtractable: false } as const
const FROM_OUTSIDE = {
  local: false,
  sensitive: true,
  alwaysSensitive: false,
  neverExtractable: false,
} as const

const EVERYTHING = Object.fromEntries(
  Object.entries(keyTypes).map(([type, { signs }]): [string, KeyTypeCapability] => [
    type,
    { signs, wraps: true },
  ]),
) as ModuleCapabilities // one entry per key type

/** @throws ModuleRefusal `wrapped-key-invalid` */
function unwrapSigner(masterKey: KeyObject, { type, wrapped }: WrappedKey): DigestSigner {
  const pkcs8 = unwrapKey(masterKey, wrapped)
  const sign = pkcs8 === undefined ? undefined : digestSigner(type, pkcs8)
  pkcs8?.fill(0)
  if (sign === undefined) {
    throw new ModuleRefusal(
      'wrapped-key-invalid',
      `the wrapped key is altered, not ours, or not of type ${type}`,
    )
  }
  return sign
}

const random = async (length: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await promisify(randomBytes)(length))
