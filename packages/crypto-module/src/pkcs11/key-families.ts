/**
 * The families of key pairs as a token knows them: their numbers, what their types are called in templates, and how
 * SubjectPublicKeyInfo is made of what the token says.
 *
 * Edwards keys came with PKCS #11 V3.0 (Current Mechanisms V3.0, 2.3.5 and 2.3.10), and tokens differ in the spelling
 * of curve and point: we write the OID of RFC 8410, 3 and read both spellings of either.
 */
import { type KeyFamily, type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { OID, octetString, oid, printableString } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import type { Template } from 'pkcs11js'
import { curveIdentifiers } from '../ec-identifiers.ts'
import { type AttributeName, attribute, keyKind, mechanism } from './cryptoki.ts'
import { ecPublicKey, ed25519PublicKey, pointOf, rsaNumbersOf, rsaPublicKey } from './public-key.ts'

export interface TokenKeyFamily {
  readonly keyKind: number
  /** Mechanism that generates pairs. */
  readonly generation: number
  /** The attribute that tells the types of the family apart. */
  readonly parameter: AttributeName
  isOfType(type: KeyType, parameter: Uint8Array): boolean
  /** What a template says so that the pair is of the type. */
  parameters(type: KeyType): Template
  readonly publicParts: readonly AttributeName[]
  /** DER SubjectPublicKeyInfo. @throws Error when the parts are not those of such a key */
  publicKey(type: KeyType, parts: readonly Uint8Array[]): Uint8Array
  /** The reverse: what a template says so that an object is this public key. */
  publicObject(type: KeyType, spki: Uint8Array): Template
}

const ec: TokenKeyFamily = {
  keyKind: keyKind.EC,
  generation: mechanism.EC_KEY_PAIR_GEN,
  parameter: 'EC_PARAMS',
  isOfType: (type, parameter) => equal(curveIdentifiers[curveOf(type)], parameter),
  parameters: type => [{ type: attribute.EC_PARAMS, value: Buffer.from(curveIdentifiers[curveOf(type)]) }],
  publicParts: ['EC_POINT'],
  publicKey: (type, [point = NOTHING]) => ecPublicKey(curveOf(type), point),
  publicObject: (type, spki) => [
    ...ec.parameters(type),
    { type: attribute.EC_POINT, value: Buffer.from(octetString(pointOf(spki))) },
  ],
}

const rsa: TokenKeyFamily = {
  keyKind: keyKind.RSA,
  generation: mechanism.RSA_PKCS_KEY_PAIR_GEN,
  parameter: 'MODULUS',
  isOfType: (type, modulus) => modulus.length * 8 === keyTypes[type].bits,
  parameters: type => [
    { type: attribute.MODULUS_BITS, value: keyTypes[type].bits },
    { type: attribute.PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
  ],
  publicParts: ['MODULUS', 'PUBLIC_EXPONENT'],
  publicKey: (_, [modulus = NOTHING, exponent = NOTHING]) => rsaPublicKey(modulus, exponent),
  publicObject: (_, spki) => {
    const { modulus, exponent } = rsaNumbersOf(spki)
    return [
      { type: attribute.MODULUS, value: modulus },
      { type: attribute.PUBLIC_EXPONENT, value: exponent },
    ]
  },
}

const ED25519_SPELLINGS = [oid(OID.ed25519), printableString('edwards25519')] as const

const ed25519: TokenKeyFamily = {
  keyKind: keyKind.EC_EDWARDS,
  generation: mechanism.EC_EDWARDS_KEY_PAIR_GEN,
  parameter: 'EC_PARAMS',
  isOfType: (_, parameter) => ED25519_SPELLINGS.some(spelling => equal(spelling, parameter)),
  parameters: () => [{ type: attribute.EC_PARAMS, value: Buffer.from(ED25519_SPELLINGS[0]) }],
  publicParts: ['EC_POINT'],
  publicKey: (_, [point = NOTHING]) => ed25519PublicKey(point),
  publicObject: (type, spki) => [
    ...ed25519.parameters(type),
    { type: attribute.EC_POINT, value: Buffer.from(octetString(pointOf(spki))) },
  ],
}

export const keyFamilies: Readonly<Record<KeyFamily, TokenKeyFamily>> = { ec, rsa, ed25519 }

export const familyOf = (type: KeyType): TokenKeyFamily => keyFamilies[keyTypes[type].family]

const NOTHING = new Uint8Array()

function curveOf(type: KeyType) {
  const { curve } = keyTypes[type]
  if (curve === undefined) throw new Error(`${type} is no type of key on a NIST curve`)
  return curve
}
