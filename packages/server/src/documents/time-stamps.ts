/** Time-stamps over digests that clients bring: RFC 3161 through the authorities, answered only when it is what was asked for. */
import { guardedExchange, nodePlatform as platform } from '@natsuin/ades/node'
import { timeStampExchange } from '@natsuin/ades/time-stamping'
import { AdesRefusal } from '@natsuin/ades/validation-data'
import { buildTimeStampRequest, type TimeStampRequestParts, verifyTimeStampResponse } from '@natsuin/pki/tsp'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ServerRefusal } from '../signing/refusals.ts'
import type { AuthorityDirectory } from './authority-directory.ts'

export interface TimeStamps {
  /** DER TimeStampToken. @throws Refusal `time-stamp-unavailable` */
  over(asked: Omit<TimeStampRequestParts, 'certReq'>): Promise<Uint8Array>
}

export function createTimeStamps(authorities: AuthorityDirectory): TimeStamps {
  return {
    async over(asked) {
      const { timeStampUrl, ownHosts } = await authorities.addresses()
      const request = buildTimeStampRequest({ ...asked, certReq: true })
      const exchange = timeStampExchange(timeStampUrl, guardedExchange({ ownHosts }))
      const response = await exchange(request).catch(away)
      const verdict = await verifyTimeStampResponse(response, request, platform)
      if (!verdict.valid) throw unavailable({ problem: verdict.problem })
      if (verdict.token === undefined) throw unavailable({ problem: 'no token' })
      return verdict.token
    },
  }
}

function away(error: unknown): never {
  if (error instanceof AdesRefusal) throw unavailable({ problem: error.code })
  throw error
}

const unavailable = (evidence: Readonly<Record<string, string>>) =>
  new Refusal<ServerRefusal>('time-stamp-unavailable', evidence)
