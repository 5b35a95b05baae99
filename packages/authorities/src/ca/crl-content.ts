/** What our CRLs say, as values: a number, two times, and entries by serial number. */

import { buildTbsCertList, type CrlReason, parseCrl, verifyCrl } from '@natsuin/pki/crl'
import { nodePlatform } from '@natsuin/pki/node'
import { type Issuer, issuerKeyIdentifier } from './issuer.ts'
import { serialOctets, serialText } from './serial-number.ts'
import { SECOND } from './validity.ts'

export interface RevocationEntry {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly revokedAt: number
  readonly reason: CrlReason
}

/** By serial number: content octets, lower-case hex. */
export type RevocationEntries = ReadonlyMap<string, RevocationEntry>

export interface CrlContent {
  readonly number: bigint
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly entries: RevocationEntries
}

/** DER TBSCertList of this authority. */
export function tbsCertList(issuer: Issuer, content: CrlContent): Uint8Array {
  const { certificate, key } = issuer
  return buildTbsCertList({
    signatureAlgorithm: key.algorithm,
    issuer: certificate.subject.bytes,
    thisUpdate: content.thisUpdate,
    nextUpdate: content.nextUpdate,
    crlNumber: content.number,
    authorityKeyIdentifier: issuerKeyIdentifier(issuer),
    // Nothing was ever dropped, so expired certificates are listed from the authority's first day on.
    expiredCertsSince: certificate.notBefore,
    revoked: [...content.entries].map(([serial, { revokedAt, reason }]) => ({
      serialNumber: serialOctets(serial),
      revokedAt: new Date(revokedAt * SECOND),
      reason,
    })),
  })
}

/**
 * The content of a CRL that this authority signed; `undefined` for any other bytes. One that has run out counts: a
 * service that stood still for a week still knows what was revoked before.
 *
 * @throws DerError when the bytes are no CRL
 */
export async function readOwnCrl(issuer: Issuer, der: Uint8Array): Promise<CrlContent | undefined> {
  const crl = parseCrl(der)
  const { crlNumber: number, thisUpdate, nextUpdate } = crl
  const { valid } = await verifyCrl({ crl, issuer: issuer.certificate, at: thisUpdate }, nodePlatform)
  if (!valid || number === undefined || nextUpdate === undefined) return undefined
  const entries = Array.from(crl.entries(), ({ serialNumber, revokedAt, reason }) => {
    const entry: RevocationEntry = { revokedAt: revokedAt.getTime() / SECOND, reason }
    return [serialText(serialNumber), entry] as const
  })
  return { number, thisUpdate, nextUpdate, entries: new Map(entries) }
}
