/**
 * The PKCS #11 module: the interface of module.ts in front of the processes that hold the library.
 *
 * Here is what needs no token: requests that cannot succeed are refused before they travel, and keys are created
 * one at a time (PKCS #11 has no unique labels, so looking and making must not interleave). Several processes of a
 * deployment that create a key of one name at once are not prevented from it; a name held twice is refused when it
 * is used. Tokens are initialised with their maker's tools, not here.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { checkDigest } from '../check-digest.ts'
import type {
  BackedUpKey,
  CryptoModule,
  DigestToSign,
  ImportedCopy,
  ImportKey,
  KeyName,
  KeyToImport,
  KeyTypeCapability,
  KeyWitness,
  ModuleCapabilities,
  ModuleDescription,
  ModuleHealth,
  ModuleObject,
  NamedKey,
  SessionKey,
  WrappedKey,
  WrappedKeyPair,
} from '../module.ts'
import { asNeeded } from './as-needed.ts'
import { checkWrappedLength } from './check-wrapped-length.ts'
import { mechanism } from './cryptoki.ts'
import type { ProcessSettings } from './library-process.ts'
import type { OperationName, Operations, PinSource, TokenIdentity } from './messages.ts'
import type { TokenReport } from './probe/finding.ts'
import type { ProcessEvent } from './process-keeper.ts'
import { TokenSet } from './token-set.ts'

/** A token, known by its label, its serial number, or both. */
export interface TokenOptions {
  /** CKA_LABEL of the token, without the blanks it is padded with. */
  readonly tokenLabel?: string
  /** Its serial number, likewise. Without it a clone of that label is taken for the token when we start. */
  readonly tokenSerial?: string
  /** Path of a file with the user PIN, not open to others. The PIN is read in the library's process alone. */
  readonly pinFile?: string
  /** The user PIN itself, where several people brought it (`gatherPin`). One of the two. */
  readonly pin?: string
}

export interface Pkcs11ModuleOptions extends TokenOptions {
  /** Absolute path of the PKCS #11 library, which nobody else can replace. */
  readonly modulePath: string
  /** SHA-256 of that file, hexadecimal. With it only these very octets are loaded. */
  readonly moduleSha256?: string
  /** Further tokens of the same library that hold the same named keys. */
  readonly reserves?: readonly TokenOptions[]
  /** CKM_ number of AES-KWP (RFC 5649) as this token calls it. Default CKM_AES_KEY_WRAP_PAD, 0x210a. */
  readonly wrapMechanism?: number
  /** Sessions of each token, and as many threads. Default 8. Where the token allows fewer, fewer. */
  readonly sessions?: number
  /** The whole environment of the library's process, such as SOFTHSM2_CONF. Default empty. */
  readonly environment?: Readonly<Record<string, string>>
  /** When a library process is succeeded by a fresh one. Default 500,000 unwrapped keys or 512 MiB resident. */
  readonly recycleAfter?: { readonly unwraps?: number; readonly residentBytes?: number }
  /** How long one request may take. Default 30; ten times as long to make a key. */
  readonly deadlineSeconds?: number
  /** How many requests may wait for each token. Default 2,000; what comes beyond is refused as `module-busy`. */
  readonly maxWaiting?: number
  /** How long requests may wait without any answer before the process is killed. Default 60. */
  readonly stallSeconds?: number
  /** By label: what recognises named keys that were restored, or made with a backup. Without it they are not used. */
  readonly witnesses?: Readonly<Record<string, KeyWitness>>
  /** Told of what happens to library processes and their tokens; for the operator's log. */
  readonly onProcess?: (event: ProcessEvent) => void
}

/**
 * Opens a token in a process of its own and logs in; each of several in its own.
 *
 * `close` ends these processes; until then they keep the caller's event loop alive.
 * @throws Error naming what is missing: the binding, the library, the token, the PIN file, or the right PIN
 */
export async function openPkcs11Module(options: Pkcs11ModuleOptions): Promise<CryptoModule> {
  const witnesses = new Map(Object.entries(options.witnesses ?? {}))
  const settings = [options, ...(options.reserves ?? [])].map(token =>
    processSettings(options, token, witnesses),
  )
  const [tokens, description] = await TokenSet.open(settings, options.onProcess ?? (() => {}))
  return new Pkcs11Module(description, tokens, witnesses)
}

/** Tries what the token is good for, and leaves nothing on it. @throws Error as `openPkcs11Module` */
export async function probePkcs11Token(options: Omit<Pkcs11ModuleOptions, 'reserves'>): Promise<TokenReport> {
  const settings = processSettings(options, options, new Map())
  const [token] = await TokenSet.open([settings], options.onProcess ?? (() => {}))
  try {
    return (await token.call('probe', [])) as TokenReport // what the operation of this name returns
  } finally {
    await token.close()
  }
}

/** @param witnesses read anew by each process */
function processSettings(
  options: Pkcs11ModuleOptions,
  token: TokenOptions,
  witnesses: ReadonlyMap<string, KeyWitness>,
): ProcessSettings {
  const { modulePath: path, moduleSha256: sha256, environment = {} } = options
  const { wrapMechanism = mechanism.AES_KEY_WRAP_PAD, sessions = 8 } = options
  const { deadlineSeconds = 30, maxWaiting = 2000, stallSeconds = 60 } = options
  const { unwraps = 500_000, residentBytes = 512 * 1024 * 1024 } = options.recycleAfter ?? {}
  return {
    token: {
      library: { path, ...(sha256 !== undefined && { sha256 }) },
      token: identityOf(token),
      pin: pinSourceOf(token),
      wrapMechanism,
      sessions,
      witnesses,
    },
    environment,
    deadlineSeconds,
    maxWaiting,
    stallSeconds,
    recycleAfter: { unwraps, residentBytes },
  }
}

function identityOf({ tokenLabel: label, tokenSerial: serial }: TokenOptions): Partial<TokenIdentity> {
  if (label === undefined && serial === undefined) throw new Error('a token has a label or a serial number')
  return { ...(label !== undefined && { label }), ...(serial !== undefined && { serial }) }
}

function pinSourceOf({ pinFile, pin }: TokenOptions): PinSource {
  if (pinFile !== undefined && pin === undefined) return { file: pinFile }
  if (pin !== undefined && pinFile === undefined) return { value: pin }
  throw new Error('the PIN of a token is in a file, or was brought by several people')
}

class Pkcs11Module implements CryptoModule {
  readonly description: ModuleDescription
  readonly #tokens: TokenSet
  readonly #witnesses: Map<string, KeyWitness>
  #lastCreation: Promise<unknown> = Promise.resolve()

  constructor(description: ModuleDescription, tokens: TokenSet, witnesses: Map<string, KeyWitness>) {
    this.description = description
    this.#tokens = tokens
    this.#witnesses = witnesses
  }

  get health(): ModuleHealth {
    return this.#tokens.health
  }

  createMasterKey(label: string): Promise<void> {
    return this.#oneAtATime(() => this.#call('createMasterKey', label))
  }

  createMacKey(label: string): Promise<void> {
    return this.#oneAtATime(() => this.#call('createMacKey', label))
  }

  createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    return this.#oneAtATime(() => this.#call('createSigningKey', label, type))
  }

  createImportKey(label: string): Promise<ImportKey> {
    return this.#oneAtATime(() => this.#call('createImportKey', label))
  }

  createWithBackup(key: NamedKey, recipients: readonly Uint8Array[]): Promise<BackedUpKey> {
    return this.#oneAtATime(async () => {
      const made = await this.#call('createWithBackup', key, recipients)
      this.#witnesses.set(key.label, made.witness)
      return made
    })
  }

  restoreKey(key: NamedKey, copy: ImportedCopy, witness: KeyWitness): Promise<void> {
    return this.#oneAtATime(async () => {
      await this.#call('restoreKey', key, copy, witness)
      this.#witnesses.set(key.label, witness)
    })
  }

  destroyKey(key: KeyName): Promise<void> {
    return this.#oneAtATime(() => this.#call('destroyKey', key))
  }

  publicKey(label: string): Promise<Uint8Array | undefined> {
    return this.#call('publicKey', label)
  }

  importKey(label: string): Promise<ImportKey | undefined> {
    return this.#call('importKey', label)
  }

  mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#call('mac', label, data)
  }

  sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    return this.#call('sign', label, request)
  }

  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    return this.#call('generateWrapped', masterKey, type)
  }

  async signWrapped(
    masterKey: string,
    { type, wrapped }: WrappedKey,
    requests: readonly DigestToSign[],
  ): Promise<Uint8Array[]> {
    for (const request of requests) checkDigest(type, request)
    checkWrappedLength(wrapped)
    return this.#call('signWrapped', masterKey, { type, wrapped }, requests.map(asNeeded))
  }

  importWrapped(importKey: string, masterKey: string, key: KeyToImport): Promise<WrappedKeyPair> {
    const { type, wrapped, spki } = key
    return this.#call('importWrapped', importKey, masterKey, { type, wrapped, spki })
  }

  async rewrap(masterKey: string, newMasterKey: string, { type, wrapped }: WrappedKey): Promise<WrappedKey> {
    checkWrappedLength(wrapped)
    return this.#call('rewrap', masterKey, newMasterKey, { type, wrapped })
  }

  generateSession(type: KeyType): Promise<SessionKey> {
    return this.#tokens.generateSession(type)
  }

  guardsWrapping(masterKey: string): Promise<boolean> {
    return this.#call('guardsWrapping', masterKey)
  }

  objects(): Promise<readonly ModuleObject[]> {
    return this.#call('objects')
  }

  capability(type: KeyType): Promise<KeyTypeCapability> {
    return this.#call('capability', type)
  }

  capabilities(): Promise<ModuleCapabilities> {
    return this.#call('capabilities')
  }

  random(length: number): Promise<Uint8Array> {
    return this.#call('random', length)
  }

  close(): Promise<void> {
    return this.#tokens.close()
  }

  #call<Name extends OperationName>(
    operation: Name,
    ...parameters: Parameters<Operations[Name]>
  ): ReturnType<Operations[Name]> {
    // The other end runs the method of this name and sends what it returned (library-main.ts).
    return this.#tokens.call(operation, parameters) as ReturnType<Operations[Name]>
  }

  #oneAtATime<Result>(create: () => Promise<Result>): Promise<Result> {
    const creation = this.#lastCreation.then(create, create)
    this.#lastCreation = creation.catch(() => {})
    return creation
  }
}
