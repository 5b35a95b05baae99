/** OCSP requests (RFC 6960, 4.1), with the nonce of RFC 9654. */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOctetString, readSequence, readSmallInteger } from '../asn1/read.ts'
import { type Der, explicit, octetString, sequence } from '../asn1/write.ts'
import { extension } from '../x509/build.ts'
import { type Extension, findExtension, readExtensions } from '../x509/extensions.ts'
import { type CertId, readCertId } from './cert-id.ts'

export interface OcspRequest {
  readonly certIds: readonly CertId[]
  /** 1 to 128 octets. */
  readonly nonce: Uint8Array | undefined
  /** Dotted OIDs of critical extensions that we do not understand: answer malformedRequest. */
  readonly unknownCritical: readonly string[]
}

/** RFC 9654, 2.1: responders accept up to 128 octets. */
const MAX_NONCE_BYTES = 128
/** One request asks about a chain, not about a database. */
const MAX_CERT_IDS = 100

/**
 * DER OCSPRequest, unsigned.
 *
 * @param nonce  32 octets from a random source of the caller (RFC 9654, 2.1), or none
 */
export function buildOcspRequest(certIds: readonly CertId[], nonce?: Uint8Array): Der {
  const requests = sequence(...certIds.map(certId => sequence(certId.bytes)))
  const extensions = nonce === undefined ? undefined : explicit(2, sequence(nonceExtension(nonce)))
  return sequence(sequence(requests, extensions))
}

/** The nonce as an extension, for requests and responses; not critical. */
export function nonceExtension(nonce: Uint8Array): Der {
  return extension(OID.ocspNonce, false, octetString(nonce))
}

/**
 * A signature on the request is not looked at (RFC 6960, 4.1.2).
 *
 * @throws DerError for what a responder answers with malformedRequest: also an empty list, more than 100
 *   certificates, and a nonce of 0 or more than 128 octets (RFC 9654, 2.1)
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  return readFields(parseDer(der), 'OCSPRequest', fields => {
    const request = readTbsRequest(fields.take('tbsRequest'))
    fields.explicit(0)
    return request
  })
}

function readTbsRequest(node: DerNode): OcspRequest {
  return readFields(node, 'TBSRequest', fields => {
    const version = fields.explicit(0)
    if (version !== undefined) refuseVersion(version)
    fields.explicit(1)
    const requests = readSequence(fields.take('requestList')).map(readRequest)
    if (requests.length === 0 || requests.length > MAX_CERT_IDS) {
      throw new DerError('value-not-allowed', 'requestList')
    }
    const extensions = readExtensions(fields.explicit(2))
    return {
      certIds: requests.map(({ certId }) => certId),
      nonce: readNonce(extensions),
      unknownCritical: [...extensions, ...requests.flatMap(request => request.extensions)]
        .filter(({ oid, critical }) => critical && oid !== OID.ocspNonce)
        .map(({ oid }) => oid),
    }
  })
}

/** Version 1 is the only one, and the default, so it is never written. */
export function refuseVersion(node: DerNode): never {
  const isDefault = readSmallInteger(node) === 0
  throw new DerError(isDefault ? 'default-encoded' : 'value-not-allowed', 'version')
}

function readRequest(node: DerNode): { readonly certId: CertId; readonly extensions: readonly Extension[] } {
  return readFields(node, 'Request', fields => ({
    certId: readCertId(fields.take('reqCert')),
    extensions: readExtensions(fields.explicit(0)),
  }))
}

export function readNonce(extensions: readonly Extension[]): Uint8Array | undefined {
  const nonce = findExtension(extensions, OID.ocspNonce, readOctetString)
  if (nonce !== undefined && (nonce.length === 0 || nonce.length > MAX_NONCE_BYTES)) {
    throw new DerError('value-not-allowed', 'nonce')
  }
  return nonce
}
