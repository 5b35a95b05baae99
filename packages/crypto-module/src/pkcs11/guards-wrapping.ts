/**
 * Whether a token itself keeps signers' keys under the master key: whoever logs in besides us could otherwise make a
 * wrapping key of his own, and have a key out in the moment between its generation and its wrapping (threats T-KEY-11).
 */
import type { Handle } from 'pkcs11js'
import { mechanism } from './cryptoki.ts'
import { isWrappingRefusal } from './return-codes.ts'
import type { SessionOperations } from './session-operations.ts'
import { passingMasterTemplate, wrappablePairTemplates } from './templates.ts'

/** The master key is trusted, and a key that only such keys may wrap is wrapped by it and not by another. */
export async function guardsWrapping(on: SessionOperations, master: Handle): Promise<boolean> {
  if (on.letsOut(master) === 'anyhow') return false
  return onGuardedKey(
    on,
    async key => (await isWrapped(on, master, key)) && !(await isWrappedByOther(on, key)),
  )
}

/** A key that only trusted keys may wrap is refused to another: then it is worth to have the master key trusted. */
export function refusesUntrusted(on: SessionOperations): Promise<boolean> {
  return onGuardedKey(on, async key => !(await isWrappedByOther(on, key)))
}

async function onGuardedKey(
  on: SessionOperations,
  judge: (key: Handle) => Promise<boolean>,
): Promise<boolean> {
  const pair = await on.generatePair(TYPE, wrappablePairTemplates(TYPE, 'under-trusted'))
  try {
    return await judge(pair.privateKey)
  } finally {
    on.discard(pair.privateKey, pair.publicKey)
  }
}

async function isWrappedByOther(on: SessionOperations, key: Handle): Promise<boolean> {
  const other = await on.generateSecret(mechanism.AES_KEY_GEN, passingMasterTemplate)
  try {
    return await isWrapped(on, other, key)
  } finally {
    on.discard(other)
  }
}

async function isWrapped(on: SessionOperations, master: Handle, key: Handle): Promise<boolean> {
  try {
    await on.wrap(master, key)
    return true
  } catch (error) {
    if (isWrappingRefusal(error)) return false
    throw error
  }
}

const TYPE = 'ec-p256'
