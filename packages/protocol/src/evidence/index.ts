export {
  type ApprovalEvidence,
  type ApprovedStatement,
  approvedStatement,
  type Evidence,
  evidence,
  type IncludedLeaf,
  includedLeaf,
} from './evidence.ts'
