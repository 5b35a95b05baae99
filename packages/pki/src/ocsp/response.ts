/** OCSP responses (RFC 6960, 4.2), built in two steps and parsed with their bytes. */
import type { SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { type Fields, readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import {
  readEnumerated,
  readGeneralizedTime,
  readNull,
  readOctetString,
  readOid,
  readSequence,
} from '../asn1/read.ts'
import { contextConstructed, contextPrimitive, TAG } from '../asn1/tags.ts'
import {
  bitString,
  type Der,
  element,
  enumerated,
  explicit,
  generalizedTime,
  octetString,
  oid,
  sequence,
} from '../asn1/write.ts'
import { CRL_REASONS, type CrlReason, readReason } from '../crl/parse.ts'
import { signatureAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { type Extension, readExtensions } from '../x509/extensions.ts'
import { readSigned, type Signed } from '../x509/signed.ts'
import { type CertId, readCertId } from './cert-id.ts'
import { nonceExtension, readNonce, refuseVersion } from './request.ts'

/** OCSPResponseStatus other than successful (RFC 6960, 4.2.1). */
export const OCSP_FAILURES = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const

export type OcspFailure = keyof typeof OCSP_FAILURES

export type CertificateStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly revokedAt: Date; readonly reason: CrlReason | undefined }
  | { readonly kind: 'unknown' }

export interface SingleResponse {
  readonly certId: CertId
  readonly status: CertificateStatus
  readonly thisUpdate: Date
  /** `undefined`: newer information is always at hand (RFC 6960, 4.2.2.1). */
  readonly nextUpdate: Date | undefined
}

export type ResponderId =
  | { readonly kind: 'name' /** DER Name */; readonly name: Uint8Array }
  | { readonly kind: 'key-hash' /** SHA-1 of the key's bits */; readonly keyHash: Uint8Array }

export interface BasicOcspResponse extends Signed {
  /** DER BasicOCSPResponse, without the envelope: what long-term signatures keep is `OcspResponse.bytes`. */
  readonly bytes: Uint8Array
  readonly responderId: ResponderId
  readonly producedAt: Date
  readonly responses: readonly (SingleResponse & { readonly extensions: readonly Extension[] })[]
  readonly nonce: Uint8Array | undefined
  readonly extensions: readonly Extension[]
  /** DER each. */
  readonly certificates: readonly Uint8Array[]
}

export type OcspResponse =
  | { readonly successful: true; readonly bytes: Uint8Array; readonly basic: BasicOcspResponse }
  | { readonly successful: false; readonly bytes: Uint8Array; readonly failure: OcspFailure }

export interface OcspResponseParts {
  /** DER Name: the subject bytes of the responder's certificate. */
  readonly responderName: Uint8Array
  readonly producedAt: Date
  readonly responses: readonly SingleResponse[]
  /** As the request had it. */
  readonly nonce?: Uint8Array | undefined
}

/** DER ResponseData: what the responder's key signs. */
export function buildTbsOcspResponse(parts: OcspResponseParts): Der {
  return sequence(
    explicit(1, parts.responderName),
    generalizedTime(parts.producedAt),
    sequence(...parts.responses.map(writeSingleResponse)),
    parts.nonce === undefined ? undefined : explicit(1, sequence(nonceExtension(parts.nonce))),
  )
}

function writeSingleResponse({ certId, status, thisUpdate, nextUpdate }: SingleResponse): Der {
  return sequence(
    certId.bytes,
    writeStatus(status),
    generalizedTime(thisUpdate),
    nextUpdate === undefined ? undefined : explicit(0, generalizedTime(nextUpdate)),
  )
}

function writeStatus(status: CertificateStatus): Der {
  if (status.kind !== 'revoked') return element(contextPrimitive(status.kind === 'good' ? 0 : 2))
  const { revokedAt, reason } = status
  const code = reason === undefined ? new Uint8Array() : explicit(0, enumerated(CRL_REASONS[reason]))
  return element(contextConstructed(1), generalizedTime(revokedAt), code)
}

/**
 * DER OCSPResponse, successful.
 *
 * @param tbs           from `buildTbsOcspResponse`
 * @param certificates  the delegated responder's certificate; none when the issuer itself signs
 */
export function assembleOcspResponse(
  tbs: Uint8Array,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
  certificates: readonly Uint8Array[] = [],
): Der {
  const basic = sequence(
    tbs,
    signatureAlgorithmIdentifier(algorithm),
    bitString(signature),
    certificates.length === 0 ? undefined : explicit(0, sequence(...certificates)),
  )
  return sequence(enumerated(0), explicit(0, sequence(oid(OID.ocspBasic), octetString(basic))))
}

/** DER OCSPResponse that only says why there is no answer. */
export function buildOcspFailure(failure: OcspFailure): Der {
  return sequence(enumerated(OCSP_FAILURES[failure]))
}

/** @throws DerError */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  return readFields(parseDer(der), 'OCSPResponse', fields => {
    const status = readEnumerated(fields.take('responseStatus'))
    const body = fields.explicit(0)
    if ((status === 0) !== (body !== undefined)) throw new DerError('value-not-allowed', 'responseStatus')
    if (body !== undefined) return { successful: true, bytes: der, basic: readResponseBytes(body) }
    const failure = FAILURE_NAMES.find(name => OCSP_FAILURES[name] === status)
    if (failure === undefined) throw new DerError('value-not-allowed', 'responseStatus')
    return { successful: false, bytes: der, failure }
  })
}

// Object.keys loses the key type of a constant object.
const FAILURE_NAMES = Object.keys(OCSP_FAILURES) as readonly OcspFailure[]

function readResponseBytes(node: DerNode): BasicOcspResponse {
  return readFields(node, 'ResponseBytes', fields => {
    if (readOid(fields.take('responseType')) !== OID.ocspBasic)
      throw new DerError('value-not-allowed', 'responseType')
    return readBasicResponse(parseDer(readOctetString(fields.take('response'))))
  })
}

function readBasicResponse(node: DerNode): BasicOcspResponse {
  return readFields(node, 'BasicOCSPResponse', fields => {
    const { body, tbs, signatureAlgorithm, signature } = readSigned(fields)
    const certificates = fields.explicit(0)
    return {
      bytes: node.bytes,
      tbs,
      signatureAlgorithm,
      signature,
      ...readFields(body, 'ResponseData', readResponseData),
      certificates: certificates === undefined ? [] : readSequence(certificates).map(child => child.bytes),
    }
  })
}

function readResponseData(fields: Fields): Omit<BasicOcspResponse, keyof Signed | 'bytes' | 'certificates'> {
  const version = fields.explicit(0)
  if (version !== undefined) refuseVersion(version)
  const responderId = readResponderId(fields)
  const producedAt = readGeneralizedTime(fields.take('producedAt'))
  const responses = readSequence(fields.take('responses')).map(readSingleResponse)
  const extensions = readExtensions(fields.explicit(1))
  return { responderId, producedAt, responses, nonce: readNonce(extensions), extensions }
}

function readResponderId(fields: Fields): ResponderId {
  const name = fields.explicit(1)
  if (name !== undefined) return { kind: 'name', name: name.bytes }
  const keyHash = fields.explicit(2)
  if (keyHash === undefined) throw new DerError('missing-field', 'ResponseData.responderID')
  return { kind: 'key-hash', keyHash: readOctetString(keyHash) }
}

function readSingleResponse(node: DerNode): BasicOcspResponse['responses'][number] {
  return readFields(node, 'SingleResponse', fields => {
    const certId = readCertId(fields.take('certID'))
    const status = readStatus(fields.take('certStatus'))
    const thisUpdate = readGeneralizedTime(fields.take('thisUpdate'))
    const nextUpdate = fields.explicit(0)
    return {
      certId,
      status,
      thisUpdate,
      nextUpdate: nextUpdate === undefined ? undefined : readGeneralizedTime(nextUpdate),
      extensions: readExtensions(fields.explicit(1)),
    }
  })
}

function readStatus(node: DerNode): CertificateStatus {
  const read = STATUSES[node.tag]
  if (read === undefined) throw new DerError('unexpected-tag', 'certStatus')
  return read(node)
}

const STATUSES: Readonly<Record<number, (node: DerNode) => CertificateStatus>> = {
  [contextPrimitive(0)]: node => withoutContent(node, 'good'),
  [contextPrimitive(2)]: node => withoutContent(node, 'unknown'),
  [contextConstructed(1)]: readRevoked,
}

function withoutContent(node: DerNode, kind: 'good' | 'unknown'): CertificateStatus {
  readNull(node.as(TAG.null))
  return { kind }
}

function readRevoked(node: DerNode): CertificateStatus {
  return readFields(node.as(TAG.sequence), 'RevokedInfo', fields => {
    const revokedAt = readGeneralizedTime(fields.take('revocationTime'))
    const reason = fields.explicit(0)
    return { kind: 'revoked', revokedAt, reason: reason === undefined ? undefined : readReason(reason) }
  })
}
