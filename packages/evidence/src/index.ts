export type { DocumentSignature, EvidenceQuestion } from './question.ts'
export type { EvidenceFacts, EvidenceReason, EvidenceVerdict } from './verdict.ts'
export { verifyEvidence } from './verify.ts'
