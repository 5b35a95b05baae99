/**
 * What is kept of every certificate: one record per certified key, prepared, then issued, perhaps revoked.
 *
 * *Prepared* is written before the issuing key signs and holds the exact bytes it is about to sign: whatever
 * happens then, no certificate exists whose serial number is not in the register (INV-1, INV-7).
 */
import { identifier } from '@natsuin/protocol/approval'
import { revocationReason } from '@natsuin/protocol/issuance'
import { base64url, integer, oneOf, record, type Shaped, text, variant } from '@natsuin/protocol/shape'

const digest = base64url({ min: 32, max: 32 })
const der = base64url({ max: 16_384 })

/** Whom the key belongs to: a signer by attestation, or one of our own services by name. */
const holder = variant('kind', {
  signer: record({ kind: oneOf('signer'), credentialId: identifier, attestationDigest: digest }),
  service: record({ kind: oneOf('service'), name: oneOf('ocsp', 'tsa') }),
})

const common = {
  /** Content octets of the serial number, lower-case hex. */
  serial: text({ max: 40, pattern: /^([0-9a-f]{2})+$/ }),
  /** SHA-256 of the certified SubjectPublicKeyInfo, lower-case hex. */
  keyDigest: text({ max: 64, pattern: /^[0-9a-f]{64}$/ }),
  holder,
}

export const preparedRecord = record({ state: oneOf('prepared'), ...common, tbs: der })
export const issuedRecord = record({ state: oneOf('issued'), ...common, certificate: der })
export const revokedRecord = record({
  state: oneOf('revoked'),
  ...common,
  certificate: der,
  /** Seconds since 1970-01-01T00:00:00Z. */
  revokedAt: integer({ min: 0, max: 2 ** 40 }),
  reason: revocationReason,
})

export const certificateRecord = variant('state', {
  prepared: preparedRecord,
  issued: issuedRecord,
  revoked: revokedRecord,
})

export type CertificateHolder = Shaped<typeof holder>
export type PreparedRecord = Shaped<typeof preparedRecord>
export type IssuedRecord = Shaped<typeof issuedRecord>
export type RevokedRecord = Shaped<typeof revokedRecord>
export type CertificateRecord = PreparedRecord | IssuedRecord | RevokedRecord
