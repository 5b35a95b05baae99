/**
 * Log-in at an identity provider: from our page to the provider and back, in one browser, once.
 *
 * Who came back is found by issuer and subject alone, and only if the SAM sealed them for a signer when he enrolled: neither
 * an e-mail address nor a name, nor anything else that a provider says now, opens an account (threats T-IDP-05).
 */
import { createHmac } from 'node:crypto'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createBearer } from '../signing/bearer.ts'
import type { ServerRefusal } from '../signing/refusals.ts'
import type { DelegatedLogInRecord, DelegatedLogInRepository } from '../storage/delegated-log-ins.ts'
import type { LogInLinkRepository } from '../storage/log-in-links.ts'
import type { LogInProviders, LogInSecrets } from './log-in-providers.ts'

const LIFETIME_SECONDS = 600

export interface BegunLogIn {
  /** At the provider. */
  readonly address: string
  /** What the browser keeps, to be known again. */
  readonly browser: string
}

export interface DelegatedLogIns {
  readonly offered: LogInProviders['offered']
  /** @param uid the interaction that waits for it @throws Refusal of `LogInProviders` */
  begin(uid: string, providerId: string): Promise<BegunLogIn>
  /** @param answer the address that the browser came back to @throws Refusal `log-in-unknown` */
  cameBack(providerId: string, answer: URL, browser: string): Promise<DelegatedLogInRecord>
  /** The signer. @throws Refusal `log-in-unlinked` and those of `LogInProviders` */
  signerOf(logIn: DelegatedLogInRecord, answer: URL): Promise<string>
}

export interface DelegatedLogInParts {
  readonly providers: LogInProviders
  readonly delegatedLogIns: DelegatedLogInRepository
  readonly logInLinks: LogInLinkRepository
  /** 32 bytes; what belongs to a log-in is made of it, and not stored. */
  readonly logInKey: Uint8Array
  readonly clock: Clock
}

export function createDelegatedLogIns(parts: DelegatedLogInParts): DelegatedLogIns {
  const { providers, delegatedLogIns, logInLinks, logInKey, clock } = parts
  return {
    offered: providers.offered,
    async begin(uid, providerId) {
      const [state, browser] = [createBearer(), createBearer()]
      const address = await providers.address(providerId, secretsOf(state, logInKey))
      await delegatedLogIns.begin({
        state_digest: bearerDigest(state),
        browser_digest: bearerDigest(browser),
        uid,
        provider_id: providerId,
        expires_at: epochSeconds(clock()) + LIFETIME_SECONDS,
      })
      return { address, browser }
    },
    async cameBack(providerId, answer, browser) {
      const digests = [stateIn(answer), browser].map(bearerDigest)
      const [state = '', own = ''] = digests
      const logIn = await delegatedLogIns.take(state, own, epochSeconds(clock()))
      if (logIn === undefined || logIn.provider_id !== providerId) {
        throw new Refusal<ServerRefusal>('log-in-unknown')
      }
      return logIn
    },
    async signerOf({ provider_id: providerId }, answer) {
      const secrets = secretsOf(stateIn(answer), logInKey)
      const { issuer, subject } = await providers.person(providerId, answer, secrets)
      const link = await logInLinks.find(issuer, subject)
      if (link === undefined) throw new Refusal<ServerRefusal>('log-in-unlinked')
      return link.signer_id
    },
  }
}

const stateIn = ({ searchParams }: URL): string => searchParams.get('state') ?? ''

/** Whoever reads the table of log-ins finds none of these in it, nor can he make them of a state. */
function secretsOf(state: string, key: Uint8Array): LogInSecrets {
  const derived = (what: string) => createHmac('sha256', key).update(`${what} ${state}`).digest('base64url')
  return { state, nonce: derived('nonce'), codeVerifier: derived('verifier') }
}
