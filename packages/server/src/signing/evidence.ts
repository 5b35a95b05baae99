/** Evidence of a signature its signer holds: found by the signature value, made by the SAM. */
import type { Evidence } from '@natsuin/protocol/evidence'
import { Refusal } from '@natsuin/protocol/refusal'
import type { DeliveredSignatureRepository } from '../storage/delivered-signatures.ts'
import { signatureDigest } from './activations.ts'
import type { Credentials } from './credentials.ts'
import type { Sam } from './sam.ts'

export interface EvidenceParts {
  readonly sam: Sam
  readonly credentials: Credentials
  readonly deliveredSignatures: DeliveredSignatureRepository
}

export interface Asked {
  /** Who asks: one of them must own the credential. */
  readonly signerIds: readonly string[]
  readonly credentialId: string
  readonly signature: Uint8Array
}

/** @throws Refusal credential-unknown, signature-unknown, or of the SAM */
export async function evidenceOf(
  { sam, credentials, deliveredSignatures }: EvidenceParts,
  asked: Asked,
): Promise<Evidence> {
  await credentials.onceBelongingTo(asked.signerIds, asked.credentialId)
  const { signature: signatureValue } = asked
  const delivered = await deliveredSignatures.find(asked.credentialId, signatureDigest(signatureValue))
  if (delivered === undefined) throw new Refusal('signature-unknown')
  const { activation_id: activationId, position: index } = delivered
  return (await sam.call('evidence', { activationId, index, signatureValue })).evidence
}
