/**
 * What the authorities of the test PKI say about their certificates: OCSP answers and CRLs made when they are asked
 * for, without a network.
 */
import type { RevocationInfo, RevocationSource } from '@natsuin/ades/validation-data'
import { OID } from '@natsuin/pki/asn1'
import { buildTbsCertList, type CrlReason } from '@natsuin/pki/crl'
import { nodePlatform } from '@natsuin/pki/node'
import {
  assembleOcspResponse,
  buildCertId,
  buildTbsOcspResponse,
  commonCertId,
  issuerHashesOf,
} from '@natsuin/pki/ocsp'
import {
  assembleSigned,
  basicConstraints,
  type Certificate,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  ocspNoCheck,
} from '@natsuin/pki/x509'
import { type Entity, entityOf, issue } from './test-pki.ts'

export interface Status {
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  /** Since when; absent for a certificate that is good. */
  readonly revokedAt?: Date | undefined
  /** Why; not said unless it is given. */
  readonly reason?: CrlReason
  /** Who signs; by default a responder that the issuer delegated, who is not to be checked himself. */
  readonly responder?: Entity
  /** Certificates that the answer brings beside the responder's, DER each. */
  readonly beside?: readonly Uint8Array[]
  /** What names the issuer in the answer. */
  readonly hash?: 'sha1' | 'sha256'
}

const DAY = 24 * 60 * 60 * 1000
const responders = new Map<Entity, Promise<Entity>>()

const RESPONDER = [
  basicConstraints({ ca: false }),
  keyUsage('digitalSignature'),
  extKeyUsage([OID.ocspSigning], { critical: false }),
  ocspNoCheck(),
]

function responderOf(issuer: Entity): Promise<Entity> {
  const name = `${issuer.certificate.subject.text.replace(/^CN=/, '')} OCSP`
  const responder = responders.get(issuer) ?? issue({ name, issuer, extensions: RESPONDER })
  responders.set(issuer, responder)
  return responder
}

/** DER OCSPResponse about one certificate. */
export async function ocspAnswerOf(certificate: Certificate, issuer: Entity, status: Status) {
  const { thisUpdate, revokedAt, reason, hash = 'sha1', beside = [] } = status
  const responder = status.responder ?? (await responderOf(issuer))
  const tbs = buildTbsOcspResponse({
    responderName: responder.certificate.subject.bytes,
    producedAt: thisUpdate,
    responses: [
      {
        certId: await certIdOf(certificate, issuer, hash),
        status: revokedAt === undefined ? { kind: 'good' } : { kind: 'revoked', revokedAt, reason },
        thisUpdate,
        nextUpdate: status.nextUpdate ?? new Date(thisUpdate.getTime() + DAY),
      },
    ],
  })
  const own = responder === issuer ? [] : [responder.certificate.bytes]
  return assembleOcspResponse(tbs, responder.algorithm, responder.sign(tbs), [...own, ...beside])
}

async function certIdOf(certificate: Certificate, issuer: Entity, hash: 'sha1' | 'sha256') {
  if (hash === 'sha1') return commonCertId({ certificate, issuer: issuer.certificate })
  const hashes = await issuerHashesOf(issuer.certificate, hash, nodePlatform)
  return buildCertId(hashes, certificate.serialNumber)
}

/** DER CertificateList that lists the certificate when it is revoked, else nothing. */
export async function crlOf(certificate: Certificate, issuer: Entity, status: Status): Promise<Uint8Array> {
  const { thisUpdate, revokedAt, reason } = status
  const why = reason === undefined ? {} : { reason }
  const tbs = buildTbsCertList({
    signatureAlgorithm: issuer.algorithm,
    issuer: issuer.certificate.subject.bytes,
    thisUpdate,
    nextUpdate: status.nextUpdate ?? new Date(thisUpdate.getTime() + DAY),
    crlNumber: BigInt(Math.floor(thisUpdate.getTime() / 1000)),
    authorityKeyIdentifier: await keyIdentifier(issuer.certificate.spki, nodePlatform),
    revoked: revokedAt === undefined ? [] : [{ serialNumber: certificate.serialNumber, revokedAt, ...why }],
  })
  return assembleSigned(tbs, issuer.algorithm, issuer.sign(tbs))
}

export interface SourceOptions extends Partial<Omit<Status, 'revokedAt'>> {
  /** What authorities answer with; CRLs and OCSP answers alike are current. */
  readonly kind?: RevocationInfo['kind']
  /** Since when certificates are revoked. */
  readonly revoked?: ReadonlyMap<Certificate, Date>
}

/** A source that always has an answer, of the time of the question. */
export function statusSource({ kind = 'ocsp', revoked, ...status }: SourceOptions = {}): RevocationSource {
  const answer = kind === 'ocsp' ? ocspAnswerOf : crlOf
  return async ({ certificate, issuer, at }) => {
    const revokedAt = [...(revoked ?? [])].find(isAbout(certificate))?.[1]
    return {
      kind,
      der: await answer(certificate, entityOf(issuer), { thisUpdate: at, ...status, revokedAt }),
    }
  }
}

/** Certificates are read anew wherever they are needed, so they are told apart by their serial numbers. */
function isAbout({ serialNumber }: Certificate) {
  return ([other]: readonly [Certificate, Date]) =>
    Buffer.from(other.serialNumber).equals(Buffer.from(serialNumber))
}
