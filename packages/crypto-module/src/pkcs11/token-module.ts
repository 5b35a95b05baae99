/**
 * The operations of module.ts on a token.
 *
 * Every key is looked at before it is used: a named key must have exactly the powers and the provenance its kind is
 * made with, an unwrapped key exactly those of an activation (templates.ts). What a token leaves out of a template
 * is found here, not in an incident.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { keyTypes } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Handle, Template } from 'pkcs11js'
import { checkDigest } from '../check-digest.ts'
import { digestInfo } from '../digest-info.ts'
import { ecdsaSigValue } from '../ecdsa-sig-value.ts'
import { type DigestToSign, ModuleRefusal, type WrappedKey, type WrappedKeyPair } from '../module.ts'
import { type AttributeName, attribute, keyKind, mechanism, objectClass } from './cryptoki.ts'
import type { Operations } from './messages.ts'
import { ecPublicKey, rsaPublicKey } from './public-key.ts'
import { translateUnwrap } from './return-codes.ts'
import {
  ecParameters,
  generatedKeyShape,
  keyKindOf,
  keyPairTemplates,
  macKeyShape,
  macKeyTemplate,
  masterKeyShape,
  masterKeyTemplate,
  namedKeyProvenance,
  type Shape,
  signingKeyShape,
  unwrappedKeyShape,
  unwrapTemplate,
} from './templates.ts'
import type { Token } from './token.ts'

type KeyRole = 'master' | 'mac' | 'signing'

interface Role {
  readonly class: number
  readonly keyKind?: number
  readonly shape: Shape
}

const ROLES: Readonly<Record<KeyRole, Role>> = {
  master: { class: objectClass.SECRET_KEY, keyKind: keyKind.AES, shape: masterKeyShape },
  mac: { class: objectClass.SECRET_KEY, keyKind: keyKind.GENERIC_SECRET, shape: macKeyShape },
  signing: { class: objectClass.PRIVATE_KEY, shape: signingKeyShape },
}

export class TokenModule implements Operations {
  readonly #token: Token
  /** Handles of named keys that were found and checked; good for as long as the library is initialised. */
  readonly #known = new Map<string, Handle>()

  constructor(token: Token) {
    this.#token = token
  }

  createMasterKey(label: string): Promise<void> {
    return this.#create(label, async session => {
      const { library } = this.#token
      await library.C_GenerateKeyAsync(
        session,
        { mechanism: mechanism.AES_KEY_GEN },
        masterKeyTemplate(label),
      )
    })
  }

  createMacKey(label: string): Promise<void> {
    return this.#create(label, async session => {
      const how = { mechanism: mechanism.GENERIC_SECRET_KEY_GEN }
      await this.#token.library.C_GenerateKeyAsync(session, how, macKeyTemplate(label))
    })
  }

  createSigningKey(label: string, type: KeyType): Promise<Uint8Array> {
    return this.#create(label, async session => {
      const { publicKey } = await this.#generatePair(session, type, label)
      return this.#spki(session, publicKey, type)
    })
  }

  publicKey(label: string): Promise<Uint8Array | undefined> {
    return this.#token.sessions.use(async session => {
      const privateKey = this.#find(session, label, 'signing')
      if (privateKey === undefined) return undefined
      const type = this.#typeOf(session, privateKey)
      return this.#spki(session, this.#publicHalf(session, label), type)
    })
  }

  mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#token.sessions.use(async session => {
      const key = this.#need(session, label, 'mac')
      return this.#signData(session, mechanism.SHA256_HMAC, key, data)
    })
  }

  sign(label: string, request: DigestToSign): Promise<Uint8Array> {
    return this.#token.sessions.use(async session => {
      const key = this.#need(session, label, 'signing')
      const type = this.#typeOf(session, key)
      checkDigest(type, request)
      return this.#signDigest(session, key, type, request)
    })
  }

  generateWrapped(masterKey: string, type: KeyType): Promise<WrappedKeyPair> {
    return this.#token.sessions.use(async session => {
      const master = this.#need(session, masterKey, 'master')
      const { publicKey, privateKey } = await this.#generatePair(session, type)
      try {
        const attributes = this.#provenance(session, privateKey)
        const wrapped = await this.#wrap(session, master, privateKey)
        return { type, wrapped, spki: this.#spki(session, publicKey, type), attributes }
      } finally {
        this.#token.library.C_DestroyObject(session, privateKey)
        this.#token.library.C_DestroyObject(session, publicKey)
      }
    })
  }

  signWrapped(masterKey: string, key: WrappedKey, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    return this.#token.sessions.use(async session => {
      const handle = await this.#unwrap(session, this.#need(session, masterKey, 'master'), key)
      try {
        this.#checkUnwrapped(session, handle, key.type)
        const signatures: Uint8Array[] = []
        for (const request of requests) {
          signatures.push(await this.#signDigest(session, handle, key.type, request))
        }
        return signatures
      } finally {
        this.#token.library.C_DestroyObject(session, handle)
      }
    })
  }

  random(length: number): Promise<Uint8Array> {
    return this.#token.sessions.use(async session =>
      this.#token.library.C_GenerateRandom(session, Buffer.alloc(length)),
    )
  }

  /** A token does not refuse a second object of the same label; the caller lets one creation happen at a time. */
  #create<Result>(label: string, make: (session: Handle) => Promise<Result>): Promise<Result> {
    return this.#token.sessions.use(async session => {
      const taken = this.#search(session, [
        { type: attribute.TOKEN, value: true },
        { type: attribute.LABEL, value: label },
      ])
      if (taken.length > 0) throw new ModuleRefusal('key-exists', `there is already a key named ${label}`)
      return make(session)
    })
  }

  #need(session: Handle, label: string, role: KeyRole): Handle {
    const key = this.#find(session, label, role)
    if (key === undefined) throw new ModuleRefusal('key-unknown', `there is no ${role} key named ${label}`)
    return key
  }

  #find(session: Handle, label: string, role: KeyRole): Handle | undefined {
    const name = `${role} ${label}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const [key, ...others] = this.#search(session, searchTemplate(label, ROLES[role]))
    if (key === undefined) return undefined
    if (others.length > 0) throw new Error(`the token holds several ${role} keys named ${label}`)
    this.#checkShape(session, key, [...ROLES[role].shape, ...namedKeyProvenance], `${role} key ${label}`)
    this.#known.set(name, key)
    return key
  }

  #publicHalf(session: Handle, label: string): Handle {
    const role = { class: objectClass.PUBLIC_KEY }
    const [key, ...others] = this.#search(session, searchTemplate(label, role))
    if (key === undefined || others.length > 0) {
      throw new Error(`the token holds ${others.length + (key ? 1 : 0)} public keys named ${label}, not one`)
    }
    return key
  }

  #search(session: Handle, template: Template): Handle[] {
    const { library } = this.#token
    library.C_FindObjectsInit(session, template)
    try {
      return library.C_FindObjects(session, MOST_OBJECTS)
    } finally {
      library.C_FindObjectsFinal(session)
    }
  }

  #generatePair(session: Handle, type: KeyType, label?: string) {
    const { publicKey, privateKey } = keyPairTemplates(type, label)
    const isRsa = keyTypes[type].curve === undefined
    const how = { mechanism: isRsa ? mechanism.RSA_PKCS_KEY_PAIR_GEN : mechanism.EC_KEY_PAIR_GEN }
    return this.#token.library.C_GenerateKeyPairAsync(session, how, publicKey, privateKey)
  }

  #provenance(session: Handle, privateKey: Handle): WrappedKeyPair['attributes'] {
    const required: Shape = [
      ['LOCAL', true],
      ['ALWAYS_SENSITIVE', true],
    ]
    this.#checkShape(session, privateKey, [...generatedKeyShape, ...required], 'generated key')
    return { local: true, sensitive: true, alwaysSensitive: true }
  }

  async #wrap(session: Handle, master: Handle, key: Handle): Promise<Uint8Array> {
    const how = { mechanism: this.#token.wrapMechanism }
    const room = Buffer.alloc(WRAPPED_KEY_ROOM)
    return this.#token.library.C_WrapKeyAsync(session, how, master, key, room)
  }

  async #unwrap(session: Handle, master: Handle, { type, wrapped }: WrappedKey): Promise<Handle> {
    const how = { mechanism: this.#token.wrapMechanism }
    try {
      return await this.#token.library.C_UnwrapKeyAsync(
        session,
        how,
        master,
        Buffer.from(wrapped),
        unwrapTemplate(type),
      )
    } catch (error) {
      throw translateUnwrap(error)
    }
  }

  /** The blob says what is in it, not the template: a P-256 key unwraps where a P-384 key is asked for. */
  #checkUnwrapped(session: Handle, key: Handle, type: KeyType): void {
    if (this.#typeOf(session, key) !== type) {
      throw new ModuleRefusal('wrapped-key-invalid', `the wrapped key is not of type ${type}`)
    }
    this.#checkShape(session, key, unwrappedKeyShape, 'unwrapped key')
  }

  #checkShape(session: Handle, key: Handle, shape: Shape, what: string): void {
    const values = this.#read(
      session,
      key,
      shape.map(([name]) => name),
    )
    const wrong = shape.filter(([, expected], at) => (values[at]?.[0] === 1) !== expected)
    if (wrong.length > 0) {
      const names = wrong.map(([name, expected]) => `${name} is not ${expected}`)
      throw new Error(`the token's ${what} is not what it must be: ${names.join(', ')}`)
    }
  }

  #typeOf(session: Handle, key: Handle): KeyType {
    const [kind] = this.#read(session, key, ['KEY_TYPE'])
    const isEc = kind?.[0] === keyKind.EC
    const [value] = this.#read(session, key, [isEc ? 'EC_PARAMS' : 'MODULUS'])
    const type = isEc ? ecTypeOf(value) : rsaTypeOf(value)
    if (type === undefined)
      throw new ModuleRefusal('wrapped-key-invalid', 'the key is of no type we sign with')
    return type
  }

  #spki(session: Handle, publicKey: Handle, type: KeyType): Uint8Array {
    const { curve } = keyTypes[type]
    if (curve !== undefined) {
      const [point = NOTHING] = this.#read(session, publicKey, ['EC_POINT'])
      return ecPublicKey(curve, point)
    }
    const [modulus = NOTHING, exponent = NOTHING] = this.#read(session, publicKey, [
      'MODULUS',
      'PUBLIC_EXPONENT',
    ])
    return rsaPublicKey(modulus, exponent)
  }

  #read(session: Handle, key: Handle, names: readonly AttributeName[]): Uint8Array[] {
    const template = names.map(name => ({ type: attribute[name] }))
    return this.#token.library.C_GetAttributeValue(session, key, template).map(({ value }) => value)
  }

  async #signDigest(
    session: Handle,
    key: Handle,
    type: KeyType,
    { algorithm, digest }: DigestToSign,
  ): Promise<Uint8Array> {
    if (keyTypes[type].curve !== undefined) {
      return ecdsaSigValue(await this.#signData(session, mechanism.ECDSA, key, digest))
    }
    return this.#signData(session, mechanism.RSA_PKCS, key, digestInfo(algorithm, digest))
  }

  async #signData(session: Handle, how: number, key: Handle, data: Uint8Array): Promise<Uint8Array> {
    const { library } = this.#token
    library.C_SignInit(session, { mechanism: how }, key)
    const room = Buffer.alloc(SIGNATURE_ROOM)
    // An empty buffer reaches the library as a null pointer, which C_Sign refuses; the end of no parts is the same.
    return data.length === 0
      ? library.C_SignFinalAsync(session, room)
      : library.C_SignAsync(session, Buffer.from(data), room)
  }
}

const NOTHING = new Uint8Array()
// More than two would say no more than "several".
const MOST_OBJECTS = 4
// RSA-4096 needs 512 octets for a signature and about 2,400 for a wrapped key.
const SIGNATURE_ROOM = 1024
const WRAPPED_KEY_ROOM = 8192

const searchTemplate = (label: string, role: Pick<Role, 'class' | 'keyKind'>): Template => [
  { type: attribute.TOKEN, value: true },
  { type: attribute.CLASS, value: role.class },
  ...(role.keyKind === undefined ? [] : [{ type: attribute.KEY_TYPE, value: role.keyKind }]),
  { type: attribute.LABEL, value: label },
]

// Object.keys forgets the type of the keys it lists; the table is a Record over exactly this union.
const ALL_KEY_TYPES = Object.keys(keyTypes) as KeyType[]

const ecTypeOf = (parameters: Uint8Array | undefined): KeyType | undefined =>
  ALL_KEY_TYPES.find(type => {
    const { curve } = keyTypes[type]
    return curve !== undefined && parameters !== undefined && equal(ecParameters[curve], parameters)
  })

const rsaTypeOf = (modulus: Uint8Array | undefined): KeyType | undefined =>
  ALL_KEY_TYPES.find(
    type => keyKindOf(type) === keyKind.RSA && keyTypes[type].bits === (modulus?.length ?? 0) * 8,
  )
