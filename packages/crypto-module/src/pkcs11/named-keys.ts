/**
 * The named keys of a token: found by label, looked at once, remembered.
 *
 * A named key must have exactly the powers and the provenance its role is made with (templates.ts), or it is not
 * used at all: somebody else may have put a key of our name on the token. A key that was made with a backup, or
 * restored from one, cannot have that provenance; it is used when its witness recognises it.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Handle, Template } from 'pkcs11js'
import { type KeyName, type KeyWitness, ModuleRefusal } from '../module.ts'
import { MAC_WITNESS_TEXT, witnessDiffers } from '../witness.ts'
import { attribute, keyKind, objectClass } from './cryptoki.ts'
import { checkShape, hasShape, typeOf } from './key-objects.ts'
import { oaepDigestFor, type ReceivingKey } from './key-transport.ts'
import type { SessionOperations } from './session-operations.ts'
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

export type SecretKeyRole = 'master' | 'mac'

export class NamedKeys {
  /** By label: of keys that came from elsewhere, or of which copies went elsewhere. */
  readonly #witnesses: Map<string, KeyWitness>
  // Handles of token objects are good until the token is lost sight of. Then these are new maps: who was still looking
  // for a key writes into the old one.
  #secretKeys = new Map<string, Handle>()
  #signingKeys = new Map<string, SigningKey>()
  #importKeys = new Map<string, ReceivingKey>()

  constructor(witnesses: ReadonlyMap<string, KeyWitness>) {
    this.#witnesses = new Map(witnesses)
  }

  /** Whether any object of the token has this label. */
  isTaken(on: SessionOperations, label: string): boolean {
    return objectsOf(on, label).length > 0
  }

  /** The key of that label is the one that the witness recognises. */
  believe(label: string, witness: KeyWitness): void {
    this.#witnesses.set(label, witness)
  }

  /** Handles are looked up again. */
  forget(): void {
    this.#secretKeys = new Map()
    this.#signingKeys = new Map()
    this.#importKeys = new Map()
  }

  /** Nothing when there is none of that kind and name. */
  destroy(on: SessionOperations, { kind, label }: KeyName): void {
    // A handle of what is no more is not to be used for whatever takes its place.
    this.#forget(label)
    if (kind === 'master' || kind === 'mac') on.destroy(...optional(findSecret(on, label, kind)))
    else destroyPair(on, label, kind === 'signing' ? signingKeyShape : importKeyShape)
  }

  /** @throws ModuleRefusal `key-unknown`, `witness-differs`; Error when the key is not what its role demands */
  async needSecretKey(on: SessionOperations, label: string, role: SecretKeyRole): Promise<Handle> {
    const [name, found] = [`${role} ${label}`, this.#secretKeys]
    const known = found.get(name)
    if (known !== undefined) return known
    const { shape } = SECRET_KEY_ROLES[role]
    const key = findSecret(on, label, role)
    if (key === undefined) throw unknown(`${role} key`, label)
    await this.#check(on, key, label, { shape, what: `${role} key ${label}` })
    found.set(name, key)
    return key
  }

  /** @throws ModuleRefusal `key-unknown`, `witness-differs`; Error when the key is not what its role demands */
  async needSigningKey(on: SessionOperations, label: string): Promise<SigningKey> {
    const key = await this.findSigningKey(on, label)
    if (key === undefined) throw unknown('signing key', label)
    return key
  }

  async findSigningKey(on: SessionOperations, label: string): Promise<SigningKey | undefined> {
    const found = this.#signingKeys
    const known = found.get(label)
    if (known !== undefined) return known
    const handle = findPrivate(on, label, signingKeyShape)
    if (handle === undefined) return undefined
    await this.#check(on, handle, label, { shape: signingKeyShape, what: `signing key ${label}` })
    const type = typeOfNamed(on, handle, label)
    const key = { handle, type, spki: publicHalf(on, label, type) }
    found.set(label, key)
    return key
  }

  /** @throws ModuleRefusal `key-unknown`; Error when the key is not what its role demands */
  async needImportKey(on: SessionOperations, label: string): Promise<ReceivingKey> {
    const key = await this.findImportKey(on, label)
    if (key === undefined) throw unknown('import key', label)
    return key
  }

  async findImportKey(on: SessionOperations, label: string): Promise<ReceivingKey | undefined> {
    const found = this.#importKeys
    const known = found.get(label)
    if (known !== undefined) return known
    const handle = findPrivate(on, label, importKeyShape)
    if (handle === undefined) return undefined
    await this.#check(on, handle, label, { shape: importKeyShape, what: `import key ${label}` })
    const spki = publicHalf(on, label, typeOfNamed(on, handle, label))
    const key = { handle, spki, oaepDigest: await oaepDigestFor(on, handle, spki) }
    found.set(label, key)
    return key
  }

  async #check(
    on: SessionOperations,
    key: Handle,
    label: string,
    { shape, what }: { readonly shape: Shape; readonly what: string },
  ): Promise<void> {
    const { library, session } = on
    checkShape(library, session, key, shape, what)
    if (hasShape(library, session, key, namedKeyProvenance)) return
    const witness = this.#witnesses.get(label)
    if (witness === undefined) checkShape(library, session, key, namedKeyProvenance, what)
    else if (!(await recognises(on, witness, key))) throw witnessDiffers(label)
  }

  #forget(label: string): void {
    for (const role of ['master', 'mac']) this.#secretKeys.delete(`${role} ${label}`)
    this.#signingKeys.delete(label)
    this.#importKeys.delete(label)
  }
}

/** Whether the key on the token is the one that the witness knows. */
export async function recognises(on: SessionOperations, witness: KeyWitness, key: Handle): Promise<boolean> {
  if (witness.kind === 'mac') return equal(await on.mac(key, MAC_WITNESS_TEXT), witness.mac)
  if (witness.kind === 'master') return unwrapsWitness(on, key, witness.pair)
  const type = typeOf(on.library, on.session, key)
  return type !== undefined && on.provesItself(key, type, witness.spki)
}

async function unwrapsWitness(
  on: SessionOperations,
  master: Handle,
  { type, wrapped, spki }: (KeyWitness & { kind: 'master' })['pair'],
): Promise<boolean> {
  const key = await unlessInvalid(on.unwrapSigner(master, { type, wrapped }))
  if (key === undefined) return false
  try {
    return await on.provesItself(key, type, spki)
  } finally {
    on.discard(key)
  }
}

async function unlessInvalid(unwrapping: Promise<Handle>): Promise<Handle | undefined> {
  try {
    return await unwrapping
  } catch (error) {
    if (error instanceof ModuleRefusal && error.code === 'wrapped-key-invalid') return undefined
    throw error
  }
}

const SECRET_KEY_ROLES: Readonly<Record<SecretKeyRole, { keyKind: number; shape: Shape }>> = {
  master: { keyKind: keyKind.AES, shape: masterKeyShape },
  mac: { keyKind: keyKind.GENERIC_SECRET, shape: macKeyShape },
}

function findSecret(on: SessionOperations, label: string, role: SecretKeyRole): Handle | undefined {
  const kind = { type: attribute.KEY_TYPE, value: SECRET_KEY_ROLES[role].keyKind }
  return findOne(on, label, objectClass.SECRET_KEY, [kind])
}

/** Both halves, or the public one alone where a crash left that; never the public half of another role's key. */
function destroyPair(on: SessionOperations, label: string, shape: Shape): void {
  const own = findPrivate(on, label, shape)
  const any = findOne(on, label, objectClass.PRIVATE_KEY)
  if (any !== undefined && own === undefined) return
  on.destroy(...optional(own), ...optional(findOne(on, label, objectClass.PUBLIC_KEY)))
}

const optional = (handle: Handle | undefined): Handle[] => (handle === undefined ? [] : [handle])

/** A private key of that label with the power that its role is about; another role's key is another kind of key. */
function findPrivate(on: SessionOperations, label: string, shape: Shape): Handle | undefined {
  const powers = shape.filter(([name]) => name === 'SIGN' || name === 'UNWRAP')
  const template = powers.map(([name, value]) => ({ type: attribute[name], value }))
  return findOne(on, label, objectClass.PRIVATE_KEY, template)
}

function typeOfNamed(on: SessionOperations, key: Handle, label: string): KeyType {
  const type = typeOf(on.library, on.session, key)
  if (type === undefined) throw new Error(`the token's key ${label} is of no type we know`)
  return type
}

function publicHalf(on: SessionOperations, label: string, type: KeyType): Uint8Array {
  const key = findOne(on, label, objectClass.PUBLIC_KEY)
  if (key === undefined) throw new Error(`the token holds the private half of ${label}, not the public one`)
  return on.publicKeyInfo(key, type)
}

function findOne(
  on: SessionOperations,
  label: string,
  keyClass: number,
  more: Template = [],
): Handle | undefined {
  const template = [...labelled(label), { type: attribute.CLASS, value: keyClass }, ...more]
  const [key, ...others] = on.find(template)
  if (others.length > 0) throw new Error(`the token holds several keys of one kind named ${label}`)
  return key
}

const objectsOf = (on: SessionOperations, label: string): Handle[] => on.find(labelled(label))

const labelled = (label: string): Template => [
  { type: attribute.TOKEN, value: true },
  { type: attribute.LABEL, value: label },
]

const unknown = (what: string, label: string) =>
  new ModuleRefusal('key-unknown', `there is no ${what} named ${label}`)
