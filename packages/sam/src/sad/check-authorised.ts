/** Every representation was approved, as often as it is asked for (threats T-SAD-05, T-SAD-06). */
import { refuse } from '../refuse.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkAuthorised: ExtensionCheck = ({ sad, request }) => {
  const asked = new Map<string, number>()
  for (const dtbsr of request.dtbsrs) {
    const key = dtbsr.join()
    const times = (asked.get(key) ?? 0) + 1
    asked.set(key, times)
    if (times > sad.left(dtbsr)) throw refuse('dtbsr-not-authorised')
  }
}
