export type { EvidenceFacts, EvidenceReason, EvidenceVerdict } from './verdict.ts'
export { type DocumentSignature, type EvidenceQuestion, verifyEvidence } from './verify.ts'
