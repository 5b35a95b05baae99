/**
 * Whether an ID token says that somebody just logged in to approve exactly this (sole-control 7): OpenID Connect Core
 * 1.0, 3.1.3.7, and what makes of a log-in an approval.
 *
 * Its nonce is the digest of what was approved, so it is good for nothing else and only as often as that can be
 * approved; its `auth_time` is after the ticket, so that no log-in from before, and none that asked nobody, is one.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import type { Assurance, IdentityProvider, Level } from '@natsuin/protocol/genesis'
import type { IdToken } from '@natsuin/protocol/provider'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'

export interface ExpectedLogIn {
  readonly provider: IdentityProvider
  /** SHA-256 of the statement that is approved. */
  readonly challenge: Uint8Array
  /** Of the credential. */
  readonly level: Level
  /** Of the ticket, by the SAM's clock. Seconds. */
  readonly issuedAt: number
  readonly now: number
}

/** How far the provider's clock may be ahead. It gets no such allowance for the past: people need longer to log in. */
const AHEAD_SECONDS = 60

interface IdTokenRule {
  readonly code: SapRefusal
  readonly holds: (token: IdToken, expected: ExpectedLogIn) => boolean
}

const RULES: readonly IdTokenRule[] = [
  { code: 'id-token-invalid', holds: ({ iss }, { provider }) => iss === provider.issuer },
  // For us alone: what is for others too, others may have got.
  {
    code: 'id-token-invalid',
    holds: ({ aud, azp }, { provider: { clientId } }) =>
      aud.length === 1 && aud[0] === clientId && (azp === undefined || azp === clientId),
  },
  { code: 'id-token-invalid', holds: ({ nonce }, { challenge }) => nonce === toBase64url(challenge) },
  {
    code: 'id-token-invalid',
    holds: ({ exp, iat }, { now, issuedAt }) => now < exp && iat >= issuedAt && iat <= now + AHEAD_SECONDS,
  },
  {
    code: 'log-in-stale',
    holds: ({ auth_time: at }, { issuedAt, now }) =>
      // Providers tell whole seconds: a log-in in the ticket's own may have come before it.
      at !== undefined && at > issuedAt && at <= now + AHEAD_SECONDS,
  },
  {
    code: 'log-in-insufficient',
    holds: (token, { provider, level }) =>
      isEnough(
        token,
        provider.assurances.find(one => one.level === level),
      ),
  },
]

/** @throws Refusal `id-token-invalid`, `log-in-stale`, `log-in-insufficient` */
export function checkIdToken(token: IdToken, expected: ExpectedLogIn): void {
  const broken = RULES.find(({ holds }) => !holds(token, expected))
  if (broken !== undefined) throw refuse(broken.code)
}

function isEnough({ acr, amr = [] }: IdToken, assurance: Assurance | undefined): boolean {
  if (assurance === undefined) return false
  const { acrs, amrs = [] } = assurance
  return (
    (acrs === undefined || (acr !== undefined && acrs.includes(acr))) && amrs.every(one => amr.includes(one))
  )
}
