/** At level 3 nothing is approved unseen (sole-control 4, step 3). */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkBasis: ApprovalCheck = ({ statement, credential }) => {
  const unseen = statement.items.some(({ basis }) => basis === 'unseen')
  if (credential.level === 3 && unseen) throw refuse('level-refuses-unseen')
}
