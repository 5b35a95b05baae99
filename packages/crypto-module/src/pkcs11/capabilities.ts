/**
 * What a token can do, found by doing it: for each key type a pair is generated, wrapped, unwrapped, and signs with
 * each algorithm; each signature is verified outside.
 *
 * A list of mechanisms would not do: SoftHSM lists EdDSA and AES-KWP and wraps no Edwards key. Everything made here is
 * a session object and gone at the end, the wrapping key too.
 */
import { type KeyType, keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Handle } from 'pkcs11js'
import { type KeyTypeCapability, type ModuleCapabilities, ModuleRefusal } from '../module.ts'
import { verifyDigest } from '../verify-digest.ts'
import { mechanism } from './cryptoki.ts'
import { isSessionLoss, isTokenLoss, returnCode } from './return-codes.ts'
import type { SessionOperations } from './session-operations.ts'
import { passingMasterTemplate, wrappablePairTemplates } from './templates.ts'

/** @throws Error only for what is no answer about a key type: no AES key, a session that is gone */
export async function probeCapability(on: SessionOperations, type: KeyType): Promise<KeyTypeCapability> {
  const master = await on.generateSecret(mechanism.AES_KEY_GEN, passingMasterTemplate)
  try {
    return await probeKeyType(on, master, type)
  } finally {
    on.discard(master)
  }
}

/** The same of every type. */
export async function probeCapabilities(on: SessionOperations): Promise<ModuleCapabilities> {
  const found: [string, KeyTypeCapability][] = []
  for (const type of ALL_KEY_TYPES) found.push([type, await probeCapability(on, type)])
  return Object.fromEntries(found) as ModuleCapabilities // one entry per key type
}

const NOTHING: KeyTypeCapability = { signs: [], wraps: false }

async function probeKeyType(
  on: SessionOperations,
  master: Handle,
  type: KeyType,
): Promise<KeyTypeCapability> {
  const pair = await unlessRefused(on.generatePair(type, wrappablePairTemplates(type)))
  if (pair === undefined) return NOTHING
  try {
    const spki = on.publicKeyInfo(pair.publicKey, type)
    const signs: SignatureAlgorithm[] = []
    for (const algorithm of keyTypes[type].signs) {
      if (await canSign(on, pair.privateKey, { type, spki }, algorithm)) signs.push(algorithm)
    }
    return { signs, wraps: await canWrap(on, master, pair.privateKey, type) }
  } finally {
    on.discard(pair.privateKey, pair.publicKey)
  }
}

async function canSign(
  on: SessionOperations,
  key: Handle,
  publicKey: { readonly type: KeyType; readonly spki: Uint8Array },
  algorithm: SignatureAlgorithm,
): Promise<boolean> {
  const request = {
    algorithm,
    digest: digestSync(signatureAlgorithms[algorithm].digest, MESSAGE),
    message: MESSAGE,
  }
  const signature = await unlessRefused(on.signDigest(key, publicKey.type, request))
  return signature !== undefined && verifyDigest(publicKey, request, signature)
}

async function canWrap(on: SessionOperations, master: Handle, key: Handle, type: KeyType): Promise<boolean> {
  const wrapped = await unlessRefused(on.wrap(master, key, type))
  if (wrapped === undefined) return false
  const unwrapped = await unlessRefused(on.unwrapSigner(master, { type, wrapped }))
  if (unwrapped === undefined) return false
  on.discard(unwrapped)
  return true
}

/** `undefined` where the token said no with a code that is about what it was asked, and not about itself. */
async function unlessRefused<Result>(attempt: Promise<Result>): Promise<Result | undefined> {
  try {
    return await attempt
  } catch (error) {
    const said = error instanceof ModuleRefusal ? error.cause : error
    if (returnCode(said) === undefined || isSessionLoss(said) || isTokenLoss(said)) throw error
    return undefined
  }
}

const MESSAGE = utf8('natsuin: probe')
// Object.keys forgets the type of the keys it lists; the table is a Record over exactly this union.
export const ALL_KEY_TYPES = Object.keys(keyTypes) as KeyType[]

/** Of a token that can do nothing. */
export const NO_KEY_TYPES = Object.fromEntries(
  ALL_KEY_TYPES.map(type => [type, NOTHING]),
) as ModuleCapabilities // one entry per key type
