/** Certificate revocation lists, built (RFC 5280, 5.1 to 5.3): complete, direct, version 2. */
import type { SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import {
  type Der,
  enumerated,
  explicit,
  generalizedTime,
  integer,
  sequence,
  time,
  unsignedInteger,
} from '../asn1/write.ts'
import { join } from '../encoding/bytes.ts'
import { signatureAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { authorityKeyIdentifier, extension } from '../x509/build.ts'
import { CRL_REASONS, type CrlReason } from './parse.ts'

export interface RevokedCertificate {
  /** Big-endian; a sign octet in front does no harm. */
  readonly serialNumber: Uint8Array
  readonly revokedAt: Date
  /** Left out of the CRL when it is `unspecified` (RFC 5280, 5.3.1: SHOULD). */
  readonly reason?: CrlReason
}

export interface CrlProfile {
  readonly signatureAlgorithm: SignatureAlgorithm
  /** DER Name: the subject bytes of the issuer's certificate. */
  readonly issuer: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** Grows with every CRL of this issuer (RFC 5280, 5.2.3). */
  readonly crlNumber: bigint
  /** The issuer's subject key identifier. */
  readonly authorityKeyIdentifier: Uint8Array
  readonly revoked: readonly RevokedCertificate[]
  /** From when on expired certificates stay listed (X.509, expiredCertsOnCRL); left out when they are dropped. */
  readonly expiredCertsSince?: Date
}

/** DER TBSCertList: what the issuer's key signs. `assembleSigned` makes the CRL of it. */
export function buildTbsCertList(profile: CrlProfile): Der {
  const { revoked, expiredCertsSince } = profile
  const extensions = sequence(
    authorityKeyIdentifier(profile.authorityKeyIdentifier),
    extension(OID.cRLNumber, false, integer(profile.crlNumber)),
    expiredCertsSince === undefined
      ? undefined
      : extension(OID.expiredCertsOnCRL, false, generalizedTime(expiredCertsSince)),
  )
  return sequence(
    integer(1),
    signatureAlgorithmIdentifier(profile.signatureAlgorithm),
    profile.issuer,
    time(profile.thisUpdate),
    time(profile.nextUpdate),
    // RFC 5280, 5.1.2.6: absent when nothing is revoked
    revoked.length === 0 ? undefined : sequence(join(revoked.map(writeEntry))),
    explicit(0, extensions),
  )
}

function writeEntry({ serialNumber, revokedAt, reason = 'unspecified' }: RevokedCertificate): Der {
  const extensions =
    reason === 'unspecified'
      ? undefined
      : sequence(extension(OID.reasonCode, false, enumerated(CRL_REASONS[reason])))
  return sequence(unsignedInteger(serialNumber), time(revokedAt), extensions)
}
