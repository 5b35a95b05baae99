/**
 * What each kind of key may do on the token, as data: written into the template when the key is made, read back
 * before it is used.
 *
 * Sole control, 11. Every permission an object class knows is named, the denied ones too: PKCS #11 Base V2.40 leaves
 * their defaults to the token. A key that a hand or another program put
 * on the token under our label with more power than this is refused.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Template } from 'pkcs11js'
import type { NamedKey } from '../module.ts'
import { type AttributeName, attribute, keyKind, objectClass } from './cryptoki.ts'
import { familyOf } from './key-families.ts'

/** Boolean attributes with the value each must have. */
export type Shape = readonly (readonly [AttributeName, boolean])[]

const only = (all: readonly AttributeName[], ...allowed: readonly AttributeName[]): Shape =>
  all.map(name => [name, allowed.includes(name)] as const)

const SECRET_KEY_POWERS = ['ENCRYPT', 'DECRYPT', 'SIGN', 'VERIFY', 'WRAP', 'UNWRAP', 'DERIVE'] as const
const PRIVATE_KEY_POWERS = ['DECRYPT', 'SIGN', 'SIGN_RECOVER', 'UNWRAP', 'DERIVE'] as const
const PUBLIC_KEY_POWERS = ['ENCRYPT', 'VERIFY', 'WRAP'] as const

const guarded = (place: { token: boolean; extractable: boolean }): Shape => [
  ['TOKEN', place.token],
  ['PRIVATE', true],
  ['SENSITIVE', true],
  ['EXTRACTABLE', place.extractable],
]
/** Kept on the token. */
const named = guarded({ token: true, extractable: false })
/** Goes with its session. */
const passing = guarded({ token: false, extractable: false })
/** The same, until it has been wrapped. */
const wrappable = guarded({ token: false, extractable: true })

const POWERS: Readonly<Record<NamedKey['kind'] | 'import', Shape>> = {
  master: only(SECRET_KEY_POWERS, 'WRAP', 'UNWRAP'),
  mac: only(SECRET_KEY_POWERS, 'SIGN'),
  signing: only(PRIVATE_KEY_POWERS, 'SIGN'),
  import: only(PRIVATE_KEY_POWERS, 'UNWRAP'),
}

/** Wraps and unwraps, cannot be wrapped itself, and cannot decrypt what it wrapped. */
export const masterKeyShape: Shape = [...named, ...POWERS.master]
export const macKeyShape: Shape = [...named, ...POWERS.mac]
export const signingKeyShape: Shape = [...named, ...POWERS.signing]
/** Unwraps what comes from outside, and cannot decrypt it. */
export const importKeyShape: Shape = [...named, ...POWERS.import]
/** A signer's key between its generation or arrival and its wrapping: the only moment in which it is extractable. */
export const wrappableKeyShape: Shape = [...wrappable, ...POWERS.signing]
/** A signer's key during one activation, and one that is there for one time. */
export const passingKeyShape: Shape = [...passing, ...POWERS.signing]

/** What only the token can say of a key: made here, never outside, never readable. Not part of any template. */
export const namedKeyProvenance: Shape = [
  ['LOCAL', true],
  ['ALWAYS_SENSITIVE', true],
  ['NEVER_EXTRACTABLE', true],
]

/** The same of a key that is wrapped out: it was extractable by design, under the master key. */
export const generatedKeyProvenance: Shape = [
  ['LOCAL', true],
  ['ALWAYS_SENSITIVE', true],
]

/** A shape as the attributes of a template. */
export const attributesOf = (shape: Shape): Template =>
  shape.map(([name, value]) => ({ type: attribute[name], value }))

/**
 * A named key stays what it was made: whoever logs in cannot give it more power, or another name. At the end of a
 * template, because SoftHSM reads in order and then refuses what follows.
 */
const asNamed = (label: string, template: Template): Template => [
  { type: attribute.LABEL, value: label },
  ...template,
  { type: attribute.MODIFIABLE, value: false },
]

const secretKey = (kind: number): Template => [
  { type: attribute.CLASS, value: objectClass.SECRET_KEY },
  { type: attribute.KEY_TYPE, value: kind },
]
/** Only a generation may say how long; where a key is unwrapped, the blob does. */
const ofLength32: Template = [{ type: attribute.VALUE_LEN, value: 32 }]

const SECRET_KINDS = { master: keyKind.AES, mac: keyKind.GENERIC_SECRET } as const

/** Template of an AES-256 master key. */
export const masterKeyTemplate = (label: string): Template =>
  asNamed(label, [...secretKey(keyKind.AES), ...ofLength32, ...attributesOf(masterKeyShape)])

/** Template of a 256-bit HMAC key. */
export const macKeyTemplate = (label: string): Template =>
  asNamed(label, [...secretKey(keyKind.GENERIC_SECRET), ...ofLength32, ...attributesOf(macKeyShape)])

/** A master or MAC key that leaves in copies before it is kept. */
export const wrappableSecretTemplate = (kind: 'master' | 'mac'): Template => [
  ...secretKey(SECRET_KINDS[kind]),
  ...ofLength32,
  ...attributesOf([...wrappable, ...POWERS[kind]]),
]

/** A master or MAC key that comes back from a copy, before it is kept. */
export const restoredSecretTemplate = (kind: 'master' | 'mac'): Template => [
  ...secretKey(SECRET_KINDS[kind]),
  ...attributesOf([...passing, ...POWERS[kind]]),
]

/** Template of a key with a master key's powers that goes with its session. */
export const passingMasterTemplate: Template = [
  ...secretKey(keyKind.AES),
  ...ofLength32,
  ...attributesOf([...passing, ...POWERS.master]),
]

/** The AES key that carries another one to a recipient: it wraps that one, and is wrapped itself. */
export const sendingKeyTemplate: Template = [
  ...secretKey(keyKind.AES),
  ...ofLength32,
  ...attributesOf([...wrappable, ...only(SECRET_KEY_POWERS, 'WRAP')]),
]

/** The same where it arrives: it unwraps, and nothing else. */
export const receivingKeyTemplate: Template = [
  ...secretKey(keyKind.AES),
  ...attributesOf([...passing, ...only(SECRET_KEY_POWERS, 'UNWRAP')]),
]

/** What a session object is changed to where it is copied to the token. */
export const keptAs = (label: string): Template => asNamed(label, [{ type: attribute.TOKEN, value: true }])

/** The same of an object that could be wrapped until then. */
export const keptForGoodAs = (label: string): Template =>
  asNamed(label, [
    { type: attribute.TOKEN, value: true },
    { type: attribute.EXTRACTABLE, value: false },
  ])

export interface KeyPairTemplates {
  readonly publicKey: Template
  readonly privateKey: Template
}

/** Of a key pair that is kept on the token. */
export const namedPairTemplates = (type: KeyType, label: string): KeyPairTemplates => ({
  publicKey: asNamed(label, publicKeyTemplate(type, { token: true, can: 'VERIFY' })),
  privateKey: asNamed(label, attributesOf(signingKeyShape)),
})

/** Of a key pair under which others come in. */
export const importPairTemplates = (type: KeyType, label: string): KeyPairTemplates => ({
  publicKey: asNamed(label, publicKeyTemplate(type, { token: true, can: 'WRAP' })),
  privateKey: asNamed(label, attributesOf(importKeyShape)),
})

/** Of a key pair that is there until it is wrapped. */
export const wrappablePairTemplates = (type: KeyType, letOut: LetOut = 'anyhow'): KeyPairTemplates => ({
  publicKey: publicKeyTemplate(type, { token: false, can: 'VERIFY' }),
  privateKey: [...attributesOf(wrappableKeyShape), ...LET_OUT[letOut]],
})

/** Of a pair under which others would come in, for as long as it is tried. */
export const passingImportTemplates = (type: KeyType): KeyPairTemplates => ({
  publicKey: publicKeyTemplate(type, { token: false, can: 'WRAP' }),
  privateKey: attributesOf([...passing, ...POWERS.import]),
})

/**
 * Whether the token itself lets a key out under a trusted key alone (sole-control 11). CKA_TRUSTED is set by the token's
 * security officer, never by us (PKCS #11 Base V2.40, 4.9 and 4.10).
 */
export type LetOut = 'anyhow' | 'under-trusted'

const LET_OUT: Readonly<Record<LetOut, Template>> = {
  anyhow: [],
  'under-trusted': [{ type: attribute.WRAP_WITH_TRUSTED, value: true }],
}

/** Of a key pair that is there for one time. */
export const passingPairTemplates = (type: KeyType): KeyPairTemplates => ({
  publicKey: publicKeyTemplate(type, { token: false, can: 'VERIFY' }),
  privateKey: attributesOf(passingKeyShape),
})

const publicKeyTemplate = (
  type: KeyType,
  { token, can }: { token: boolean; can: (typeof PUBLIC_KEY_POWERS)[number] },
): Template => [
  { type: attribute.TOKEN, value: token },
  ...attributesOf(only(PUBLIC_KEY_POWERS, can)),
  ...familyOf(type).parameters(type),
]

/** A public key that is known from outside. */
export const publicObjectTemplate = (
  type: KeyType,
  spki: Uint8Array,
  can: (typeof PUBLIC_KEY_POWERS)[number],
): Template => [
  { type: attribute.CLASS, value: objectClass.PUBLIC_KEY },
  { type: attribute.KEY_TYPE, value: familyOf(type).keyKind },
  { type: attribute.TOKEN, value: false },
  ...attributesOf(only(PUBLIC_KEY_POWERS, can)),
  ...familyOf(type).publicObject(type, spki),
]

const privateKey = (type: KeyType, shape: Shape): Template => [
  { type: attribute.CLASS, value: objectClass.PRIVATE_KEY },
  { type: attribute.KEY_TYPE, value: familyOf(type).keyKind },
  ...attributesOf(shape),
]

/** Template under which a wrapped private key comes back to sign. */
export const unwrapTemplate = (type: KeyType): Template => privateKey(type, passingKeyShape)

/** Template under which a private key arrives that will be wrapped. */
export const arrivingTemplate = (type: KeyType, letOut: LetOut): Template => [
  ...privateKey(type, wrappableKeyShape),
  ...LET_OUT[letOut],
]
