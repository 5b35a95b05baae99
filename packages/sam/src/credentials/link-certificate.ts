/**
 * `certificates/link` — ties a certificate to a credential, which may sign from then on (sole-control 6).
 *
 * Key and subject are compared with what the SAM attested, byte for byte, and the chain must lead to a root of the
 * roster: `server`, which brings the certificate, is not believed.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { CredentialRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import { checkCertificate } from './check-certificate.ts'
import { checkStanding } from './check-standing.ts'
import { endEntity } from './end-entity.ts'

/** @throws Refusal `credential-unknown`, those of `checkStanding` and `checkCertificate` */
export async function linkCertificate(
  sam: Sam,
  { credentialId, certificates: chain }: SapRequest<'certificates/link'>,
): Promise<SapResponse<'certificates/link'>> {
  let stored = await readCredential(sam, credentialId)
  checkStanding(sam, credentialId)
  const { content: credential } = stored
  if (isLinked(credential, chain)) return {}
  const { subject } = await sam.records.need('signer', credential.signerId)
  const holder = { publicKey: credential.publicKey, subject }
  const { version: rosterVersion } = sam.roster
  const { notBefore, notAfter } = await checkCertificate(sam, holder, chain)
  const certificateDigest = digestSync('sha256', endEntity(chain))
  const certificate = { chain, notBefore: notBefore.getTime(), notAfter: notAfter.getTime() }
  await sam.logs.state.append({
    leaves: [
      {
        event: 'certificate-linked',
        at: sam.time.milliseconds(),
        credentialId,
        rosterVersion,
        certificateDigest,
      },
    ],
    records: leaf => {
      const linked = { ...stored.content, certificate: { ...certificate, leaf } }
      return [sam.records.seal('credential', credentialId, stored.version + 1, linked)]
    },
    stillHolds: () => checkStanding(sam, credentialId),
    // A rotation of the master key may have moved the key, or another SAM linked a certificate.
    reread: async () => {
      stored = await readCredential(sam, credentialId)
      if (stored.content.certificate !== undefined) throw refuse('certificate-mismatch')
    },
  })
  await sam.failpoint('certificate-linked')
  return {}
}

/** @throws Refusal `credential-unknown`, `record-altered` */
async function readCredential({ records }: Sam, credentialId: string): Promise<Versioned<CredentialRecord>> {
  const stored = await records.read('credential', credentialId)
  if (stored === undefined) throw refuse('credential-unknown')
  return stored
}

/** The same certificate again is an answer that was lost; another one is not taken. @throws Refusal `certificate-mismatch` */
function isLinked({ certificate }: CredentialRecord, chain: readonly Uint8Array[]): boolean {
  if (certificate === undefined) return false
  if (!equal(endEntity(certificate.chain), endEntity(chain))) throw refuse('certificate-mismatch')
  return true
}
