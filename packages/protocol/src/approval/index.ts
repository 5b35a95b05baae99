export { type Assertion, assertion, type Registration, registration } from './assertion.ts'
export { enrolmentMessage } from './enrolment.ts'
export { finishJws, jwsSigningInput, peekJws, type SamStatementType, verifyJws } from './jws.ts'
export {
  type ApprovalKind,
  approvalKind,
  approvalKinds,
  type ItemBasis,
  itemBases,
  itemBasis,
} from './kinds.ts'
export { digestName, keyTypeName, signatureName } from './names.ts'
export { personStatement } from './person.ts'
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
  type ApprovalItem,
  type ApproveStatement,
  approveStatement,
  type EnrolmentGrant,
  type EnrolStatement,
  enrolmentGrant,
  enrolStatement,
  type GrantStatement,
  grantStatement,
  type SeenItem,
} from './statement.ts'
export { type SubjectAttributes, subjectAttributes, visibleText } from './subject.ts'
export {
  type ApproveTicket,
  approveTicket,
  type EnrolTicket,
  enrolTicket,
  type GrantTicket,
  grantTicket,
  identifier,
  type Ticket,
  type TicketPurpose,
  ticket,
  ticketText,
} from './ticket.ts'
export { toWire, type Wire } from './wire.ts'
