/**
 * The named keys of a token: found by label, looked at once, remembered.
 *
 * A named key must have exactly the powers and the provenance its role is made with (templates.ts), or it is not
 * used at all: somebody else may have put a key of our name on the token.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle, PKCS11, Template } from 'pkcs11js'
import { ModuleRefusal } from '../module.ts'
import { attribute, keyKind, objectClass } from './cryptoki.ts'
import type { ImportingKey } from './import-operations.ts'
import { checkShape, publicKeyInfo, search, typeOf } from './key-objects.ts'
import {
  importKeyShape,
  macKeyShape,
  masterKeyShape,
  namedKeyProvenance,
  type Shape,
  signingKeyShape,
} from './templates.ts'

export interface SigningKey {
  readonly handle: Handle
  readonly type: KeyType
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export class NamedKeys {
  readonly #library: PKCS11
  // Handles of token objects are good for as long as the library is initialised.
  readonly #secretKeys = new Map<string, Handle>()
  readonly #signingKeys = new Map<string, SigningKey>()
  readonly #importKeys = new Map<string, ImportingKey>()

  constructor(library: PKCS11) {
    this.#library = library
  }

  /** Whether any object of the token has this label. */
  isTaken(session: Handle, label: string): boolean {
    const template = [
      { type: attribute.TOKEN, value: true },
      { type: attribute.LABEL, value: label },
    ]
    return search(this.#library, session, template).length > 0
  }

  /** @throws ModuleRefusal `key-unknown`; Error when the key is not what its role demands */
  needSecretKey(session: Handle, label: string, role: SecretKeyRole): Handle {
    const name = `${role} ${label}`
    const known = this.#secretKeys.get(name)
    if (known !== undefined) return known
    const { shape } = SECRET_KEY_ROLES[role]
    const key = this.findSecretKey(session, label, role)
    if (key === undefined) throw unknown(`${role} key`, label)
    this.#checkNamed(session, key, shape, `${role} key ${label}`)
    this.#secretKeys.set(name, key)
    return key
  }

  /** @throws ModuleRefusal `key-unknown`; Error when the key is not what its role demands */
  needSigningKey(session: Handle, label: string): SigningKey {
    const key = this.findSigningKey(session, label)
    if (key === undefined) throw unknown('signing key', label)
    return key
  }

  findSigningKey(session: Handle, label: string): SigningKey | undefined {
    const known = this.#signingKeys.get(label)
    if (known !== undefined) return known
    const handle = this.#findOne(session, label, objectClass.PRIVATE_KEY, [
      { type: attribute.SIGN, value: true },
    ])
    if (handle === undefined) return undefined
    this.#checkNamed(session, handle, signingKeyShape, `signing key ${label}`)
    const type = this.#typeOf(session, handle, label)
    const key = { handle, type, spki: this.#publicHalf(session, label, type) }
    this.#signingKeys.set(label, key)
    return key
  }

  /** @throws ModuleRefusal `key-unknown`; Error when the key is not what its role demands */
  needImportKey(session: Handle, label: string): ImportingKey {
    const key = this.findImportKey(session, label)
    if (key === undefined) throw unknown('import key', label)
    return key
  }

  findImportKey(session: Handle, label: string): ImportingKey | undefined {
    const known = this.#importKeys.get(label)
    if (known !== undefined) return known
    const unwraps = [{ type: attribute.UNWRAP, value: true }]
    const handle = this.#findOne(session, label, objectClass.PRIVATE_KEY, unwraps)
    if (handle === undefined) return undefined
    this.#checkNamed(session, handle, importKeyShape, `import key ${label}`)
    const key = { handle, spki: this.#publicHalf(session, label, this.#typeOf(session, handle, label)) }
    this.#importKeys.set(label, key)
    return key
  }

  /** The handle of a key that is no more is not to be used for whatever takes its place. */
  forgetSecretKey(label: string, role: SecretKeyRole): void {
    this.#secretKeys.delete(`${role} ${label}`)
  }

  findSecretKey(session: Handle, label: string, role: SecretKeyRole): Handle | undefined {
    const kind = { type: attribute.KEY_TYPE, value: SECRET_KEY_ROLES[role].keyKind }
    return this.#findOne(session, label, objectClass.SECRET_KEY, [kind])
  }

  #typeOf(session: Handle, key: Handle, label: string): KeyType {
    const type = typeOf(this.#library, session, key)
    if (type === undefined) throw new Error(`the token's signing key ${label} is of no type we sign with`)
    return type
  }

  #publicHalf(session: Handle, label: string, type: KeyType): Uint8Array {
    const key = this.#findOne(session, label, objectClass.PUBLIC_KEY)
    if (key === undefined) throw new Error(`the token holds the private half of ${label}, not the public one`)
    return publicKeyInfo(this.#library, session, key, type)
  }

  #checkNamed(session: Handle, key: Handle, shape: Shape, what: string): void {
    checkShape(this.#library, session, key, [...shape, ...namedKeyProvenance], what)
  }

  #findOne(session: Handle, label: string, keyClass: number, more: Template = []): Handle | undefined {
    const template = [
      { type: attribute.TOKEN, value: true },
      { type: attribute.CLASS, value: keyClass },
      { type: attribute.LABEL, value: label },
      ...more,
    ]
    const [key, ...others] = search(this.#library, session, template)
    if (others.length > 0) throw new Error(`the token holds several keys of one kind named ${label}`)
    return key
  }
}

export type SecretKeyRole = 'master' | 'mac'

const SECRET_KEY_ROLES: Readonly<Record<SecretKeyRole, { keyKind: number; shape: Shape }>> = {
  master: { keyKind: keyKind.AES, shape: masterKeyShape },
  mac: { keyKind: keyKind.GENERIC_SECRET, shape: macKeyShape },
}

const unknown = (what: string, label: string) =>
  new ModuleRefusal('key-unknown', `there is no ${what} named ${label}`)
