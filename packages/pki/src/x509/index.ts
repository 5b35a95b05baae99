export {
  type AlgorithmIdentifier,
  digestAlgorithmIdentifier,
  readAlgorithmIdentifier,
  readDigestAlgorithm,
  readSignatureAlgorithm,
  signatureAlgorithmIdentifier,
} from './algorithm-identifier.ts'
export {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  buildTbsCertificate,
  type CertificateProfile,
  certificatePolicies,
  crlDistributionPoints,
  extension,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  ocspNoCheck,
  privateKeyUsagePeriod,
  qcStatements,
  subjectKeyIdentifier,
} from './build.ts'
export { type Certificate, parseCertificate, readableCertificates, readCertificate } from './certificate.ts'
export { buildCertificationRequestInfo } from './certification-request.ts'
export {
  type BasicConstraints,
  type CertificateExtensions,
  type Extension,
  KEY_USAGES,
  type KeyUsage,
} from './extensions.ts'
export { buildName, InvalidName, type Name, type NameAttribute, readName } from './name.ts'
export { fromPem, toPem } from './pem.ts'
export { pssParameters, pssWithParameters } from './pss-parameters.ts'
export { isAcceptableKey, type PublicKey, readPublicKey, subjectPublicKeyBits } from './public-key.ts'
export { assembleSigned, type Signed, verifySigned } from './signed.ts'
