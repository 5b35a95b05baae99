/** What the officer is told of a key file. Nothing in it is secret. */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { SigningCertificateProblem } from '@natsuin/pki/path'
import type { WeakKeyReason } from '@natsuin/pki/weak-keys'

export interface FileReport {
  readonly format: 'pkcs12' | 'pkcs8'
  /** Parts that hold neither a key nor a certificate. */
  readonly passedOver: number
  readonly keys: readonly KeyReport[]
}

export interface KeyReport {
  readonly name: string | undefined
  readonly encrypted: boolean
  readonly keyType: KeyType | undefined
  /** SHA-256 of the DER SubjectPublicKeyInfo, hexadecimal. */
  readonly fingerprint: string | undefined
  /** Empty when the key may be imported. */
  readonly problems: readonly KeyProblem[]
  readonly certificates: readonly CertificateReport[]
}

export interface CertificateReport {
  /** RFC 4514. */
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string
}

export type KeyProblem = WeakKeyReason | `certificate-${SigningCertificateProblem}`
