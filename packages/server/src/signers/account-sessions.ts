/**
 * Who is logged in on the account page: a bearer token that lives for minutes, and a new one at each log-in.
 *
 * It opens the list of a signer's authenticators and asks the SAM for tickets. It changes nothing: that takes an answer of
 * one of the authenticators (sole-control 6), so that a stolen session is worth a look and no more (threats T-WA-13). What outlives it takes the log-in passkey once more.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createBearer, createHandle } from '../signing/bearer.ts'
import type { AccountSessionRepository } from '../storage/account-sessions.ts'
import type { LogInPasskeys } from './log-in-passkeys.ts'

const SESSION_SECONDS = 600

export interface AccountSessions {
  /** A log-in that nobody waits for but the page itself. */
  begin(): Promise<{ readonly logInId: string; readonly options: PublicKeyCredentialRequestOptionsJSON }>
  /** The token. @throws Refusal log-in-unknown, passkey-invalid */
  logIn(logInId: string, answer: AuthenticationResponseJSON): Promise<string>
  /** The signer. @throws Refusal account-session-over */
  signerOf(token: string): Promise<string>
  /** The signer, who has just shown his log-in passkey again. @throws Refusal account-session-over, log-in-unknown, passkey-invalid */
  confirm(token: string, logInId: string, answer: AuthenticationResponseJSON): Promise<string>
  logOut(token: string): Promise<void>
}

export interface AccountSessionParts {
  readonly passkeys: LogInPasskeys
  readonly accountSessions: AccountSessionRepository
  readonly clock: Clock
}

export function createAccountSessions({
  passkeys,
  accountSessions,
  clock,
}: AccountSessionParts): AccountSessions {
  const signerOf = async (token: string) => {
    const session = await accountSessions.find(bearerDigest(token), epochSeconds(clock()))
    if (session === undefined) throw new Refusal('account-session-over')
    return session.signer_id
  }
  return {
    async begin() {
      const logInId = createHandle()
      return { logInId, options: await passkeys.logInOptions(ceremonyOf(logInId)) }
    },
    async logIn(logInId, answer) {
      const signerId = await passkeys.logIn(ceremonyOf(logInId), answer)
      const token = createBearer()
      const expires_at = epochSeconds(clock()) + SESSION_SECONDS
      await accountSessions.add({ token_digest: bearerDigest(token), signer_id: signerId, expires_at })
      return token
    },
    signerOf,
    async confirm(token, logInId, answer) {
      const signerId = await signerOf(token)
      const shown = await passkeys.logIn(ceremonyOf(logInId), answer)
      if (shown !== signerId) throw new Refusal('passkey-invalid')
      return signerId
    },
    logOut: token => accountSessions.end(bearerDigest(token)),
  }
}

/** Apart from the ids of interactions, so that neither log-in can be finished as the other. */
const ceremonyOf = (logInId: string) => `account:${logInId}`
