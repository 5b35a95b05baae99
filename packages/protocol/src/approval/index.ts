export { type Assertion, assertion, type Registration, registration } from './assertion.ts'
export {
  type AddAuthenticatorStatement,
  addAuthenticatorStatement,
  authenticatorLabel,
  type RemoveAuthenticatorStatement,
  registrationBytes,
  removeAuthenticatorStatement,
} from './authenticator-statement.ts'
export { type Box, box, boxInfo, boxPoint, closeBox } from './box.ts'
export { type ClientKey, clientKey, type KnownClient, knownClient } from './client.ts'
export { enrolmentMessage } from './enrolment.ts'
export { finishJws, jwsSigningInput, peekJws, type SamStatementType, verifyJws } from './jws.ts'
export {
  type ApprovalKind,
  approvalKind,
  approvalKinds,
  type DocumentHashType,
  documentHashType,
  type HashType,
  hashType,
  type ItemBasis,
  isByProvider,
  itemBases,
  itemBasis,
} from './kinds.ts'
export { type Means, type MeansName, means, meansFor, type SealKey } from './means.ts'
export { digestName, identifier, keyTypeName, signatureName } from './names.ts'
export { personStatement } from './person.ts'
export {
  mailAddress,
  oneTimeCode,
  type PinAndAddress,
  type PinAndSecret,
  pin,
  pinAndAddress,
  pinAndSecret,
} from './pin.ts'
export {
  type KeptProof,
  type KeptProofOf,
  keptProof,
  type Proof,
  type ProofKind,
  type ProofOf,
  proof,
} from './proof.ts'
export { type ProofingRecord, proofingLevel, proofingRecord } from './proofing.ts'
export {
  type Assurance,
  type GivenCode,
  givenCode,
  type IdentityProvider,
  identityProvider,
  idTokenAlgorithm,
  idTokenText,
  PROVIDER_CALLBACK,
  type ProviderAccount,
  type ProviderKey,
  providerAccount,
} from './provider.ts'
export { finishSeal, sealInput, sealSignature, sealText } from './seal.ts'
export {
  type ApprovalItem,
  type ApproveStatement,
  approveStatement,
  type DocumentItem,
  type EnrolmentGrant,
  type EnrolStatement,
  enrolmentGrant,
  enrolStatement,
  type GrantStatement,
  grantStatement,
  isDocumentItem,
  type RepresentationItem,
  requestObjectText,
  type SeenItem,
} from './statement.ts'
export { madeVisible, type SubjectAttributes, subjectAttributes, visibleText } from './subject.ts'
export {
  type AddAuthenticatorTicket,
  type AdministerTicket,
  type ApproveTicket,
  addAuthenticatorTicket,
  administerTicket,
  approveTicket,
  authenticatorId,
  type EnrolTicket,
  enrolTicket,
  type GrantTicket,
  grantTicket,
  type RemoveAuthenticatorTicket,
  removeAuthenticatorTicket,
  type Ticket,
  type TicketPurpose,
  ticket,
  ticketText,
} from './ticket.ts'
export { toWire, type Wire } from './wire.ts'
