/**
 * Whether a credential is still there for its signer: never revoked, its key never destroyed. Asked before each use
 * and again before anything leaves (threats G4), of memory alone, so that nothing can come between.
 */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** For a new signature. @throws Refusal `credential-revoked`, `key-destroyed` */
export function checkStanding({ state }: Pick<Sam, 'state'>, credentialId: string): void {
  if (state.isRevoked(credentialId)) throw refuse('credential-revoked')
  if (state.destructionOf(credentialId) !== undefined) throw refuse('key-destroyed')
}

/**
 * For values that were made before. A key for one activation is destroyed because it has signed: that takes nothing
 * back.
 *
 * @throws Refusal `credential-revoked`, `key-destroyed`
 */
export function checkDeliverable({ state }: Pick<Sam, 'state'>, credentialId: string): void {
  if (state.destructionOf(credentialId) === 'one-time' && !state.isRevoked(credentialId)) return
  checkStanding({ state }, credentialId)
}
