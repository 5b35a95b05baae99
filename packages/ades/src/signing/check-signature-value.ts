/** Whether the value that came back is the key's signature over what was prepared. */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { Verifier } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'

export interface SignedBy {
  readonly certificate: Certificate
  readonly signatureAlgorithm: SignatureAlgorithm
  /** What the key signs, itself and not its digest. */
  readonly data: Uint8Array
}

/** @throws AdesRefusal `signature-does-not-verify` */
export async function checkSignatureValue(
  signature: Uint8Array,
  { certificate, signatureAlgorithm: algorithm, data }: SignedBy,
  platform: Verifier,
): Promise<void> {
  const holds = await platform.verify({ algorithm, spki: certificate.spki, data, signature })
  if (!holds) throw new AdesRefusal('signature-does-not-verify')
}
