/** Every item was approved on a basis that the credential's class accepts (sole-control 4, step 3). */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkBasis: ApprovalCheck = ({ statement, credential }) => {
  if (!statement.items.every(({ basis }) => credential.bases.includes(basis))) throw refuse('basis-refused')
}
