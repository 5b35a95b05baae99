/** Signers' keys that come from outside, and their way from one master key to another. */
import type { Handle } from 'pkcs11js'
import type { KeyToImport, WrappedKey, WrappedKeyPair } from '../module.ts'
import { publicKeyDiffers } from '../witness.ts'
import { type ReceivingKey, receiveOnToken } from './key-transport.ts'
import type { SessionOperations } from './session-operations.ts'
import { arrivingTemplate, wrappableKeyShape } from './templates.ts'

/** @throws ModuleRefusal `wrapped-key-invalid`, `key-type-unsupported` */
export async function importWrapped(
  on: SessionOperations,
  { importKey, master }: { readonly importKey: ReceivingKey; readonly master: Handle },
  { type, spki, wrapped: sent }: KeyToImport,
): Promise<WrappedKeyPair> {
  const key = await receiveOnToken(on, importKey, sent, arrivingTemplate(type, on.letsOut(master)))
  try {
    on.checkType(key, type, wrappableKeyShape)
    if (!(await on.provesItself(key, type, spki))) throw publicKeyDiffers()
    const attributes = on.attributes(key)
    return { type, spki, attributes, wrapped: await on.wrap(master, key, type) }
  } finally {
    on.discard(key)
  }
}

/** @throws ModuleRefusal `wrapped-key-invalid` */
export async function rewrap(
  on: SessionOperations,
  { from, to }: { readonly from: Handle; readonly to: Handle },
  { type, wrapped: old }: WrappedKey,
): Promise<WrappedKey> {
  const key = await on.unwrap(from, old, arrivingTemplate(type, on.letsOut(to)))
  try {
    on.checkType(key, type, wrappableKeyShape)
    const wrapped = await on.wrap(to, key, type)
    on.discard(await on.unwrapSigner(to, { type, wrapped }))
    return { type, wrapped }
  } finally {
    on.discard(key)
  }
}
