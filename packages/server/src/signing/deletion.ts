/**
 * Deletion of a credential by its signer (CSC API v2.2.0.0, 11.5): no use of the key follows, and clients are not shown it
 * any more. What it signed stays signed, and its evidence stays to be had.
 *
 * The SAM first, which destroys the key for good; the certificate, if it is to be revoked; then what clients are shown.
 * Each step is idempotent, so a retry finishes what a crash left.
 */
import type { RevocationReason } from '@natsuin/protocol/issuance'
import { epochSeconds } from '../clock.ts'
import { type RevocationParts, revokeCredential } from './revocation.ts'

export interface AskedDeletion {
  readonly signerId: string
  readonly credentialId: string
  /** Why the certificate is revoked too; without, it stays until it ends. */
  readonly revocation: RevocationReason | undefined
}

/** @throws Refusal credential-unknown, or of SAM and authorities */
export async function deleteCredential(parts: RevocationParts, asked: AskedDeletion): Promise<void> {
  const { signerId, credentialId, revocation } = asked
  const signerIds = [signerId]
  await parts.credentials.belongingTo(signerIds, credentialId)
  if (revocation !== undefined) await revokeCredential(parts, { signerIds, credentialId, reason: revocation })
  await parts.sam.call('keys/destroy', { credentialId, reason: 'requested' })
  await parts.records.delete(credentialId, epochSeconds(parts.clock()))
}
