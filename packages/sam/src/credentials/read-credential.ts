/** `credentials/read` — whose credential it is, and what an authority is given and has certified of it. */
import { digestSync } from '@natsuin/pki/node'
import type { AdministrationRequest, AdministrationResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `credential-unknown`, `record-altered` */
export async function readCredential(
  { records }: Sam,
  { credentialId }: AdministrationRequest<'credentials/read'>,
): Promise<AdministrationResponse<'credentials/read'>> {
  const credential = (await records.read('credential', credentialId))?.content
  if (credential === undefined) throw refuse('credential-unknown')
  const { signerId, level, keyType, publicKey, certificationRequest, certificate } = credential
  const { subject } = await records.need('signer', signerId)
  const [linked] = certificate?.chain ?? []
  return {
    signerId,
    subject,
    level,
    keyType,
    publicKeyDigest: digestSync('sha256', publicKey),
    ...(certificationRequest !== undefined && { certificationRequest }),
    ...(linked !== undefined && { certificateDigest: digestSync('sha256', linked) }),
  }
}
