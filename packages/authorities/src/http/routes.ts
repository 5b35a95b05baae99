/** What the public door serves: certificates, CRLs, OCSP, time-stamps, and whether all is well. */
import { fromBase64 } from '@natsuin/pki/encoding'
import { publicPaths } from '../ca/addresses.ts'
import { type Answer, HttpRefusal, MAX_BODY_BYTES, type Route } from './public-server.ts'

export interface PublicServices {
  /** DER. */
  readonly root: Uint8Array
  /** DER. */
  readonly issuing: Uint8Array
  /** The newest CRL, DER. */
  readonly rootCrl: () => Uint8Array
  readonly issuingCrl: () => Uint8Array
  /** DER OCSPRequest in, DER OCSPResponse out. */
  readonly ocsp: (request: Uint8Array) => Promise<Uint8Array>
  /** DER TimeStampReq in, DER TimeStampResp out. */
  readonly timeStamp: (request: Uint8Array) => Promise<Uint8Array>
  /** What keeps the service from doing its work at present; empty when nothing does. */
  readonly problems: () => readonly string[]
}

/** Media types: RFC 2585, 4 (certificates and CRLs); RFC 6960, appendix A; RFC 3161, 3.4. */
export function publicRoutes(services: PublicServices): readonly Route[] {
  const { root, issuing, rootCrl, issuingCrl, ocsp, timeStamp, problems } = services
  const answerOcsp = async (request: Uint8Array) => der('application/ocsp-response', await ocsp(request))
  return [
    { path: publicPaths.rootCertificate, get: async () => certificate(root) },
    { path: publicPaths.issuingCertificate, get: async () => certificate(issuing) },
    { path: publicPaths.rootCrl, get: async () => der('application/pkix-crl', rootCrl()) },
    { path: publicPaths.issuingCrl, get: async () => der('application/pkix-crl', issuingCrl()) },
    { path: publicPaths.ocsp, post: { contentType: 'application/ocsp-request', handle: answerOcsp } },
    { path: `${publicPaths.ocsp}/`, get: async rest => answerOcsp(fromOcspPath(rest)) },
    {
      path: publicPaths.timeStamp,
      post: {
        contentType: 'application/timestamp-query',
        handle: async request => der('application/timestamp-reply', await timeStamp(request)),
      },
    },
    { path: '/healthz', get: async () => health(problems()) },
  ]
}

// A certificate never changes. Status and time are of now: no cache may keep them past a revocation.
const certificate = (bytes: Uint8Array): Answer => ({
  contentType: 'application/pkix-cert',
  body: bytes,
  cache: 'public, max-age=86400',
})

const der = (contentType: string, body: Uint8Array): Answer => ({ contentType, body })

function health(problems: readonly string[]): Answer {
  const status = problems.length === 0 ? 'ok' : 'failing'
  return {
    status: problems.length === 0 ? 200 : 503,
    contentType: 'application/json',
    body: `${JSON.stringify({ status, problems })}\n`,
  }
}

/** RFC 6960, appendix A.1: the base64 of the request, URL-encoded; slashes in it are often left as they are. */
function fromOcspPath(path: string): Uint8Array {
  if (path.length > MAX_BODY_BYTES) throw new HttpRefusal(413, 'the request is too long')
  const request = fromBase64(decode(path))
  if (request === undefined) throw new HttpRefusal(400, 'the path is not the base64 of an OCSP request')
  return request
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new HttpRefusal(400, 'the path is not URL-encoded')
  }
}
