export { buildTbsCertList, type CrlProfile, type RevokedCertificate } from './build.ts'
export {
  CRL_REASONS,
  type Crl,
  type CrlEntry,
  type CrlReason,
  findEntry,
  MAX_CRL_BYTES,
  MAX_CRL_ENTRIES,
  parseCrl,
} from './parse.ts'
export {
  type CrlProblem,
  type CrlVerdict,
  type RevocationStatus,
  revocationStatus,
  verifyCrl,
} from './verify.ts'
