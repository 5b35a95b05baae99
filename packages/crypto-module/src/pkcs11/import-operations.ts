/**
 * Keys from elsewhere, on one session of a token: unwrapped by the import key, tried, wrapped under the master key.
 *
 * In two steps, because few tokens have CKM_RSA_AES_KEY_WRAP: the transport key comes out of OAEP as an object that can
 * only unwrap, the private key out of it as one that can sign and, for this moment, be wrapped. Everything on the way
 * is a session object and destroyed.
 */
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import type { Handle } from 'pkcs11js'
import { checkIsPrivateHalf, IMPORTED, OAEP_BYTES } from '../imported-key.ts'
import {
  type KeyToImport,
  ModuleRefusal,
  type OaepDigest,
  type WrappedKey,
  type WrappedKeyPair,
} from '../module.ts'
import { returnCode } from './return-codes.ts'
import type { SessionOperations } from './session-operations.ts'

export interface ImportingKey {
  readonly handle: Handle
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

/** @throws ModuleRefusal `wrapped-key-invalid`, `key-type-unsupported`, `module-unavailable` */
export async function importOn(
  on: SessionOperations,
  importKey: ImportingKey & { readonly oaepDigest: OaepDigest },
  master: Handle,
  { type, wrapped, spki }: KeyToImport,
): Promise<WrappedKeyPair> {
  const transport = await on.unwrapTransport(
    importKey.handle,
    wrapped.subarray(0, OAEP_BYTES),
    importKey.oaepDigest,
  )
  try {
    const key = await on.unwrapForWrapping(transport, { type, wrapped: wrapped.subarray(OAEP_BYTES) })
    try {
      await checkIsPrivateHalf({ type, spki }, request =>
        signatureOrInvalid(on.signDigest(key, type, request)),
      )
      return { type, wrapped: await on.wrap(master, key, type), spki, attributes: IMPORTED }
    } finally {
      on.destroy(key)
    }
  } finally {
    on.destroy(transport)
  }
}

/** The same key under another master key. @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
export async function rewrapOn(
  on: SessionOperations,
  from: Handle,
  to: Handle,
  key: WrappedKey,
): Promise<WrappedKey> {
  const handle = await on.unwrapForWrapping(from, key)
  try {
    return { type: key.type, wrapped: await on.wrap(to, handle, key.type) }
  } finally {
    on.destroy(handle)
  }
}

/** The digest in OAEP that the token takes: SHA-256, or SHA-1 where it has no other (SoftHSM2). Found by trying. */
export async function probeOaep(on: SessionOperations, importKey: ImportingKey): Promise<OaepDigest> {
  const key = createPublicKey({ key: Buffer.from(importKey.spki), format: 'der', type: 'spki' })
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  for (const oaepDigest of ['sha256', 'sha1'] as const) {
    const wrapped = publicEncrypt({ key, padding, oaepHash: oaepDigest }, new Uint8Array(32))
    if (await canUnwrap(on, importKey.handle, wrapped, oaepDigest)) return oaepDigest
  }
  throw new ModuleRefusal('key-type-unsupported', 'the token unwraps nothing by RSAES-OAEP')
}

async function canUnwrap(
  on: SessionOperations,
  key: Handle,
  wrapped: Uint8Array,
  oaepDigest: OaepDigest,
): Promise<boolean> {
  try {
    on.destroy(await on.unwrapTransport(key, wrapped, oaepDigest))
    return true
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (returnCode(error) === undefined && returnCode(cause) === undefined) throw error
    return false
  }
}

/** A key whose numbers are wrong may sign nothing at all. */
async function signatureOrInvalid(signing: Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await signing
  } catch (error) {
    if (error instanceof ModuleRefusal || returnCode(error) === undefined) throw error
    throw new ModuleRefusal('wrapped-key-invalid', 'the key signs nothing', { cause: error })
  }
}
