/** Signs a batch without keeping the event loop from others. */
import { setImmediate } from 'node:timers/promises'
import { type Curve, type KeyFamily, type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import type { DigestToSign } from '../module.ts'
import type { DigestSigner } from './private-key.ts'

/** Signatures in the order of the requests, all of them or an error. */
export async function signAll(
  type: KeyType,
  sign: DigestSigner,
  requests: readonly DigestToSign[],
): Promise<Uint8Array[]> {
  const perTurn = SIGNATURES_PER_TURN[keyTypes[type].curve ?? keyTypes[type].family]
  const signatures: Uint8Array[] = []
  for (const request of requests) {
    if (signatures.length > 0 && signatures.length % perTurn === 0) await setImmediate()
    signatures.push(await sign(request))
  }
  return signatures
}

/** Signing is synchronous. A long batch lets others have the event loop after two to three milliseconds. */
const SIGNATURES_PER_TURN: Readonly<Record<Curve | KeyFamily, number>> = {
  'P-256': 10,
  'P-384': 2,
  'P-521': 1,
  ec: 1,
  rsa: 2,
  ed25519: 50,
}
