/**
 * Revocation by the signer (sole-control 10): the SAM first, so that no key use follows the answer; then the
 * certificate; then what clients are shown. Each step is idempotent, so a retry finishes what a crash left.
 */
import type { RevocationReason } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import type { Authorities } from '../signers/authorities.ts'
import type { CredentialRepository } from '../storage/credentials.ts'
import { type Credentials, certificatesOf } from './credentials.ts'
import type { Sam } from './sam.ts'

export interface RevocationParts {
  readonly sam: Sam
  readonly authorities: Authorities
  readonly credentials: Credentials
  readonly records: CredentialRepository
  readonly clock: Clock
}

/** @throws Refusal credential-unknown, or of SAM and authorities */
export async function revokeCredential(
  parts: RevocationParts,
  asked: {
    readonly signerIds: readonly string[]
    readonly credentialId: string
    readonly reason: RevocationReason
  },
): Promise<void> {
  const { credentialId, reason } = asked
  const credential = await parts.credentials.belongingTo(asked.signerIds, credentialId)
  const [certificate] = certificatesOf(credential)
  if (certificate === undefined) throw new Refusal('credential-unknown')
  await parts.sam.call('credentials/revoke', { credentialId, reason })
  await revokeCertificate(parts, certificate, reason)
  await parts.records.revoke(credentialId, epochSeconds(parts.clock()))
}

/** Another authority's certificate, which came with an imported key, is revoked by that authority: its owner asks there. */
async function revokeCertificate(
  { authorities }: RevocationParts,
  certificate: Uint8Array,
  reason: RevocationReason,
): Promise<void> {
  try {
    await authorities.call('revoke', { certificate, reason })
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'certificate-unknown') throw error
  }
}
