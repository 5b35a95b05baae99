/**
 * Whether a certificate is this key's and this person's, and leads to a root of the roster: byte for byte, because
 * whoever brings it is not believed (sole-control 6).
 */
import { DerError } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { signingCertificateProblem, validatePath } from '@natsuin/pki/path'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import { subjectName } from '@natsuin/protocol/issuance'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

export interface CertificateHolder {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly subject: SubjectAttributes
}

/** @throws Refusal `certificate-mismatch`, `certificate-expired`, `malformed` */
export async function checkCertificate(
  sam: Pick<Sam, 'roster' | 'time'>,
  { publicKey, subject }: CertificateHolder,
  chain: readonly Uint8Array[],
): Promise<Certificate> {
  const [leaf, ...intermediates] = chain.map(parse)
  if (leaf === undefined || !equal(leaf.spki, publicKey)) throw refuse('certificate-mismatch')
  if (!equal(leaf.subject.bytes, subjectName(subject))) throw refuse('certificate-mismatch')
  const at = new Date(sam.time.milliseconds())
  const problem = signingCertificateProblem(leaf, at) ?? (await pathProblem(sam, leaf, intermediates, at))
  if (problem === undefined) return leaf
  throw refuse(problem === 'expired' ? 'certificate-expired' : 'certificate-mismatch', { problem })
}

async function pathProblem(
  { roster }: Pick<Sam, 'roster'>,
  leaf: Certificate,
  intermediates: readonly Certificate[],
  at: Date,
) {
  const trustAnchors = roster.trustAnchors.map(parse)
  const verdict = await validatePath({ leaf, intermediates, trustAnchors, at, platform: nodePlatform })
  return verdict.valid ? undefined : verdict.problem
}

function parse(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError) throw refuse('malformed', {}, { cause: error })
    throw error
  }
}
