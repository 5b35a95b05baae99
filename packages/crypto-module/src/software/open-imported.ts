/** Takes a key from elsewhere out of its two wrappings: RSAES-OAEP (RFC 8017, 7.1.2) around AES-KWP (RFC 5649). */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'
import { equal } from '@natsuin/pki/encoding'
import { OAEP_BYTES } from '../imported-key.ts'
import type { KeyToImport, OaepDigest } from '../module.ts'
import { unwrapKey } from './key-wrap.ts'

export const OAEP_DIGEST: OaepDigest = 'sha256'

/** PKCS #8 as node spells it; `undefined` when the key is altered, for somebody else, or of another public key. */
export function openImported(importKey: KeyObject, { wrapped, spki }: KeyToImport): Uint8Array | undefined {
  const transport = openTransport(importKey, wrapped.subarray(0, OAEP_BYTES))
  const pkcs8 = transport && unwrapKey(transport, wrapped.subarray(OAEP_BYTES))
  const key = pkcs8 && parse(pkcs8)
  pkcs8?.fill(0)
  if (key === undefined || !equal(publicHalf(key), spki)) return undefined
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
}

function openTransport(key: KeyObject, wrapped: Uint8Array): KeyObject | undefined {
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    const transport = privateDecrypt({ key, padding, oaepHash: OAEP_DIGEST }, wrapped)
    return transport.length === TRANSPORT_BYTES ? createSecretKey(transport) : undefined
  } catch {
    return undefined
  }
}

function parse(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

const publicHalf = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ format: 'der', type: 'spki' })

/** An AES-256 key. */
const TRANSPORT_BYTES = 32
