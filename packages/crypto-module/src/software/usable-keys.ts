/** The named keys of a key directory as they are used: the kinds are the permissions. */
import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { KeyType } from '@natsuin/pki/algorithms'
import { type KeyName, ModuleRefusal } from '../module.ts'
import { listKeys, readKey, removeKey, type StoredKey, writeKey } from './key-directory.ts'
import { type DigestSigner, digestSigner } from './private-key.ts'

export type UsableKey =
  | { readonly kind: 'master'; readonly secret: KeyObject }
  | { readonly kind: 'mac'; readonly secret: KeyObject }
  | { readonly kind: 'import'; readonly key: KeyObject; readonly spki: Uint8Array }
  | {
      readonly kind: 'signing'
      readonly type: KeyType
      readonly spki: Uint8Array
      readonly sign: DigestSigner
    }

export class UsableKeys {
  readonly #directory: string
  readonly #known = new Map<string, UsableKey>()
  #closed = false

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Overwrites the secret once it is on disk. @throws ModuleRefusal `key-exists` */
  async create(label: string, key: StoredKey): Promise<void> {
    this.checkOpen()
    const written = await writeKey(this.#directory, label, key)
    key.secret.fill(0)
    if (!written) throw keyExists(label)
  }

  /** @throws ModuleRefusal `key-exists` */
  async checkFree(label: string): Promise<void> {
    if ((await this.find(label)) !== undefined) throw keyExists(label)
  }

  async destroy({ kind, label }: KeyName): Promise<void> {
    const key = await this.find(label)
    if (key?.kind !== kind) return
    this.#known.delete(label)
    await removeKey(this.#directory, label)
  }

  /** @throws ModuleRefusal `key-unknown` */
  async need<Kind extends UsableKey['kind']>(label: string, kind: Kind): Promise<UsableKey & { kind: Kind }> {
    const key = await this.find(label)
    if (key === undefined || !isKind(key, kind)) {
      throw new ModuleRefusal('key-unknown', `there is no ${kind} key named ${label}`)
    }
    return key
  }

  async find(label: string): Promise<UsableKey | undefined> {
    this.checkOpen()
    const known = this.#known.get(label)
    if (known !== undefined) return known
    const stored = await readKey(this.#directory, label)
    if (stored === undefined) return undefined
    const key = useKey(label, stored)
    stored.secret.fill(0)
    this.#known.set(label, key)
    return key
  }

  list(): Promise<{ labels: string[]; strays: string[] }> {
    this.checkOpen()
    return listKeys(this.#directory)
  }

  close(): void {
    this.#closed = true
    this.#known.clear()
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  /** @throws ModuleRefusal `module-unavailable` */
  checkOpen(): void {
    if (this.#closed) throw new ModuleRefusal('module-unavailable', 'the software module is closed')
  }
}

const keyExists = (label: string) => new ModuleRefusal('key-exists', `there is already a key named ${label}`)

const isKind = <Kind extends UsableKey['kind']>(
  key: UsableKey,
  kind: Kind,
): key is UsableKey & { kind: Kind } => key.kind === kind

function useKey(label: string, stored: StoredKey): UsableKey {
  if (stored.kind === 'import') return { kind: 'import', key: privateKey(stored.secret), spki: stored.spki }
  if (stored.kind !== 'signing') return { kind: stored.kind, secret: createSecretKey(stored.secret) }
  const sign = digestSigner(stored.type, stored.secret)
  if (sign === undefined) throw new Error(`the file of key ${label} holds no ${stored.type} key`)
  return { kind: 'signing', type: stored.type, spki: stored.spki, sign }
}

const privateKey = (pkcs8: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
