/** A PIN and an authenticator app, as a person has them: a secret of their own, and the code that belongs to a moment. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import { type Box, closeBox, enrolTicket, type Means, peekJws, toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator } from '../authenticator/index.ts'
import { openBrowser } from './browser.ts'
import { enrolStatementBytes, showMeans } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { invite } from './officer.ts'
import { registerLogIn, type Signer } from './signer.ts'

/** What the app shows (RFC 6238 with HMAC-SHA-1, six digits, thirty seconds). @param now seconds */
export function codeAt(secret: Uint8Array, now: number): string {
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(now / 30), 4)
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac[19] ?? 0) % 16
  return String((mac.readUInt32BE(offset) % 2 ** 31) % 1_000_000).padStart(6, '0')
}

interface Chosen {
  readonly pin: string
  /** Seconds. */
  readonly now: number
}

/** What somebody sends of himself when he enrols under this ticket, and the secret that he keeps. */
export async function shownCodes(statement: Uint8Array, ticket: string, { pin, now }: Chosen) {
  const secret = new Uint8Array(randomBytes(20))
  const pinTotp: NonNullable<Means['pinTotp']> = {
    box: await boxFor(statement, ticket, { pin, secret, code: codeAt(secret, now) }),
  }
  return { secret, pinTotp }
}

/** What somebody sends of himself who gets his codes by mail. */
export async function shownAddress(
  statement: Uint8Array,
  ticket: string,
  chosen: { readonly pin: string; readonly address: string },
): Promise<NonNullable<Means['pinSentCode']>> {
  return { box: await boxFor(statement, ticket, chosen) }
}

function boxFor(statement: Uint8Array, ticket: string, content: object): Promise<Box> {
  const { boxKey } = peekJws(ticket, 'natsuin-ticket', enrolTicket)
  if (boxKey === undefined) throw new Error('the ticket names no key for a box')
  const context = new Uint8Array(createHash('sha256').update(statement).digest())
  return closeBox(writeJson(toWire(content)), boxKey, context)
}

export interface CodeSigner extends Signer {
  readonly pin: string
  readonly secret: Uint8Array
  /** Seconds: when the code was of that he enrolled with. */
  readonly enrolledAt: number
}

/** The first code that has not been used: of now, or of the thirty seconds after the enrolment's. */
export const firstCodeOf = ({ secret, enrolledAt }: CodeSigner): string =>
  codeAt(secret, Math.max(Date.now() / 1000, enrolledAt + 30))

/** Grant, PIN and app, key, certificate, account, log-in passkey. */
export async function enrolWithCodes(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  { pin, classId }: { readonly pin: string; readonly classId: string },
): Promise<CodeSigner> {
  const enrolledAt = Date.now() / 1000
  const { shown, ...signer } = await enrolShowing(deployment, { subject, classId }, (statement, ticket) =>
    shownCodes(statement, ticket, { pin, now: enrolledAt }),
  )
  return { ...signer, pin, secret: shown.secret, enrolledAt }
}

/** The same for codes that are sent. */
export async function enrolWithAddress(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  { classId, ...chosen }: { readonly pin: string; readonly address: string; readonly classId: string },
): Promise<Signer> {
  const { shown: _, ...signer } = await enrolShowing(
    deployment,
    { subject, classId },
    async (statement, ticket) => ({ pinSentCode: await shownAddress(statement, ticket, chosen) }),
  )
  return signer
}

/** @param show the means, and what else is kept */
async function enrolShowing<S extends Means>(
  deployment: KnownDeployment,
  { subject, classId }: { readonly subject: SubjectAttributes; readonly classId: string },
  show: (statement: Uint8Array, ticket: string) => Promise<S>,
): Promise<Signer & { readonly shown: S }> {
  const { grantId, enrolmentKey } = await invite(deployment, subject, classId)
  const browser = openBrowser()
  const device = createSoftwareAuthenticator()
  const url = `${deployment.urls.server}/enrolments/${grantId}`
  const ticket = String((await browser.get(url))['ticket'])
  const statement = enrolStatementBytes(ticket)
  const shown = await show(statement, ticket)
  const { pinTotp, pinSentCode } = shown
  const means: Means = { ...(pinTotp && { pinTotp }), ...(pinSentCode && { pinSentCode }) }
  const enrolled = await browser.post(url, toWire(await showMeans(statement, means, enrolmentKey)))
  await registerLogIn(deployment, browser, device, String(enrolled['continue']))
  const [signerId, credentialId] = [String(enrolled['signerId']), String(enrolled['credentialId'])]
  return { signerId, credentialId, commonName: subject.commonName, device, browser, shown }
}
