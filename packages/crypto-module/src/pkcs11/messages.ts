/**
 * What the module and the process that holds the PKCS #11 library say to each other.
 *
 * The channel is the one that `fork` makes: a descriptor inherited by exactly these two processes (sole control,
 * 11), so both ends trust its shape. Requests and answers travel in lists, because one message costs far more than
 * one request in it.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type {
  CryptoModule,
  DigestToSign,
  KeyWitness,
  ModuleDescription,
  ModuleRefusalCode,
  SessionKey,
} from '../module.ts'

/** Everything a module does that reaches the token. */
export interface Operations extends Omit<CryptoModule, 'description' | 'close' | 'generateSession'> {
  generateSession(type: KeyType): Promise<HeldSessionKey>
  /** @throws ModuleRefusal `key-unknown` */
  signSession(id: number, requests: readonly DigestToSign[]): Promise<Uint8Array[]>
  destroySession(id: number): Promise<void>
}
export type OperationName = keyof Operations

/** A session key that the process of the library holds. */
export interface HeldSessionKey extends Pick<SessionKey, 'type' | 'spki' | 'attributes'> {
  readonly id: number
}

export interface TokenSettings {
  /** Path of the PKCS #11 library. */
  readonly modulePath: string
  readonly tokenLabel: string
  /** Path of a file that holds the user PIN. Only the library process reads it. */
  readonly pinFile: string
  /** CKM_ number of the mechanism that wraps and unwraps signers' keys: AES-KWP (RFC 5649). */
  readonly wrapMechanism: number
  readonly sessions: number
  /** By label: what recognises keys that were restored, or made with a backup. */
  readonly witnesses: ReadonlyMap<string, KeyWitness>
}

export interface LibraryRequest {
  readonly id: number
  readonly operation: OperationName
  readonly parameters: readonly unknown[]
}

export type LibraryAnswer =
  | { readonly id: number; readonly outcome: 'done'; readonly value: unknown }
  | {
      readonly id: number
      readonly outcome: 'refused'
      readonly code: ModuleRefusalCode
      readonly message: string
    }
  | { readonly id: number; readonly outcome: 'failed'; readonly message: string }

export type ToLibrary =
  | { readonly kind: 'open'; readonly settings: TokenSettings }
  | { readonly kind: 'requests'; readonly requests: readonly LibraryRequest[] }
  | { readonly kind: 'close' }

export type FromLibrary =
  | { readonly kind: 'opened'; readonly description: ModuleDescription }
  | { readonly kind: 'not-opened'; readonly message: string; readonly pinRefused: boolean }
  | { readonly kind: 'answers'; readonly answers: readonly LibraryAnswer[]; readonly residentBytes: number }
