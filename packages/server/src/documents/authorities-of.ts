/** What a signature beyond B-B asks of the world, by the addresses that a task brings. */
import { guardedExchange, nodePlatform } from '@natsuin/ades/node'
import { crlBy, firstOf, ocspBy, remembered, withinBudget } from '@natsuin/ades/revocation'
import { timeStampBy, timeStampExchange } from '@natsuin/ades/time-stamping'
import type { RevocationSource } from '@natsuin/ades/validation-data'
import type { Clock } from '../clock.ts'
import type { AuthorityAddresses, DocumentTask } from './task.ts'

/** Which requests one signature may cause (threats.md, T-SSRF-05). */
function exchangeOf({ ownHosts }: AuthorityAddresses) {
  return withinBudget(guardedExchange({ ownHosts }))
}

/** For `complete` at B-T: nothing at B-B. */
export function stamping({ level, authorities }: DocumentTask) {
  const platform = nodePlatform
  if (level === 'B-B') return { platform }
  const exchange = timeStampExchange(authorities.timeStampUrl, exchangeOf(authorities))
  return { platform, timeStamp: timeStampBy({ platform, exchange }) }
}

/** For what lasts: where paths end, and what says whether a certificate is revoked. */
export function lasting({ authorities }: DocumentTask, clock: Clock) {
  const exchange = exchangeOf(authorities)
  const revocation: RevocationSource = remembered(firstOf(ocspBy(exchange), crlBy(exchange)), {
    platform: nodePlatform,
  })
  return { at: clock(), trustAnchors: [authorities.root], revocation }
}

/** The level, where it is one that lasts. */
export function lastingLevel({ level }: DocumentTask): 'B-LT' | 'B-LTA' | undefined {
  return level === 'B-LT' || level === 'B-LTA' ? level : undefined
}
