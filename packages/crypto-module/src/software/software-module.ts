/**
 * The software module: the interface of module.ts over node:crypto and a directory of files.
 *
 * For demonstrations, tests and level 1. Whoever can read the process's memory or the files has the keys
 * (sole control, 1). What it does share with a hardware module is the shape: a master key object has no operation
 * but wrap and unwrap, because no code path hands a key of that kind to anything else.
 */
import { createHmac, createPrivateKey, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { checkDigest } from '../check-digest.ts'
import { checkIsPrivateHalf, IMPORT_KEY_TYPE, IMPORTED } from '../imported-key.ts'
import {
  type CryptoModule,
  type DigestToSign,
  type ImportKey,
  type KeyToImport,
  type ModuleCapabilities,
  type ModuleDescription,
  ModuleRefusal,
  type WrappedKey,
  type WrappedKeyPair,
} from '../module.ts'
import {
  checkKeyDirectory,
  createKeyDirectory,
  readKey,
  removeKey,
  type StoredKey,
  writeKey,
} from './key-directory.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { OAEP_DIGEST, openImported } from './open-imported.ts'
import { type DigestSigner, digestSigner, generateKeyPairDer } from './private-key.ts'

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

/** A key as it is used; the kinds are the permissions. */
type NamedKey =
  | { readonly kind: 'master'; readonly secret: KeyObject }
  | { readonly kind: 'mac'; readonly secret: KeyObject }
  | {
      readonly kind: 'signing'
      readonly type: KeyType
      readonly spki: Uint8Array
      readonly sign: DigestSigner
    }
  | { readonly kind: 'import'; readonly spki: Uint8Array; readonly privateKey: KeyObject }

class SoftwareModule implements CryptoModule {
  readonly description: ModuleDescription = {
    kind: 'software',
    name: `Natsuin software module, OpenSSL ${process.versions.openssl}`,
    softwareModule: true,
  }
  readonly #directory: string
  readonly #keys = new Map<string, NamedKey>()
  #closed = false

  constructor(directory: string) {
    this.#directory = directory
  }

  async createMasterKey(label: string): Promise<void> {
    await this.#create(label, { kind: 'master', secret: await random(32) })
  }

  async createMacKey(label: string): Promise<void> {
    await this.#create(label, { kind: 'mac', secret: await random(32) })
  }

  async createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    const { pkcs8, spki } = await generateKeyPairDer(type)
    await this.#create(label, { kind: 'signing', type, secret: pkcs8, spki })
    return spki
  }

  async publicKey(label: string): Promise<Uint8Array | undefined> {
    const key = await this.#find(label)
    return key?.kind === 'signing' ? key.spki.slice() : undefined
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    const { secret } = await this.#need(label, 'mac')
    return new Uint8Array(createHmac('sha256', secret).update(data).digest())
  }

  async sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    const { type, sign } = await this.#need(label, 'signing')
    checkDigest(type, request)
    return sign(request)
  }

  async generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    const { secret } = await this.#need(masterKey, 'master')
    const { pkcs8, spki } = await generateKeyPairDer(type)
    const wrapped = wrapKey(secret, pkcs8)
    pkcs8.fill(0)
    // The key was made here and never shown: true of any key this function returns. What "sensitive" is worth in
    // a software module is what `softwareModule` says.
    return { type, wrapped, spki, attributes: { local: true, sensitive: true, alwaysSensitive: true } }
  }

  async signWrapped(
    masterKey: string,
    key: WrappedKey,
    requests: readonly DigestToSign[],
  ): Promise<Uint8Array[]> {
    const { secret } = await this.#need(masterKey, 'master')
    for (const request of requests) checkDigest(key.type, request)
    return signAll(key.type, unwrapSigner(secret, key), requests)
  }

  async rewrap(masterKey: string, newMasterKey: string, { type, wrapped }: WrappedKey): Promise<WrappedKey> {
    const { secret: from } = await this.#need(masterKey, 'master')
    const { secret: to } = await this.#need(newMasterKey, 'master')
    const pkcs8 = unwrapKey(from, wrapped)
    if (pkcs8 === undefined || digestSigner(type, pkcs8) === undefined) throw invalid(type)
    const rewrapped = wrapKey(to, pkcs8)
    pkcs8.fill(0)
    return { type, wrapped: rewrapped }
  }

  async destroyMasterKey(label: string): Promise<void> {
    const key = await this.#find(label)
    if (key?.kind !== 'master') return
    this.#keys.delete(label)
    await removeKey(this.#directory, label)
  }

  async createImportKey(label: string): Promise<ImportKey> {
    const { pkcs8, spki } = await generateKeyPairDer(IMPORT_KEY_TYPE)
    await this.#create(label, { kind: 'import', type: IMPORT_KEY_TYPE, secret: pkcs8, spki })
    return { spki, oaepDigest: OAEP_DIGEST }
  }

  async importKey(label: string): Promise<ImportKey | undefined> {
    const key = await this.#find(label)
    return key?.kind === 'import' ? { spki: key.spki.slice(), oaepDigest: OAEP_DIGEST } : undefined
  }

  async importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair> {
    const { privateKey } = await this.#need(importKey, 'import')
    const { secret } = await this.#need(masterKey, 'master')
    const pkcs8 = openImported(privateKey, key)
    const sign = pkcs8 && digestSigner(key.type, pkcs8)
    if (pkcs8 === undefined || sign === undefined) throw invalid(key.type)
    await checkIsPrivateHalf(key, async request => sign(request))
    const wrapped = wrapKey(secret, pkcs8)
    pkcs8.fill(0)
    return { type: key.type, wrapped, spki: key.spki, attributes: IMPORTED }
  }

  /** OpenSSL has all of it, and every key is wrapped alike. */
  async capabilities(): Promise<ModuleCapabilities> {
    return EVERYTHING
  }

  async random(length: number): Promise<Uint8Array> {
    this.#checkOpen()
    return random(length)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#keys.clear()
  }

  async #create(label: string, key: StoredKey): Promise<void> {
    this.#checkOpen()
    const written = await writeKey(this.#directory, label, key)
    key.secret.fill(0)
    if (!written) throw new ModuleRefusal('key-exists', `there is already a key named ${label}`)
  }

  async #need<Kind extends NamedKey['kind']>(label: string, kind: Kind): Promise<NamedKey & { kind: Kind }> {
    const key = await this.#find(label)
    if (key === undefined || !isKind(key, kind)) {
      throw new ModuleRefusal('key-unknown', `there is no ${kind} key named ${label}`)
    }
    return key
  }

  async #find(label: string): Promise<NamedKey | undefined> {
    this.#checkOpen()
    const known = this.#keys.get(label)
    if (known !== undefined) return known
    const stored = await readKey(this.#directory, label)
    if (stored === undefined) return undefined
    const key = useKey(label, stored)
    stored.secret.fill(0)
    this.#keys.set(label, key)
    return key
  }

  #checkOpen(): void {
    if (this.#closed) throw new ModuleRefusal('module-unavailable', 'the software module is closed')
  }
}

const EVERYTHING = Object.fromEntries(
  Object.entries(keyTypes).map(([type, { signs }]) => [type, { signs, wraps: true }]),
) as ModuleCapabilities // one entry per key type

const isKind = <Kind extends NamedKey['kind']>(key: NamedKey, kind: Kind): key is NamedKey & { kind: Kind } =>
  key.kind === kind

function useKey(label: string, stored: StoredKey): NamedKey {
  if (stored.kind === 'import') return { kind: 'import', spki: stored.spki, privateKey: privateKeyOf(stored) }
  if (stored.kind !== 'signing') return { kind: stored.kind, secret: createSecretKey(stored.secret) }
  const sign = digestSigner(stored.type, stored.secret)
  if (sign === undefined) throw new Error(`the file of key ${label} holds no ${stored.type} key`)
  return { kind: 'signing', type: stored.type, spki: stored.spki, sign }
}

/** @throws ModuleRefusal `wrapped-key-invalid` */
function unwrapSigner(masterKey: KeyObject, { type, wrapped }: WrappedKey): DigestSigner {
  const pkcs8 = unwrapKey(masterKey, wrapped)
  const sign = pkcs8 === undefined ? undefined : digestSigner(type, pkcs8)
  pkcs8?.fill(0)
  if (sign === undefined) throw invalid(type)
  return sign
}

const invalid = (type: KeyType) =>
  new ModuleRefusal('wrapped-key-invalid', `the wrapped key is altered, not ours, or not of type ${type}`)

const privateKeyOf = ({ secret }: StoredKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' })

async function signAll(
  type: KeyType,
  sign: DigestSigner,
  requests: readonly DigestToSign[],
): Promise<Uint8Array[]> {
  const perTurn = SIGNATURES_PER_TURN[keyTypes[type].curve ?? keyTypes[type].family]
  const signatures: Uint8Array[] = []
  for (const request of requests) {
    if (signatures.length > 0 && signatures.length % perTurn === 0) await setImmediate()
    signatures.push(await sign(request))
  }
  return signatures
}

// Signing is synchronous. A long batch lets others have the event loop after two to three milliseconds.
const SIGNATURES_PER_TURN = { 'P-256': 10, 'P-384': 2, 'P-521': 1, ec: 1, rsa: 2, ed25519: 50 } as const

const random = async (length: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await promisify(randomBytes)(length))
