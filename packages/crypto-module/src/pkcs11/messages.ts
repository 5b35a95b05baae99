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
import type { TokenReport } from './probe/finding.ts'
import type { LibraryFile } from './trusted-library.ts'

/** Everything a module does that reaches the token. */
export interface Operations
  extends Omit<CryptoModule, 'description' | 'health' | 'close' | 'generateSession'> {
  generateSession(type: KeyType): Promise<HeldSessionKey>
  /** @throws ModuleRefusal `key-unknown` */
  signSession(id: number, requests: readonly DigestToSign[]): Promise<Uint8Array[]>
  destroySession(id: number): Promise<void>
  /** What the token is good for, found by trying. */
  probe(): Promise<TokenReport>
}
export type OperationName = keyof Operations

/** A session key that the process of the library holds. */
export interface HeldSessionKey extends Pick<SessionKey, 'type' | 'spki' | 'attributes'> {
  readonly id: number
}

export interface TokenIdentity {
  /** Without the blanks that it is padded with. */
  readonly label: string
  /** Likewise. */
  readonly serial: string
}

/** A file that only the library process reads, or the PIN that several people brought. */
export type PinSource = { readonly file: string } | { readonly value: string }

export interface TokenSettings {
  readonly library: LibraryFile
  /** At least one of the two. */
  readonly token: Partial<TokenIdentity>
  readonly pin: PinSource
  /** CKM_ number of the mechanism that wraps and unwraps signers' keys: AES-KWP (RFC 5649). */
  readonly wrapMechanism: number
  /** As many sessions as are lent at a time, at most. */
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
      readonly untouched: boolean
    }
  | { readonly id: number; readonly outcome: 'failed'; readonly message: string }

export type ToLibrary =
  | { readonly kind: 'open'; readonly settings: TokenSettings }
  | { readonly kind: 'requests'; readonly requests: readonly LibraryRequest[] }
  | { readonly kind: 'close' }

export type FromLibrary =
  | { readonly kind: 'opened'; readonly description: ModuleDescription; readonly identity: TokenIdentity }
  | { readonly kind: 'not-opened'; readonly message: string; readonly pinRefused: boolean }
  /** This process is good for nothing more: it does not see its token any longer, or lost its log-in for good. */
  | { readonly kind: 'lost'; readonly message: string; readonly pinRefused: boolean }
  | { readonly kind: 'answers'; readonly answers: readonly LibraryAnswer[]; readonly resources: Resources }

export interface Resources {
  readonly residentBytes: number
  /** Share of the token's memory for private objects, 0 to 1; absent when the token does not say. */
  readonly used?: number
}
