/**
 * The OCSP responder: an OCSPRequest in, an OCSPResponse out (RFC 6960; nonces RFC 9654).
 *
 * *Good* is said of a certificate only when its sealed record says *issued* and no CRL of ours, now or before,
 * has it. A serial number nobody was given is *unknown* (EN 319 411-1 V1.5.1, OVR-6.6.3-02), one whose record does
 * not open gets no answer at all. It signs with the key that the issuing CA delegated to it (4.2.2.2).
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { DerError } from '@natsuin/pki/asn1'
import { nodePlatform, sha1IssuerHashes } from '@natsuin/pki/node'
import {
  assembleOcspResponse,
  buildOcspFailure,
  buildTbsOcspResponse,
  type CertId,
  type CertificateStatus,
  type IssuerHashes,
  isIssuer,
  issuerHashesOf,
  type OcspRequest,
  parseOcspRequest,
} from '@natsuin/pki/ocsp'
import type { Certificate } from '@natsuin/pki/x509'
import type { CrlPublisher } from '../ca/crl.ts'
import { type Issuer, signData } from '../ca/issuer.ts'
import type { Register } from '../ca/register.ts'
import { serialText } from '../ca/serial-number.ts'
import { SECOND } from '../ca/validity.ts'

export interface OcspResponder {
  readonly module: CryptoModule
  /** The responder's own certificate and key. */
  readonly delegate: Issuer
  /** Every way in which a client may name the issuing CA. */
  readonly issuerNames: readonly IssuerHashes[]
  readonly register: Register
  readonly crl: CrlPublisher
  readonly now: () => Date
  /** From thisUpdate to nextUpdate. */
  readonly validitySeconds: number
}

/** The names of an issuer in requests: SHA-1 is what most clients send, and only selects. */
export async function issuerNamesOf(issuer: Certificate): Promise<readonly IssuerHashes[]> {
  const digests = ['sha256', 'sha384', 'sha512'] as const
  const hashes = digests.map(algorithm => issuerHashesOf(issuer, algorithm, nodePlatform))
  return [sha1IssuerHashes(issuer), ...(await Promise.all(hashes))]
}

/** DER OCSPResponse for the DER of a request. `onFault` is told what the caller only knows as internalError. */
export async function respond(
  responder: OcspResponder,
  request: Uint8Array,
  onFault: (fault: unknown) => void,
): Promise<Uint8Array> {
  const asked = readRequest(request)
  if (asked === undefined) return buildOcspFailure('malformedRequest')
  try {
    return await answer(responder, asked)
  } catch (error) {
    onFault(error)
    return buildOcspFailure('internalError')
  }
}

function readRequest(der: Uint8Array): OcspRequest | undefined {
  try {
    const request = parseOcspRequest(der)
    return request.unknownCritical.length === 0 ? request : undefined
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

async function answer(responder: OcspResponder, { certIds, nonce }: OcspRequest): Promise<Uint8Array> {
  const { module, delegate, now, validitySeconds } = responder
  const thisUpdate = new Date(Math.floor(now().getTime() / SECOND) * SECOND)
  const nextUpdate = new Date(thisUpdate.getTime() + validitySeconds * SECOND)
  const statuses = certIds.map(async certId => ({
    certId,
    status: await statusOf(responder, certId),
    thisUpdate,
    nextUpdate,
  }))
  const tbs = buildTbsOcspResponse({
    responderName: delegate.certificate.subject.bytes,
    producedAt: thisUpdate,
    responses: await Promise.all(statuses),
    nonce,
  })
  const signature = await signData(module, delegate.key, tbs)
  return assembleOcspResponse(tbs, delegate.key.algorithm, signature, [delegate.certificate.bytes])
}

/** @throws Refusal `record-altered` */
async function statusOf(responder: OcspResponder, certId: CertId): Promise<CertificateStatus> {
  const { issuerNames, register, crl } = responder
  if (!issuerNames.some(name => isIssuer(certId, name))) return { kind: 'unknown' }
  const serial = serialText(certId.serialNumber)
  const listed = crl.find(serial)
  if (listed !== undefined) return revoked(listed)
  const record = await register.bySerial(serial)
  // While the register was read, the certificate may have been revoked: what is on the list now counts.
  const listedMeanwhile = crl.find(serial)
  if (listedMeanwhile !== undefined) return revoked(listedMeanwhile)
  if (record === undefined || record.state === 'prepared') return { kind: 'unknown' }
  return record.state === 'revoked' ? revoked(record) : { kind: 'good' }
}

function revoked({ revokedAt, reason }: NonNullable<ReturnType<CrlPublisher['find']>>): CertificateStatus {
  // RFC 5280, 5.3.1: `unspecified` is said by leaving the reason out.
  const given = reason === 'unspecified' ? undefined : reason
  return { kind: 'revoked', revokedAt: new Date(revokedAt * SECOND), reason: given }
}
