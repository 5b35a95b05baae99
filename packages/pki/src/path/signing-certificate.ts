/**
 * Whether a certificate is one that signatures of a person can be made with (RFC 5280, 4.2.1.3 and 4.2.1.9): in
 * force, of no authority, and for signing. Who issued it is for `validate.ts`.
 */
import type { Certificate } from '../x509/certificate.ts'

export type SigningCertificateProblem = 'not-yet-valid' | 'expired' | 'is-an-authority' | 'not-for-signing'

/** `undefined` when it is. A certificate without key usage allows every use. */
export function signingCertificateProblem(
  { notBefore, notAfter, extensions }: Certificate,
  at: Date,
): SigningCertificateProblem | undefined {
  if (at < notBefore) return 'not-yet-valid'
  if (at > notAfter) return 'expired'
  if (extensions.basicConstraints?.ca === true) return 'is-an-authority'
  const { keyUsage } = extensions
  const signs = keyUsage === undefined || SIGNING.some(usage => keyUsage.includes(usage))
  return signs ? undefined : 'not-for-signing'
}

const SIGNING = ['digitalSignature', 'nonRepudiation'] as const
