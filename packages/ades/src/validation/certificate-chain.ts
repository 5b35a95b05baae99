/**
 * X.509 validation of a signing or time-stamping certificate: EN 319 102-1 V1.4.1, 5.2.6. Revocation is in
 * `revocation.ts`.
 */
import { OID } from '@natsuin/pki/asn1'
import { toHex } from '@natsuin/pki/encoding'
import { type PathProblem, validatePath } from '@natsuin/pki/path'
import type { Digest, Platform } from '@natsuin/pki/platform'
import { type Certificate, readableCertificates } from '@natsuin/pki/x509'
import { type SubIndication, ValidationEnded } from './verdict.ts'

/** Whom the verifier trusts, and when it judges; the same for signers and time-stamping units. */
export interface Trust {
  readonly platform: Platform
  readonly trustAnchors: readonly Certificate[]
  readonly at?: Date
}

export interface ChainQuestion extends Trust {
  /** Where issuers may be found; trusted for nothing. DER each. */
  readonly certificates: readonly Uint8Array[]
  readonly at: Date
  readonly purpose: 'signing' | 'time-stamping'
}

/**
 * @returns the path, leaf first, trust anchor last
 * @throws ValidationEnded unless there is a valid one
 */
export async function checkChain(
  leaf: Certificate,
  question: ChainQuestion,
): Promise<readonly Certificate[]> {
  if (question.purpose === 'signing') checkKeyUsage(leaf)
  const { platform, at } = question
  const verdict = await validatePath({
    leaf,
    intermediates: readableCertificates(question.certificates),
    trustAnchors: question.trustAnchors,
    at,
    platform,
    ...(question.purpose === 'time-stamping' ? { keyPurpose: OID.timeStamping } : {}),
  })
  if (verdict.valid) return verdict.path
  throw new ValidationEnded(PATH_PROBLEMS[verdict.problem], verdict.problem)
}

/** Lower-case hexadecimal. */
export async function sha256OfAnchor(path: readonly Certificate[], platform: Digest): Promise<string> {
  return toHex(await platform.digest('sha256', path.at(-1)?.bytes ?? new Uint8Array()))
}

/** RFC 5280, 4.2.1.3: without one of these two usages the key was not certified for signatures on documents. */
function checkKeyUsage({ extensions }: Certificate): void {
  const signs = extensions.keyUsage?.some(usage => usage === 'nonRepudiation' || usage === 'digitalSignature')
  if (signs !== true) throw new ValidationEnded('CHAIN_CONSTRAINTS_FAILURE', 'key usage')
}

const PATH_PROBLEMS: Readonly<Record<PathProblem, SubIndication>> = {
  'no-path': 'NO_CERTIFICATE_CHAIN_FOUND',
  'not-yet-valid': 'OUT_OF_BOUNDS_NO_POE',
  expired: 'OUT_OF_BOUNDS_NO_POE',
  'not-a-ca': 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'path-too-long': 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'issuer-may-not-sign-certificates': 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'key-purpose-not-allowed': 'CHAIN_CONSTRAINTS_FAILURE',
  'unknown-critical-extension': 'CHAIN_CONSTRAINTS_FAILURE',
  'constraint-unsupported': 'CHAIN_CONSTRAINTS_FAILURE',
  'key-unacceptable': 'CRYPTO_CONSTRAINTS_FAILURE',
  'signature-invalid': 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'budget-exhausted': 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
}
