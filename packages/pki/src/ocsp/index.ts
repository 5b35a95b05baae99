export {
  buildCertId,
  type CertId,
  type IssuerHashes,
  isIssuer,
  isSameCertId,
  issuerHashesOf,
} from './cert-id.ts'
export { type Asked, certIdAsIn, commonCertId } from './cert-id-as-in.ts'
export { buildOcspRequest, type OcspRequest, parseOcspRequest } from './request.ts'
export {
  assembleOcspResponse,
  type BasicOcspResponse,
  buildOcspFailure,
  buildTbsOcspResponse,
  type CertificateStatus,
  OCSP_FAILURES,
  type OcspFailure,
  type OcspResponse,
  type OcspResponseParts,
  parseOcspResponse,
  type ResponderId,
  type SingleResponse,
} from './response.ts'
export { type OcspProblem, type OcspQuestion, type OcspVerdict, verifyOcspResponse } from './verify.ts'
