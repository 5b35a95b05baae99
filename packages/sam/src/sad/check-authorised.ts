/** Every digest was approved, as what it is asked for, as often as it is asked for (threats T-SAD-05, T-SAD-06). */
import { refuse } from '../refuse.ts'
import { digestKey, typedDigest } from './digest-key.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkAuthorised: ExtensionCheck = ({ sad, request }) => {
  const asked = new Map<string, number>()
  for (const one of request.dtbsrs) {
    const key = digestKey(typedDigest(one))
    const times = (asked.get(key) ?? 0) + 1
    asked.set(key, times)
    if (times > sad.left(one)) throw refuse('dtbsr-not-authorised')
  }
}
