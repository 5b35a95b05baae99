/**
 * Key attestation: the SAM's word that it holds a key, and for whom (sole-control 6).
 *
 * `authorities` issues a certificate on this alone: subject and key come from here, never from `server`. A
 * compact JWS of type `natsuin-key-attestation` by the SAM key.
 */
import { identifier, keyTypeName, subjectAttributes, visibleText } from '../approval/index.ts'
import { base64url, flag, integer, oneOf, record, type Shaped } from '../shape/shape.ts'

export const keyAttestation = record({
  v: oneOf(1),
  deployment: visibleText(255),
  environment: oneOf('production', 'test'),
  signerId: identifier,
  credentialId: identifier,
  /** Subject of the enrolment grant, unchanged. */
  subject: subjectAttributes,
  grantId: identifier,
  level: oneOf(1, 2, 3),
  keyType: keyTypeName,
  /** DER SubjectPublicKeyInfo. */
  publicKey: base64url({ min: 44, max: 1200 }),
  /** For life: whether the module made the key, or took it in. */
  origin: oneOf('generated', 'imported'),
  /** What the module said of the private key when it made it or took it in. */
  local: flag,
  alwaysSensitive: flag,
  softwareModule: flag,
  nonce: base64url({ min: 16, max: 16 }),
  /** Seconds since 1970-01-01T00:00:00Z. */
  issuedAt: integer({ min: 0, max: 2 ** 40 }),
})

export type KeyAttestation = Shaped<typeof keyAttestation>
