/** The key is none of those that the module signed wrongly with (threats T-P11-09). Nothing is spent by asking. */
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'

export const checkSound: UseCheck = ({ sam, sad }) => {
  if (sam.quarantine.holds(sad.terms.credentialId)) throw refuse('module-unavailable', { quarantined: true })
}
