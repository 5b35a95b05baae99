/** What is wrong with a signer of a CMS, in the words of EN 319 102-1 V1.4.1, 5.1.3; and what is known of a right one. */
import type { SignerProblem, SignerVerdict } from '@natsuin/pki/cms'
import { type SubIndication, ValidationEnded } from './verdict.ts'

export type ValidSigner = Extract<SignerVerdict, { valid: true }>

/** @throws ValidationEnded for a signer that is not valid */
export function validSigner(verdict: SignerVerdict): ValidSigner {
  if (!verdict.valid) throw new ValidationEnded(SIGNER_PROBLEMS[verdict.problem], verdict.problem)
  return verdict
}

const SIGNER_PROBLEMS: Readonly<Record<SignerProblem, SubIndication>> = {
  'no-signer': 'FORMAT_FAILURE',
  'several-signers': 'FORMAT_FAILURE',
  'algorithm-unsupported': 'CRYPTO_CONSTRAINTS_FAILURE',
  'algorithms-disagree': 'FORMAT_FAILURE',
  'signed-attributes-missing': 'FORMAT_FAILURE',
  'content-type-mismatch': 'FORMAT_FAILURE',
  'content-missing': 'FORMAT_FAILURE',
  'content-ambiguous': 'FORMAT_FAILURE',
  'message-digest-mismatch': 'HASH_FAILURE',
  'certificate-missing': 'NO_SIGNING_CERTIFICATE_FOUND',
  'signing-certificate-missing': 'SIG_CONSTRAINTS_FAILURE',
  'signing-certificate-mismatch': 'NO_SIGNING_CERTIFICATE_FOUND',
  'key-unacceptable': 'CRYPTO_CONSTRAINTS_FAILURE',
  'signature-invalid': 'SIG_CRYPTO_FAILURE',
}

export function signerFacts({ certificate, signedAttributes, signerInfo }: ValidSigner) {
  return {
    signer: certificate.subject.text,
    signingCertificate: certificate.bytes,
    signedAttributes: signedAttributes.bytes,
    signatureValue: signerInfo.signature,
  }
}
