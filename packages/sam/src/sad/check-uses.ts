/** Uses are left for all of it, or nothing is signed (threats T-SAD-03, T-SAD-04). */
import { refuse } from '../refuse.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkUses: ExtensionCheck = ({ sad, request }) => {
  if (sad.remaining === 0) throw refuse('sad-spent')
  if (request.dtbsrs.length > sad.remaining) throw refuse('multisign-exceeded')
}
