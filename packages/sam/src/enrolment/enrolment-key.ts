/**
 * The one-time enrolment key: its private half reached the person outside `server` (sole-control 6).
 */
import { verifySync } from '@natsuin/pki/node'
import { refuse } from '../refuse.ts'
import { isP256 } from './p256.ts'

/** Refuses all but a P-256 key in its one spelling. @throws Refusal `enrolment-key-mismatch` */
export function checkEnrolmentKey(spki: Uint8Array): void {
  if (!isP256(spki)) throw refuse('enrolment-key-mismatch')
}

/** Whoever holds the private half signed this message. @throws Refusal `enrolment-key-mismatch` */
export function checkEnrolmentSignature(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  if (!verifySync({ algorithm: 'ecdsa-sha256', spki, data: message, signature })) {
    throw refuse('enrolment-key-mismatch')
  }
}
