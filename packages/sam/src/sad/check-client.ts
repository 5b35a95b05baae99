/** A SAD serves the client it was approved for, while that is in the roster, and no other (threats T-SAD-14). */
import { refuse } from '../refuse.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkClient: ExtensionCheck = ({ sam, sad, request }) => {
  if (request.clientId !== sad.terms.clientId) throw refuse('sad-other-client')
  if (!sam.rosters.isClient(request.clientId)) throw refuse('client-unknown')
}
