/** A key with which software approves: it sealed the enrolment statement, so whoever enrols it has it. */
import { verifySync } from '@natsuin/pki/node'
import { type SealKey, sealInput, sealSignature } from '@natsuin/protocol/approval'
import { refuse } from '../../refuse.ts'
import { isP256 } from '../p256.ts'

/** The key, DER SubjectPublicKeyInfo. @throws Refusal `malformed`, `seal-invalid` */
export function checkNewSealKey(statement: Uint8Array, { publicKey, seal }: SealKey): Uint8Array {
  if (!isP256(publicKey)) throw refuse('seal-invalid')
  checkSeal(publicKey, statement, sealSignature(seal))
  return publicKey
}

/** @param signature DER ECDSA-Sig-Value @throws Refusal `seal-invalid` */
export function checkSeal(spki: Uint8Array, statement: Uint8Array, signature: Uint8Array): void {
  const data = sealInput(statement)
  if (!verifySync({ algorithm: 'ecdsa-sha256', spki, data, signature })) throw refuse('seal-invalid')
}
