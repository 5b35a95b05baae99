/** The certificate carries the attested key and subject, chains to a root of the roster, and was linked. */
import { DerError } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { validatePath } from '@natsuin/pki/path'
import { type Certificate, InvalidName, parseCertificate } from '@natsuin/pki/x509'
import { type KeyAttestation, subjectName } from '@natsuin/protocol/issuance'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand, demanded } from '../verdict.ts'
import type { IncludedLeaves } from './logs.ts'

export async function checkCertificate(
  chain: readonly Uint8Array[],
  attested: KeyAttestation,
  leaves: IncludedLeaves,
  sam: Sam,
): Promise<Certificate> {
  const [leaf, ...intermediates] = chain.map(read)
  const certificate = demanded(leaf, 'certificate-not-for-key', 'no certificate')
  demand(equal(certificate.spki, attested.publicKey), 'certificate-not-for-key', 'it certifies another key')
  const subject = equal(certificate.subject.bytes, nameOf(attested))
  demand(subject, 'certificate-not-for-key', 'it names another subject')
  const digest = await sam.platform.digest('sha256', certificate.bytes)
  const { credentialId, certificateDigest } = leaves.certificateLinked
  const linked = credentialId === attested.credentialId && equal(digest, certificateDigest)
  demand(linked, 'certificate-not-for-key', 'the log records another certificate')
  await checkChain(certificate, intermediates, new Date(leaves.completed.at), sam)
  return certificate
}

async function checkChain(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  at: Date,
  sam: Sam,
): Promise<void> {
  const trustAnchors = sam.roster.trustAnchors.map(read)
  const verdict = await validatePath({ leaf, intermediates, trustAnchors, at, platform: sam.platform })
  demand(verdict.valid, 'certificate-not-trusted', 'no path to a root of the roster at the time of signing')
  // What is shown as the chain is the chain: nothing beside the path goes unverified.
  const given = [leaf, ...intermediates]
  const whole =
    verdict.path.length === given.length &&
    verdict.path.every(({ bytes }, i) => equal(bytes, given[i]?.bytes ?? new Uint8Array()))
  demand(whole, 'certificate-not-trusted', 'the chain is not the path to a root of the roster')
}

function nameOf({ subject }: KeyAttestation): Uint8Array {
  try {
    return subjectName(subject)
  } catch (error) {
    if (!(error instanceof InvalidName)) throw error
    throw new BrokenLink('certificate-not-for-key', error.message)
  }
}

function read(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw new BrokenLink('certificate-not-for-key', error.message)
  }
}
