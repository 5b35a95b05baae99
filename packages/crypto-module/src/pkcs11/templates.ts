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
import { type AttributeName, attribute, keyKind, objectClass } from './cryptoki.ts'
import { familyOf } from './key-families.ts'

/** Boolean attributes with the value each must have. */
export type Shape = readonly (readonly [AttributeName, boolean])[]

const only = (all: readonly AttributeName[], allowed: readonly AttributeName[]): Shape =>
  all.map(name => [name, allowed.includes(name)] as const)

const SECRET_KEY_POWERS = ['ENCRYPT', 'DECRYPT', 'SIGN', 'VERIFY', 'WRAP', 'UNWRAP', 'DERIVE'] as const
const PRIVATE_KEY_POWERS = ['DECRYPT', 'SIGN', 'SIGN_RECOVER', 'UNWRAP', 'DERIVE'] as const

const guarded = (place: { token: boolean; extractable: boolean }): Shape => [
  ['TOKEN', place.token],
  ['PRIVATE', true],
  ['SENSITIVE', true],
  ['EXTRACTABLE', place.extractable],
]
const named = guarded({ token: true, extractable: false })
const passing = guarded({ token: false, extractable: false })
const wrappable = guarded({ token: false, extractable: true })

/** Wraps and unwraps, cannot be wrapped itself, and cannot decrypt what it wrapped. */
export const masterKeyShape: Shape = [...named, ...only(SECRET_KEY_POWERS, ['WRAP', 'UNWRAP'])]
export const macKeyShape: Shape = [...named, ...only(SECRET_KEY_POWERS, ['SIGN'])]
export const signingKeyShape: Shape = [...named, ...only(PRIVATE_KEY_POWERS, ['SIGN'])]
/** Unwraps keys from elsewhere, and can do nothing else. */
export const importKeyShape: Shape = [...named, ...only(PRIVATE_KEY_POWERS, ['UNWRAP'])]
/** The AES key that such a key came under, for as long as it takes. */
const transportKeyShape: Shape = [...passing, ...only(SECRET_KEY_POWERS, ['UNWRAP'])]
/** A signer's key between its generation and its wrapping: the only moment in which it is extractable. */
export const generatedKeyShape: Shape = [...wrappable, ...only(PRIVATE_KEY_POWERS, ['SIGN'])]
/** A signer's key during one activation. */
export const unwrappedKeyShape: Shape = [...passing, ...only(PRIVATE_KEY_POWERS, ['SIGN'])]

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

/** A named key stays what it was made: whoever logs in cannot give it more power, or another name. */
const namedAs = (label: string): Template => [
  { type: attribute.LABEL, value: label },
  { type: attribute.MODIFIABLE, value: false },
]

/** A shape as the attributes of a template. */
export const attributesOf = (shape: Shape): Template =>
  shape.map(([name, value]) => ({ type: attribute[name], value }))

const aes256: Template = [
  { type: attribute.CLASS, value: objectClass.SECRET_KEY },
  { type: attribute.KEY_TYPE, value: keyKind.AES },
  { type: attribute.VALUE_LEN, value: 32 },
]

/** Template of an AES-256 master key. */
export const masterKeyTemplate = (label: string): Template => [
  ...aes256,
  ...namedAs(label),
  ...attributesOf(masterKeyShape),
]

/** Template of a key with a master key's powers that goes with its session. */
export const passingMasterTemplate: Template = [
  ...aes256,
  ...attributesOf([...passing, ...only(SECRET_KEY_POWERS, ['WRAP', 'UNWRAP'])]),
]

/** Template of a 256-bit HMAC key. */
export const macKeyTemplate = (label: string): Template => [
  { type: attribute.CLASS, value: objectClass.SECRET_KEY },
  { type: attribute.KEY_TYPE, value: keyKind.GENERIC_SECRET },
  { type: attribute.VALUE_LEN, value: 32 },
  ...namedAs(label),
  ...attributesOf(macKeyShape),
]

export interface KeyPairTemplates {
  readonly publicKey: Template
  readonly privateKey: Template
}

/** Of a key pair that is kept on the token. */
export const namedPairTemplates = (type: KeyType, label: string): KeyPairTemplates => ({
  publicKey: [...namedAs(label), ...publicKeyTemplate(type, true)],
  privateKey: [...namedAs(label), ...attributesOf(signingKeyShape)],
})

/** Of a key pair that is there until it is wrapped. */
export const passingPairTemplates = (type: KeyType): KeyPairTemplates => ({
  publicKey: publicKeyTemplate(type, false),
  privateKey: attributesOf(generatedKeyShape),
})

const publicKeyTemplate = (type: KeyType, onToken: boolean): Template => [
  { type: attribute.TOKEN, value: onToken },
  { type: attribute.VERIFY, value: true },
  { type: attribute.ENCRYPT, value: false },
  { type: attribute.WRAP, value: false },
  ...familyOf(type).parameters(type),
]

/** Of the pair that keys from elsewhere are encrypted for; that is done outside, so its public half does nothing. */
export const importPairTemplates = (type: KeyType, label: string): KeyPairTemplates => ({
  publicKey: [
    ...namedAs(label),
    ...publicKeyTemplate(type, true).filter(({ type: name }) => name !== attribute.VERIFY),
    { type: attribute.VERIFY, value: false },
  ],
  privateKey: [...namedAs(label), ...attributesOf(importKeyShape)],
})

/** Template of an AES key that comes out of OAEP. */
export const transportKeyTemplate: Template = [
  { type: attribute.CLASS, value: objectClass.SECRET_KEY },
  { type: attribute.KEY_TYPE, value: keyKind.AES },
  ...attributesOf(transportKeyShape),
]

/** Template under which a wrapped private key comes back to sign. */
export const unwrapTemplate = (type: KeyType): Template => unwrapAs(type, unwrappedKeyShape)

/** The same where it is to be wrapped again: under another master key, or for the first time. */
export const unwrapToWrapTemplate = (type: KeyType): Template => unwrapAs(type, generatedKeyShape)

const unwrapAs = (type: KeyType, shape: Shape): Template => [
  { type: attribute.CLASS, value: objectClass.PRIVATE_KEY },
  { type: attribute.KEY_TYPE, value: familyOf(type).keyKind },
  ...attributesOf(shape),
]
