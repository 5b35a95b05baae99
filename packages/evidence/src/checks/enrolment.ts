/** The holder of the grant's one-time key showed by which means he is going to approve. */
import { equal, utf8 } from '@natsuin/pki/encoding'
import {
  type EnrolTicket,
  enrolmentMessage,
  enrolStatement,
  enrolTicket,
  type Means,
} from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import type { Leaf } from '@natsuin/protocol/log'
import type { Sam } from '../sam.ts'
import { demand } from '../verdict.ts'
import type { Authenticator } from '../webauthn/authenticator.ts'
import { checkRegistration } from '../webauthn/registration.ts'
import type { CheckedGrant } from './grant.ts'
import { checkLogIn } from './log-in.ts'
import { checkSeal } from './seal.ts'
import { readStatement, readTicket } from './statement.ts'

/** A signer, and what is his to approve with. */
export interface EnrolledSigner {
  readonly signerId: string
  /** The one that was enrolled first, then those that were added. */
  readonly authenticators: readonly OwnedAuthenticator[]
  readonly sealKey: SealKey | undefined
  /** PIN and authenticator app. */
  readonly pinTotp: { readonly since: Date } | undefined
  /** PIN and an address that codes are sent to. */
  readonly pinSentCode: { readonly since: Date } | undefined
  readonly account: Account | undefined
}

/** Who he is at the provider that vouches for him. */
export interface Account {
  readonly issuer: string
  readonly subject: string
  /** By the SAM's clock. */
  readonly since: Date
}

/** With which software approves. */
export interface SealKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** By the SAM's clock. */
  readonly since: Date
}

export interface OwnedAuthenticator extends Authenticator {
  /** By the SAM's clock. */
  readonly since: Date
}

type EnrolledLeaf = Extract<Leaf, { event: 'enrolled' }>

export async function checkEnrolment(
  enrolment: Evidence['enrolment'],
  { id, grant }: CheckedGrant,
  leaf: EnrolledLeaf,
  sam: Sam,
): Promise<EnrolledSigner> {
  const { platform } = sam
  const ticket = await readTicket(readStatement(enrolment.statement, enrolStatement).ticket, enrolTicket, sam)
  demand(
    ticket.grantId === id && leaf.grantId === id,
    'grants-differ',
    'the enrolment was under another grant',
  )
  const { statement, means } = enrolment
  const message = await enrolmentMessage(statement, means, platform)
  const held = await platform.verify({
    algorithm: 'ecdsa-sha256',
    spki: grant.enrolmentKey,
    data: message,
    signature: enrolment.enrolmentSignature,
  })
  demand(held, 'enrolment-not-by-grant-holder', 'the means are not signed with the enrolment key')
  const recorded = equal(await platform.digest('sha256', message), leaf.registrationDigest)
  demand(recorded, 'registration-invalid', 'the log records another enrolment')
  const account = await linkedAccount(enrolment, ticket, leaf, sam)
  return { signerId: leaf.signerId, ...(await shownMeans(statement, means, leaf, sam)), account }
}

async function shownMeans(
  statement: Uint8Array,
  { passkey, sealKey, pinTotp, pinSentCode }: Means,
  { at, authenticatorKeyDigest, sealKeyDigest }: EnrolledLeaf,
  sam: Sam,
): Promise<Omit<EnrolledSigner, 'signerId' | 'account'>> {
  const since = new Date(at)
  const authenticator = passkey && (await checkRegistration(statement, passkey, sam))
  if (sealKey !== undefined) await checkSeal({ statement, seal: sealKey.seal }, sealKey.publicKey, sam)
  await checkRecorded(authenticator?.publicKey, authenticatorKeyDigest, sam)
  await checkRecorded(sealKey?.publicKey, sealKeyDigest, sam)
  return {
    authenticators: authenticator === undefined ? [] : [{ ...authenticator, since }],
    sealKey: sealKey && { publicKey: sealKey.publicKey, since },
    pinTotp: pinTotp && { since },
    pinSentCode: pinSentCode && { since },
  }
}

/** He logged in there for the enrolment statement; the token is for the code that the enrolment key signed for. */
async function linkedAccount(
  { statement, means, idToken }: Evidence['enrolment'],
  ticket: EnrolTicket,
  { at, idTokenDigest }: EnrolledLeaf,
  sam: Sam,
): Promise<Account | undefined> {
  await checkRecorded(idToken === undefined ? undefined : utf8(idToken), idTokenDigest, sam)
  const isShown = (means.provider !== undefined) === (idToken !== undefined)
  demand(isShown, 'registration-invalid', 'what the provider said is missing, or was not asked for')
  if (idToken === undefined) return undefined
  const { iss: issuer, sub: subject } = await checkLogIn({ statement, idToken }, ticket, sam)
  return { issuer, subject, since: new Date(at) }
}

/** The log names a key or a token by its digest, or there is none. */
async function checkRecorded(
  key: Uint8Array | undefined,
  recorded: Uint8Array | undefined,
  { platform }: Sam,
): Promise<void> {
  const digest = key && (await platform.digest('sha256', key))
  const same = digest === undefined ? recorded === undefined : equal(digest, recorded ?? new Uint8Array())
  demand(same, 'registration-invalid', 'the log records another key or token')
}
