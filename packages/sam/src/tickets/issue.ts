/** `tickets/*`: how every ceremony starts (sole-control 3). A ticket names what the person is going to be shown. */
import {
  type ApprovalKind,
  type ApproveTicket,
  approveTicket,
  type EnrolTicket,
  type GrantTicket,
  isByProvider,
  type KnownClient,
  peekJws,
} from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { activeAuthenticatorsOf, authenticatorSummary } from '../authenticators/of-signer.ts'
import { checkUnlocked } from '../codes/lock.ts'
import { checkStanding } from '../credentials/check-standing.ts'
import { checkUsable } from '../credentials/check-usable.ts'
import { readOpenGrant } from '../enrolment/open-grant.ts'
import { refuse } from '../refuse.ts'
import { checkStoredRoster } from '../roster/check-stored.ts'
import { classOf } from '../roster/class-of.ts'
import type { Sam } from '../sam.ts'
import type { CredentialRecord, SignerRecord } from '../store/record-shapes.ts'

/** @throws Refusal `client-unknown`, `credential-unknown` and those of `checkUsable` */
export async function issueApproveTicket(
  sam: Sam,
  request: SapRequest<'tickets/approve'>,
): Promise<SapResponse<'tickets/approve'>> {
  const { signer, issue } = await readyToApprove(sam, request)
  return { ticket: await issue(), allow: activeAuthenticatorsOf(sam, signer).map(one => one.credentialId) }
}

/**
 * With a code for it, which is in the log before it is handed out to be sent.
 * @throws Refusal `proof-refused`, `means-locked`, `codes-too-many` and those of `issueApproveTicket`
 */
export async function issueTicketWithCode(
  sam: Sam,
  request: SapRequest<'tickets/sent-code'>,
): Promise<SapResponse<'tickets/sent-code'>> {
  const { signer, credential, issue } = await readyToApprove(sam, request)
  const { pinSentCode } = signer
  const isWay = credential.approvals.includes('pin-sent-code')
  if (!isWay || pinSentCode === undefined) throw refuse('proof-refused')
  const { signerId } = credential
  checkUnlocked(sam, signerId)
  sam.sentCodes.count(signerId, sam.time.seconds())
  const { credentialId } = request
  await sam.logs.activity.append({
    leaves: [{ event: 'code-made', at: sam.time.milliseconds(), signerId, credentialId }],
  })
  const ticket = await issue()
  const { nonce, expiresAt } = peekJws(ticket, 'natsuin-ticket', approveTicket)
  const code = sam.sentCodes.make({ nonce, expiresAt }, sam.time.seconds())
  return { ticket, code, address: pinSentCode.address }
}

interface ReadyToApprove {
  readonly signer: SignerRecord
  readonly credential: CredentialRecord
  readonly issue: () => Promise<string>
}

/** Whose ticket it is to be, and that nothing is in its way. @throws Refusal those of `issueApproveTicket` */
async function readyToApprove(
  sam: Sam,
  { credentialId, clientId }: SapRequest<'tickets/approve'>,
): Promise<ReadyToApprove> {
  const client = sam.roster.clients.find(({ id }) => id === clientId)
  if (client === undefined) throw refuse('client-unknown')
  // The log knows first: what took the power away cannot be hidden by putting the record back.
  checkStanding(sam, credentialId)
  const credential = (await sam.records.read('credential', credentialId))?.content
  if (credential === undefined) throw refuse('credential-unknown')
  await catchUpWith(sam, credential)
  checkUsable(sam, credentialId, credential)
  if (credential.keys === 'one-time') sam.oneTimeKeys.checkFree(credentialId, sam.time.seconds())
  const signer = await sam.records.need('signer', credential.signerId)
  return { signer, credential, issue: () => issueApprove(sam, { credentialId, credential, signer, client }) }
}

interface ToApprove extends Omit<ReadyToApprove, 'issue'> {
  readonly credentialId: string
  readonly client: KnownClient
}

async function issueApprove(
  sam: Sam,
  { credentialId, credential, signer, client }: ToApprove,
): Promise<string> {
  const { label, keyType, level, maxSignatures, ticketSeconds, approvals, bases } = credential
  const ticket = await sam.tickets.issue<ApproveTicket>(ticketSeconds, {
    purpose: 'approve',
    level,
    signer: {
      id: credential.signerId,
      name: signer.name,
      authenticators: authenticatorSummary(sam, signer),
    },
    credential: { id: credentialId, label, keyType },
    client,
    maxSignatures,
    approvals,
    bases,
    ...providerFor(sam, credential, signer.account?.providerId),
  })
  await sam.failpoint('ticket-issued')
  return ticket
}

/** What is approved from here on follows the certificate in the logs too: another SAM may have linked it a moment ago. */
async function catchUpWith({ logs }: Sam, { certificate }: CredentialRecord): Promise<void> {
  if (certificate !== undefined && certificate.leaf >= logs.state.size) await logs.state.catchUp()
}

/** @throws Refusal `grant-unknown`, `grant-spent`, `grant-expired`, `class-unknown` */
export async function issueEnrolTicket(
  sam: Sam,
  { grantId }: SapRequest<'tickets/enrol'>,
): Promise<SapResponse<'tickets/enrol'>> {
  const { content } = await readOpenGrant(sam, grantId)
  const { subject, credentialClass, keyType } = content.grant
  const granted = classOf(sam, credentialClass)
  const { authenticators, approvals } = granted
  const ticket = await sam.tickets.issue<EnrolTicket>(sam.limits.ticketSeconds, {
    purpose: 'enrol',
    level: content.level,
    grantId,
    subject,
    credentialClass,
    keyType,
    approvals,
    ...(approvals.some(hasSecret) && { boxKey: sam.boxKey.point }),
    ...providerFor(sam, granted, granted.provider),
    attested: authenticators !== undefined,
  })
  await sam.failpoint('ticket-issued')
  return { ticket }
}

/** @throws Refusal `person-unknown`, `role-refused`, `record-altered` */
export async function issueGrantTicket(
  sam: Sam,
  { officerId }: SapRequest<'tickets/grant'>,
): Promise<SapResponse<'tickets/grant'>> {
  await checkStoredRoster(sam)
  const officer = sam.rosters.permitted(officerId, 'vouch')
  // The class is not known yet: the ticket carries the highest level that the officer could vouch for.
  const ticket = await sam.tickets.issue<GrantTicket>(sam.limits.ticketSeconds, {
    purpose: 'grant',
    level: sam.roster.maxLevel,
    officer: { id: officer.id, name: officer.name },
  })
  await sam.failpoint('ticket-issued')
  const { classes, limits } = sam.roster
  const allow = officer.passkeys.map(passkey => passkey.credentialId)
  return { ticket, allow, classes, grantHours: limits.grantHours }
}

/** Whether the person chooses something for it that only the SAM may read. */
const hasSecret = (kind: ApprovalKind): boolean => kind === 'pin-totp' || kind === 'pin-sent-code'

/** Whom the page sends the person to. @throws Refusal `provider-unknown` when nothing else is left to him */
function providerFor(
  { rosters }: Sam,
  { approvals }: Pick<CredentialClass, 'approvals'>,
  providerId: string | undefined,
): Pick<ApproveTicket, 'provider'> {
  if (!approvals.some(isByProvider)) return {}
  const provider = providerId === undefined ? undefined : rosters.provider(providerId)
  if (provider !== undefined) return { provider }
  if (approvals.every(isByProvider)) throw refuse('provider-unknown')
  return {}
}
