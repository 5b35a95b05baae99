/** What a token says of its key objects, read through one session. */
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import type { Handle, PKCS11, Template } from 'pkcs11js'
import type { KeyAttributes } from '../module.ts'
import { type AttributeName, attribute, returnValue } from './cryptoki.ts'
import { familyOf, keyFamilies } from './key-families.ts'
import { returnCode } from './return-codes.ts'
import type { Shape } from './templates.ts'

/** Everything that matches the template, or the first few of it: more than one is already too many for us. */
export function search(library: PKCS11, session: Handle, template: Template): Handle[] {
  library.C_FindObjectsInit(session, template)
  try {
    return library.C_FindObjects(session, 4)
  } finally {
    library.C_FindObjectsFinal(session)
  }
}

/** @throws Error naming every attribute that is not as the shape says */
export function checkShape(library: PKCS11, session: Handle, key: Handle, shape: Shape, what: string): void {
  const names = shape.map(([name]) => name)
  compareShape(shape, read(library, session, key, names), what)
}

/** Whether every attribute is as the shape says. */
export function hasShape(library: PKCS11, session: Handle, key: Handle, shape: Shape): boolean {
  const names = shape.map(([name]) => name)
  return differences(shape, read(library, session, key, names)).length === 0
}

/**
 * Checks type and shape in one call of the library.
 * @returns false when the key is of another type; the caller knows that it is of this family
 * @throws Error naming every attribute that is not as the shape says
 */
export function checkKey(
  library: PKCS11,
  session: Handle,
  key: Handle,
  expected: { readonly type: KeyType; readonly shape: Shape; readonly what: string },
): boolean {
  const { type, shape, what } = expected
  const names = shape.map(([name]) => name)
  const { parameter: name, isOfType } = familyOf(type)
  const [parameter, ...values] = read(library, session, key, [name, ...names])
  if (parameter === undefined || !isOfType(type, parameter)) return false
  compareShape(shape, values, what)
  return true
}

/** The type of a signing key; `undefined` when it is none of ours. */
export function typeOf(library: PKCS11, session: Handle, key: Handle): KeyType | undefined {
  const [kind] = read(library, session, key, ['KEY_TYPE'])
  const family = Object.values(keyFamilies).find(({ keyKind }) => keyKind === kind?.[0])
  if (family === undefined) return undefined
  const [parameter = NOTHING] = read(library, session, key, [family.parameter])
  return ALL_KEY_TYPES.find(type => familyOf(type) === family && family.isOfType(type, parameter))
}

/** DER SubjectPublicKeyInfo of a public key object. */
export function publicKeyInfo(
  library: PKCS11,
  session: Handle,
  publicKey: Handle,
  type: KeyType,
): Uint8Array {
  const family = familyOf(type)
  return family.publicKey(type, read(library, session, publicKey, family.publicParts))
}

/** What the token says of a private key's past. */
export function attributesRead(library: PKCS11, session: Handle, key: Handle): KeyAttributes {
  const names = ['LOCAL', 'SENSITIVE', 'ALWAYS_SENSITIVE', 'NEVER_EXTRACTABLE'] as const
  const values = read(library, session, key, names).map(value => value[0] === 1)
  const [local = false, sensitive = false, alwaysSensitive = false, neverExtractable = false] = values
  return { local, sensitive, alwaysSensitive, neverExtractable }
}

/** Whether the token's officer marked a wrapping key. A token that does not know the attribute has no such keys. */
export function isTrusted(library: PKCS11, session: Handle, key: Handle): boolean {
  try {
    return read(library, session, key, ['TRUSTED'])[0]?.[0] === 1
  } catch (error) {
    if (returnCode(error) === returnValue.ATTRIBUTE_TYPE_INVALID) return false
    throw error
  }
}

/** Values of the attributes, in order. */
export function read(
  library: PKCS11,
  session: Handle,
  key: Handle,
  names: readonly AttributeName[],
): Uint8Array[] {
  const template = names.map(name => ({ type: attribute[name] }))
  return library.C_GetAttributeValue(session, key, template).map(({ value }) => value)
}

function compareShape(shape: Shape, values: readonly Uint8Array[], what: string): void {
  const wrong = differences(shape, values)
  if (wrong.length === 0) return
  const facts = wrong.map(([name, expected]) => `${name} is not ${expected}`)
  throw new Error(`the token's ${what} is not what it must be: ${facts.join(', ')}`)
}

const differences = (shape: Shape, values: readonly Uint8Array[]): Shape =>
  shape.filter(([, expected], at) => (values[at]?.[0] === 1) !== expected)

const NOTHING = new Uint8Array()
// Object.keys forgets the type of the keys it lists; the table is a Record over exactly this union.
const ALL_KEY_TYPES = Object.keys(keyTypes) as KeyType[]
