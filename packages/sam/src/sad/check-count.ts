/** As many signatures as items, and no more than the class allows (threats T-SAD-22). */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkCount: ApprovalCheck = ({ statement, credential }) => {
  const { numSignatures, items } = statement
  if (numSignatures !== items.length) throw refuse('count-mismatch')
  if (numSignatures > credential.maxSignatures) throw refuse('multisign-exceeded')
}
