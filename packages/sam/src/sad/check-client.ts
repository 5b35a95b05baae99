/** A SAD serves the client it was approved for, and no other (threats T-SAD-14). */
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'

export const checkClient: UseCheck = ({ sad, request }) => {
  if (request.clientId !== sad.terms.clientId) throw refuse('sad-other-client')
}
