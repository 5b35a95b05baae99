/**
 * Where the authorities answer over HTTP, as they say it themselves over the channel that proves who they are; asked again
 * after a while.
 */
import type { Clock } from '../clock.ts'
import type { Authorities } from '../signers/authorities.ts'
import type { AuthorityAddresses } from './task.ts'

export interface AuthorityDirectory {
  /** @throws Refusal `peer-unavailable` */
  addresses(): Promise<AuthorityAddresses>
}

const KEPT_MILLISECONDS = 60_000

/** @param ownHosts of the configuration: further servers inside the network that may be asked */
export function createAuthorityDirectory(
  authorities: Pick<Authorities, 'call'>,
  { clock, ownHosts }: { readonly clock: Clock; readonly ownHosts: readonly string[] },
): AuthorityDirectory {
  let kept: { readonly answer: Promise<AuthorityAddresses>; readonly until: number } | undefined
  const ask = async (): Promise<AuthorityAddresses> => {
    const { root, timeStamping, timeStampUrl, crlUrl, ocspUrl } = await authorities.call('info', {})
    const theirs = [timeStampUrl, crlUrl, ocspUrl].map(url => new URL(url).host)
    return { root, timeStamping, timeStampUrl, ownHosts: [...theirs, ...ownHosts] }
  }
  return {
    addresses() {
      const now = clock().getTime()
      if (kept !== undefined && now < kept.until) return kept.answer
      const answer = ask()
      kept = { answer, until: now + KEPT_MILLISECONDS }
      answer.catch(() => {
        kept = undefined
      })
      return answer
    },
  }
}
