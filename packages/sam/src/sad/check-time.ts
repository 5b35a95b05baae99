/** The SAD has not expired by the SAM's clock, which is to be trusted (threats T-SAD-15, T-SAD-16). */
import { refuse } from '../refuse.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkTime: ExtensionCheck = ({ sam, sad }) => {
  sam.time.checkTrusted(sad.terms.key.level)
  if (sam.time.seconds() >= sad.terms.expiresAt) throw refuse('sad-expired')
}
