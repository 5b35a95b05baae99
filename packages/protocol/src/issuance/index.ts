export { type KeyAttestation, keyAttestation } from './key-attestation.ts'
export {
  type IssuanceMethods,
  type IssuanceRefusal,
  issuanceMethods,
  issuanceRefusals,
  type RevocationReason,
  revocationReason,
} from './methods.ts'
export { subjectName } from './subject-name.ts'
