/**
 * The module takes requests: it does not rest after failures, and not too many wait for it (threats T-P11-06 and 07). What
 * is refused here is not used up, and may be asked for again.
 */
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'

export const checkModule: UseCheck = ({ sam }) => {
  if (!sam.module.health.accepts) throw refuse('module-unavailable', { accepts: false })
}
