export {
  type AmendmentEvidence,
  type ApprovalEvidence,
  type ApprovedStatement,
  amendment,
  approvedStatement,
  type Evidence,
  evidence,
  type IncludedLeaf,
  includedLeaf,
} from './evidence.ts'
export { type MadeRepresentation, madeRepresentation } from './made-representation.ts'
