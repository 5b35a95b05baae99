/**
 * Tokens for software that logs in with an application password (CSC API v2.0.0.2, 11.2): scope `service`, of the one client
 * that such software acts through. They are tokens like all others, and hang on a grant that ends with the password.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type Provider from 'oidc-provider'
import { errors, type RefreshToken } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { ApplicationPasswords } from '../signers/application-passwords.ts'
import { resourceOf, SERVICE_TOKEN_SECONDS } from './provider.ts'

const SCOPE = 'service'
/** Tells these tokens from others. */
const KIND = 'log-in'
/** From the log-in on, however often it is refreshed. */
const REMEMBERED_SECONDS = 30 * 86_400

export interface LoggedIn {
  readonly accessToken: string
  /** When it was asked for. */
  readonly refreshToken: string | undefined
  readonly expiresIn: number
}

export interface GivenLogIn {
  readonly user: string
  readonly password: string
  /** Whether a refresh token is wanted. */
  readonly remember: boolean
}

export interface LogInTokens {
  /** @throws Refusal `log-in-refused` */
  logIn(given: GivenLogIn): Promise<LoggedIn>
  /**
   * With another refresh token in the place of this one, if one is wanted; else this one stays good.
   * @throws Refusal `refresh-token-invalid`
   */
  refresh(refreshToken: string, remember: boolean): Promise<LoggedIn>
}

export interface LogInTokenParts {
  readonly publicUrl: string
  readonly clientId: string
  readonly passwords: ApplicationPasswords
  readonly clock: Clock
}

export function createLogInTokens(provider: Provider, parts: LogInTokenParts): LogInTokens {
  const { clientId, passwords, clock } = parts
  return {
    async logIn({ user, password, remember }) {
      const known = await passwords.check(user, password)
      const grant = new provider.Grant({ accountId: known.signer_id, clientId })
      const lifetime = remember ? REMEMBERED_SECONDS : SERVICE_TOKEN_SECONDS
      grant.exp = epochSeconds(clock()) + lifetime
      grant.addOIDCScope(SCOPE)
      const grantId = await grant.save()
      await passwords.opened(known, grantId, grant.exp)
      return issue(provider, parts, { signerId: known.signer_id, grantId, endsAt: grant.exp, remember })
    },
    async refresh(refreshToken, remember) {
      const token = ours(await provider.RefreshToken.find(refreshToken), clientId)
      const { grantId, accountId: signerId, exp: endsAt } = token
      // It may have been revoked, or its password removed.
      if ((await provider.Grant.find(grantId)) === undefined) throw new Refusal('refresh-token-invalid')
      // Also one that was used up: then two have it, and whoever came second ends what came of the first.
      if (remember || !token.isValid) await consume(token)
      return issue(provider, parts, { signerId, grantId, endsAt, remember })
    },
  }
}

type OurToken = RefreshToken & { readonly grantId: string; readonly accountId: string; readonly exp: number }

/** @throws Refusal `refresh-token-invalid` */
function ours(token: RefreshToken | undefined, clientId: string): OurToken {
  const isOurs = token?.gty === KIND && token.clientId === clientId && !token.isExpired
  const { grantId, accountId, exp } = token ?? {}
  if (!isOurs || grantId === undefined || accountId === undefined || exp === undefined) {
    throw new Refusal('refresh-token-invalid')
  }
  return token as OurToken // each of them was looked at just above
}

/** @throws Refusal `refresh-token-invalid` when it was consumed */
async function consume(token: RefreshToken): Promise<void> {
  try {
    await token.consume()
  } catch (cause) {
    if (cause instanceof errors.InvalidGrant) throw new Refusal('refresh-token-invalid', {}, { cause })
    throw cause
  }
}

interface ToIssue {
  readonly signerId: string
  readonly grantId: string
  /** Seconds: when the grant does. */
  readonly endsAt: number
  readonly remember: boolean
}

async function issue(
  provider: Provider,
  { publicUrl, clientId, clock }: LogInTokenParts,
  { signerId: accountId, grantId, endsAt, remember }: ToIssue,
): Promise<LoggedIn> {
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Refusal('log-in-refused')
  const left = Math.max(1, endsAt - epochSeconds(clock()))
  const expiresIn = Math.min(SERVICE_TOKEN_SECONDS, left)
  const common = { accountId, client, grantId, gty: KIND, scope: SCOPE }
  const token = new provider.AccessToken({ ...common, expiresIn })
  token.setAudience(resourceOf(publicUrl))
  const refreshToken = remember
    ? await new provider.RefreshToken({ ...common, expiresIn: left }).save()
    : undefined
  return { accessToken: await token.save(), refreshToken, expiresIn }
}
