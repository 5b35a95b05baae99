/** A signer with a device and a browser: enrols, logs in, reads, approves or declines. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { fromBase64url } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import {
  type ApprovalItem,
  type ApproveTicket,
  approveTicket,
  type Proof,
  type SubjectAttributes,
  toWire,
  verifyJws,
} from '@natsuin/protocol/approval'
import { peekRequestObject, type RequestedItem, requestedItem } from '@natsuin/protocol/request'
import {
  type AuthenticatorOptions,
  authenticationJson,
  createSoftwareAuthenticator,
  registrationJson,
  type SoftwareAuthenticator,
} from '../authenticator/index.ts'
import { type Browser, openBrowser } from './browser.ts'
import { answer, approveStatementBytes, byPasskey, enrolStatementBytes, register } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { bytesOf, type Invitation, invite } from './officer.ts'

/** What is kept of a signer between two runs, beside the device. */
export interface SignerIdentity {
  readonly signerId: string
  readonly credentialId: string
  readonly commonName: string
}

export interface Signer extends SignerIdentity {
  readonly device: SoftwareAuthenticator
  readonly browser: Browser
}

/** An approval as the page has it in front of it. */
export interface ShownApproval {
  readonly handle: string
  readonly ticketText: string
  readonly ticket: ApproveTicket
  readonly allow: readonly Uint8Array[]
  readonly digestAlgorithm: DigestAlgorithm
  readonly items: readonly RequestedItem[]
  /** What the application signed, if it did: then it vouches for what was not seen. */
  readonly requestObject: string | undefined
}

interface ShownRequest {
  readonly digestAlgorithm: DigestAlgorithm
  readonly items: readonly unknown[]
  readonly requestObject?: string
}

/** Grant, approval-origin passkey, key, certificate, account, log-in passkey. */
export async function enrolSigner(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  options: AuthenticatorOptions & { readonly classId?: string } = {},
): Promise<Signer> {
  const invitation = await invite(deployment, subject, options.classId)
  return acceptInvitation(deployment, invitation, subject.commonName, options)
}

export async function acceptInvitation(
  deployment: KnownDeployment,
  { grantId, enrolmentKey }: Invitation,
  commonName: string,
  options: AuthenticatorOptions = {},
): Promise<Signer> {
  const { urls } = deployment
  const device = createSoftwareAuthenticator(options)
  const browser = openBrowser()
  const { ticket } = await browser.get(`${urls.server}/enrolments/${grantId}`)
  const registered = await register(enrolStatementBytes(String(ticket)), enrolmentKey, {
    device,
    origin: urls.approval,
  })
  const enrolled = await browser.post(`${urls.server}/enrolments/${grantId}`, toWire(registered))
  await registerLogIn(deployment, browser, device, String(enrolled['continue']))
  return {
    signerId: String(enrolled['signerId']),
    credentialId: String(enrolled['credentialId']),
    commonName,
    device,
    browser,
  }
}

/** The passkey that opens the account. @param next where enrolment said to continue */
export async function registerLogIn(
  { urls }: KnownDeployment,
  browser: Browser,
  device: SoftwareAuthenticator,
  next: string,
) {
  const token = new URLSearchParams(new URL(next).hash.slice(1)).get('token')
  const { options } = (await browser.post(`${urls.server}/account/passkey/options`, { token })) as {
    options?: { challenge: string; rp: { id: string }; user: { id: string } }
  }
  if (options === undefined) throw new Error('no registration options')
  const registered = device.register({
    rpId: options.rp.id,
    origin: urls.server,
    challenge: decoded(options.challenge),
    userHandle: decoded(options.user.id),
  })
  await browser.post(`${urls.server}/account/passkey`, { token, registration: registrationJson(registered) })
}

/** Opens an authorisation of scope `service`, logs in, and returns where the browser ended: the redirect URI. */
export async function logIn(
  { urls }: KnownDeployment,
  signer: Signer,
  url: string,
  redirectUri: string,
): Promise<string> {
  const { browser, device } = signer
  const at = await browser.visit(url, [redirectUri, `${urls.server}/login/`])
  if (at.startsWith(redirectUri)) return at
  const { options } = (await browser.post(`${at}/options`, {})) as {
    options?: { challenge: string; rpId: string }
  }
  if (options === undefined) throw new Error('no log-in options')
  const assertion = device.assert({
    rpId: options.rpId,
    origin: urls.server,
    challenge: decoded(options.challenge),
  })
  const body = { assertion: authenticationJson(assertion, device.userHandle(assertion.credentialId)) }
  const next = await browser.post(at, body)
  return browser.visit(String(next['continue']), [redirectUri])
}

/** Opens an authorisation of scope `credential` and returns what the approval page would show. */
export async function openApproval(
  deployment: KnownDeployment,
  { browser }: Signer,
  url: string,
): Promise<ShownApproval> {
  return showApproval(deployment, await browser.visit(url, [`${deployment.urls.approval}/`]))
}

/** What the approval page shows at this address. */
export async function showApproval(deployment: KnownDeployment, address: string): Promise<ShownApproval> {
  const { urls } = deployment
  const handle = new URLSearchParams(new URL(address).hash.slice(1)).get('approve') ?? ''
  const { ticket, allow, request } = await openBrowser(urls.approval).get(
    `${urls.server}/approvals/${handle}`,
  )
  const genuine = await verifyTicket(deployment, String(ticket))
  const { requestObject, ...plain } = request as ShownRequest
  const asked =
    requestObject === undefined
      ? { digestAlgorithm: plain.digestAlgorithm, items: plain.items.map(item => requestedItem(item)) }
      : peekRequestObject(requestObject).requested
  const { digestAlgorithm, items } = asked
  return {
    handle,
    ticketText: String(ticket),
    ticket: genuine,
    allow: bytesOf(allow),
    digestAlgorithm,
    items,
    requestObject,
  }
}

/**
 * Reads what is shown and decides the basis of each item: seen, when the signer had the prepared document; else
 * vouched for or unseen.
 *
 * @param documents digests of the prepared documents in front of the signer (SHA-256 over their byte ranges)
 */
export function itemsFor(shown: ShownApproval, documents: readonly Uint8Array[]): ApprovalItem[] {
  const otherwise = shown.requestObject === undefined ? 'unseen' : 'vouched'
  return shown.items.map(item => {
    const { label, documentDigest } = item
    const seen = documents.some(
      digest => documentDigest !== undefined && Buffer.compare(digest, documentDigest) === 0,
    )
    if ('hashType' in item) return { basis: seen ? 'seen' : otherwise, ...item }
    const { dtbsr, dtbs } = item
    if (!seen || dtbs === undefined || documentDigest === undefined) return { basis: otherwise, label, dtbsr }
    if (Buffer.compare(digestSync(shown.digestAlgorithm, dtbs), dtbsr) !== 0)
      throw new Error('the signed attributes do not hash to the digest')
    return { basis: 'seen', label, dtbsr, dtbs, documentDigest }
  })
}

interface Approving {
  readonly items: readonly ApprovalItem[]
  readonly prove?: (statement: Uint8Array) => Promise<Proof>
}

/** Approves, with the passkey unless by something else, and returns where the browser ended: the redirect URI with its code. */
export async function approve(
  deployment: KnownDeployment,
  signer: Signer,
  shown: ShownApproval,
  options: Approving & { readonly redirectUri: string },
): Promise<string> {
  const next = await answerApproval(deployment, signer, shown, options)
  return signer.browser.visit(next, [options.redirectUri])
}

/** Approves, and returns where the page goes on. */
export async function answerApproval(
  { urls }: KnownDeployment,
  { device }: Pick<Signer, 'device'>,
  shown: ShownApproval,
  options: Approving,
): Promise<string> {
  const { ticketText, digestAlgorithm, requestObject } = shown
  const statement = approveStatementBytes(ticketText, options.items, { digestAlgorithm, requestObject })
  const withPasskey = async () =>
    byPasskey(answer(statement, { device, origin: urls.approval, allow: shown.allow })).proof
  const proof = await (options.prove ?? withPasskey)(statement)
  const page = openBrowser(urls.approval)
  const next = await page.post(`${urls.server}/approvals/${shown.handle}`, toWire({ statement, proof }))
  return String(next['continue'])
}

export async function decline(
  deployment: KnownDeployment,
  { browser }: Signer,
  shown: ShownApproval,
  redirectUri: string,
) {
  return browser.visit(await declineApproval(deployment, shown), [redirectUri])
}

/** Says no, and returns where the page goes on. */
export async function declineApproval(
  { urls }: KnownDeployment,
  { handle }: Pick<ShownApproval, 'handle'>,
): Promise<string> {
  const next = await openBrowser(urls.approval).post(`${urls.server}/approvals/${handle}/decline`, {})
  return String(next['continue'])
}

/** Checks the ticket with the pinned key, as the page does before it shows anything. */
async function verifyTicket({ samKey }: KnownDeployment, ticket: string): Promise<ApproveTicket> {
  const genuine = await verifyJws(ticket, 'natsuin-ticket', approveTicket, samKey, nodePlatform)
  if (genuine === undefined) throw new Error('the ticket is not by the pinned SAM key')
  return genuine
}

function decoded(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new Error('not base64url')
  return bytes
}
