/**
 * Passkeys for logging in here: registered once with the token that ends an enrolment, asserted at each log-in.
 *
 * RP ID is the host name of this server, so these passkeys can approve nothing: the SAM accepts assertions of
 * the approval origin only (sole-control 2). WebAuthn Level 3, 7.1 and 7.2, by @simplewebauthn/server.
 */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createBearer } from '../signing/bearer.ts'
import type { AccountRepository, Passkey } from '../storage/accounts.ts'
import type { LogInRepository } from '../storage/log-ins.ts'

const CEREMONY_SECONDS = 300
/** COSE algorithms: ES256 and RS256 (RFC 9053, 2.1; RFC 8812, 2). */
const ALGORITHMS = [-7, -257]

export interface LogInPasskeys {
  /** @throws Refusal account-token-invalid */
  registrationOptions(token: string): Promise<PublicKeyCredentialCreationOptionsJSON>
  /** The signer whose account has the passkey now. @throws Refusal account-token-invalid, passkey-invalid */
  register(token: string, answer: RegistrationResponseJSON): Promise<string>
  logInOptions(uid: string): Promise<PublicKeyCredentialRequestOptionsJSON>
  /** The signer who logged in. @throws Refusal log-in-unknown, passkey-invalid */
  logIn(uid: string, answer: AuthenticationResponseJSON): Promise<string>
}

export interface LogInParts {
  readonly name: string
  /** Scheme, host and port of this server. */
  readonly origin: string
  readonly accounts: AccountRepository
  readonly logIns: LogInRepository
  readonly clock: Clock
}

export function createLogInPasskeys(parts: LogInParts): LogInPasskeys {
  return {
    registrationOptions: token => registrationOptions(parts, token),
    register: (token, answer) => register(parts, token, answer),
    logInOptions: uid => logInOptions(parts, uid),
    logIn: (uid, answer) => logIn(parts, uid, answer),
  }
}

const rpIdOf = ({ origin }: LogInParts) => new URL(origin).hostname

async function registrationOptions(parts: LogInParts, token: string) {
  const { accounts, logIns, clock, name: rpName } = parts
  const challenge = createBearer()
  const good = await logIns.challengeAccountToken(bearerDigest(token), challenge, epochSeconds(clock()))
  const account = good && (await accounts.find(good.signer_id))
  if (account === undefined) throw new Refusal('account-token-invalid')
  return generateRegistrationOptions({
    rpName,
    rpID: rpIdOf(parts),
    userName: account.name,
    userDisplayName: account.name,
    userID: utf8(account.signer_id),
    challenge: Buffer.from(challenge, 'base64url'),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

async function register(parts: LogInParts, token: string, answer: RegistrationResponseJSON): Promise<string> {
  const { accounts, logIns, clock } = parts
  const now = epochSeconds(clock())
  const good = await logIns.findAccountToken(bearerDigest(token), now)
  if (good === undefined || good.challenge === null) throw new Refusal('account-token-invalid')
  const passkey = await verifiedRegistration(parts, good.challenge, answer)
  if (!(await logIns.spendAccountToken(good.token_digest, good.challenge, now))) {
    throw new Refusal('account-token-invalid')
  }
  await accounts.addPasskey({ ...passkey, signer_id: good.signer_id, created_at: now })
  return good.signer_id
}

async function verifiedRegistration(parts: LogInParts, challenge: string, answer: RegistrationResponseJSON) {
  const { verified, registrationInfo } = await judged(() =>
    verifyRegistrationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: parts.origin,
      expectedRPID: rpIdOf(parts),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  if (!verified || registrationInfo === undefined) throw new Refusal('passkey-invalid')
  const { id, publicKey, counter } = registrationInfo.credential
  if ((await parts.accounts.findPasskey(id)) !== undefined) throw new Refusal('passkey-invalid')
  return { passkey_id: id, public_key: publicKey, counter }
}

async function logInOptions(parts: LogInParts, uid: string) {
  const challenge = createBearer()
  const expires_at = epochSeconds(parts.clock()) + CEREMONY_SECONDS
  await parts.logIns.begin({ uid, challenge, expires_at })
  return generateAuthenticationOptions({
    rpID: rpIdOf(parts),
    challenge: Buffer.from(challenge, 'base64url'),
    userVerification: 'required',
  })
}

async function logIn(parts: LogInParts, uid: string, answer: AuthenticationResponseJSON): Promise<string> {
  const ceremony = await parts.logIns.take(uid, epochSeconds(parts.clock()))
  if (ceremony === undefined) throw new Refusal('log-in-unknown')
  const passkey = await parts.accounts.findPasskey(answer.id)
  // Unknown and wrong passkeys are the same to who asks: neither tells whether an account exists.
  if (passkey === undefined) throw new Refusal('passkey-invalid')
  await verifyAssertion(parts, passkey, ceremony.challenge, answer)
  return passkey.signer_id
}

async function verifyAssertion(
  parts: LogInParts,
  passkey: Passkey,
  challenge: string,
  answer: AuthenticationResponseJSON,
): Promise<void> {
  const { verified, authenticationInfo } = await judged(() =>
    verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: parts.origin,
      expectedRPID: rpIdOf(parts),
      requireUserVerification: true,
      credential: {
        id: passkey.passkey_id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: passkey.counter,
      },
    }),
  )
  const { userHandle } = answer.response
  const owner = userHandle === undefined || userHandle === toBase64url(utf8(passkey.signer_id))
  if (!verified || !owner) throw new Refusal('passkey-invalid')
  await parts.accounts.advanceCounter(passkey.passkey_id, passkey.counter, authenticationInfo.newCounter)
}

/** The library throws on what does not fit, with a sentence; to us that is one refusal with a cause. */
async function judged<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (cause) {
    throw new Refusal('passkey-invalid', {}, { cause })
  }
}
