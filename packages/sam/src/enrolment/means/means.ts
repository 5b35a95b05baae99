/**
 * By which means a person is going to approve, as he shows them when he enrols: all that his class accepts, and no
 * others. One file of this folder for each.
 */
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type EnrolTicket, type Means, type MeansName, meansFor } from '@natsuin/protocol/approval'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { RegisteredAuthenticator } from '../../webauthn/registration.ts'
import { checkNewAuthenticator } from './passkey.ts'
import { checkNewPinSentCode, type NewPinSentCode } from './pin-sent-code.ts'
import { checkNewPinTotp, type NewPinTotp } from './pin-totp.ts'
import { checkNewAccount, type LinkedAccount } from './provider.ts'
import { checkNewSealKey } from './seal-key.ts'

export interface CheckedMeans {
  readonly authenticator: RegisteredAuthenticator | undefined
  /** DER SubjectPublicKeyInfo. */
  readonly sealKey: Uint8Array | undefined
  readonly pinTotp: NewPinTotp | undefined
  readonly pinSentCode: NewPinSentCode | undefined
  readonly account: LinkedAccount | undefined
}

/** What was shown, and under which statement. */
interface Shown {
  readonly statement: Uint8Array
  readonly means: Means
}

/** @throws Refusal `means-differ` and those of each of them */
export async function checkMeans(
  sam: Sam,
  { statement, means }: Shown,
  ticket: EnrolTicket,
): Promise<CheckedMeans> {
  checkWanted(means, meansFor(ticket.approvals))
  const { passkey, provider, sealKey, pinTotp, pinSentCode } = means
  return {
    authenticator: passkey && (await checkNewAuthenticator(sam, statement, passkey, ticket.credentialClass)),
    sealKey: sealKey && checkNewSealKey(statement, sealKey),
    pinTotp: pinTotp && (await checkNewPinTotp(sam, statement, pinTotp)),
    pinSentCode: pinSentCode && (await checkNewPinSentCode(sam, statement, pinSentCode)),
    // Last, so that nobody is asked about what is wrong anyhow.
    account: provider && (await checkNewAccount(sam, statement, provider, ticket)),
  }
}

function checkWanted(means: Means, wanted: readonly MeansName[] | undefined): void {
  const shown = Object.keys(means)
  const same = shown.length === wanted?.length && wanted.every(name => shown.includes(name))
  if (!same) throw refuse('means-differ')
}

/** Digests of the keys among them, as the log names them. */
export function keyDigestsOf({ authenticator, sealKey }: CheckedMeans) {
  const digestOf = (spki: Uint8Array | undefined) => spki && digestSync('sha256', spki)
  const [authenticatorKeyDigest, sealKeyDigest] = [authenticator?.publicKey, sealKey].map(digestOf)
  return {
    ...(authenticatorKeyDigest && { authenticatorKeyDigest }),
    ...(sealKeyDigest && { sealKeyDigest }),
  }
}

export type MeansDigests = ReturnType<typeof keyDigestsOf>

/** Digest of what the provider said of the account among them. */
export function idTokenDigestOf({ account }: CheckedMeans) {
  return account && { idTokenDigest: digestSync('sha256', utf8(account.idToken)) }
}
