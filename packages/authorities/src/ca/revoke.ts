/**
 * Revoking: the record first, then the next CRL, then the answer.
 *
 * What decides is our own signature on the certificate that is handed in, not the database: a certificate whose
 * record was lost or edited can be revoked all the same, because the CRL outside is what makes it stay revoked.
 * Only signers' certificates; those of our own services are none of `server`'s business. There is no way back.
 */
import { DerError } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type Certificate, parseCertificate, verifySigned } from '@natsuin/pki/x509'
import type { RevocationReason } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import type { IssuingAuthority } from './authority.ts'
import type { CertificateRecord } from './certificate-record.ts'
import type { CrlPublisher } from './crl.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import { keyDigestOf } from './prepare.ts'
import { serialText } from './serial-number.ts'
import { SECOND } from './validity.ts'

export interface Revocation {
  /** DER. */
  readonly certificate: Uint8Array
  readonly reason: RevocationReason
}

/**
 * Revokes a certificate of ours; returns since when it is revoked. Done again, it changes nothing.
 *
 * @throws Refusal `certificate-unknown`
 */
export async function revoke(
  authority: IssuingAuthority,
  crl: CrlPublisher,
  { certificate, reason }: Revocation,
  keys: OneAtATime,
): Promise<Date> {
  const revoked = await ownSignerCertificate(authority, certificate)
  return keys.run(keyDigestOf(revoked.spki), async () => {
    const at = Math.floor(authority.now().getTime() / SECOND)
    const recorded = await record(authority, revoked, { revokedAt: at, reason })
    const entry = recorded ?? { revokedAt: at, reason }
    return crl.revoke(serialText(revoked.serialNumber), entry)
  })
}

async function ownSignerCertificate({ issuer }: IssuingAuthority, der: Uint8Array): Promise<Certificate> {
  const certificate = parse(der)
  const isOurs =
    equal(certificate.issuer.bytes, issuer.certificate.subject.bytes) &&
    (await verifySigned(certificate, issuer.key.spki, nodePlatform))
  const isSigners = certificate.extensions.keyUsage?.includes('nonRepudiation') ?? false
  if (!isOurs || !isSigners) throw new Refusal('certificate-unknown')
  return certificate
}

function parse(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError) throw new Refusal('certificate-unknown', {}, { cause: error })
    throw error
  }
}

interface RevokedSince {
  readonly revokedAt: number
  readonly reason: RevocationReason
}

/** Moves the record to *revoked* and returns what it says; `undefined` when no record can be believed. */
async function record(
  { register }: IssuingAuthority,
  certificate: Certificate,
  since: RevokedSince,
): Promise<RevokedSince | undefined> {
  const known = await believable(register.byKey(keyDigestOf(certificate.spki)))
  if (known === undefined || known.state === 'prepared' || !equal(known.certificate, certificate.bytes)) {
    return undefined
  }
  if (known.state === 'revoked') return known
  const { serial, keyDigest, holder } = known
  await register.move('issued', {
    state: 'revoked',
    serial,
    keyDigest,
    holder,
    certificate: known.certificate,
    ...since,
  })
  return since
}

async function believable(
  found: Promise<CertificateRecord | undefined>,
): Promise<CertificateRecord | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof Refusal && error.code === 'record-altered') return undefined
    throw error
  }
}
