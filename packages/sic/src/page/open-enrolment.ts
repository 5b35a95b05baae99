/** What an enrolment is about: whom the registration officer vouched for, from the ticket alone. */
import { browserPlatform } from '@natsuin/pki/browser'
import { type EnrolTicket, enrolTicket, type MeansName, meansFor } from '@natsuin/protocol/approval'
import { codeMeansIn } from './codes.ts'
import type { Deployment } from './deployment.ts'
import { importEnrolmentKey } from './enrolment.ts'
import type { Errand } from './fragment.ts'
import { Problem } from './problem.ts'
import { enrolmentAnswer, type Service } from './service.ts'
import { openTicket } from './ticket.ts'

export interface Enrolment {
  /** Path of the enrolment at `server`. */
  readonly path: string
  readonly ticketText: string
  /** Opened with the pinned SAM key. */
  readonly ticket: EnrolTicket
  readonly enrolmentKey: CryptoKey
  /** `performance.now()` when the ticket arrived. */
  readonly openedAt: number
}

/** @throws Problem */
export async function openEnrolment(
  { grantId, enrolmentKey: pkcs8 }: Extract<Errand, { kind: 'enrol' }>,
  deployment: Deployment,
  service: Service,
): Promise<Enrolment> {
  const enrolmentKey = await importEnrolmentKey(pkcs8)
  const path = `/enrolments/${grantId}`
  const { ticket: ticketText } = await service.get(path, enrolmentAnswer)
  const openedAt = performance.now()
  const ticket = await openTicket(ticketText, enrolTicket, deployment, browserPlatform)
  if (!canEnrol(ticket)) throw new Problem('not-on-this-page')
  return { path, ticketText, ticket, enrolmentKey, openedAt }
}

/** Means that are shown on this page, and not by software. */
const ON_THIS_PAGE: readonly MeansName[] = ['passkey', 'provider', 'pinTotp', 'pinSentCode']

function canEnrol({ approvals, boxKey, provider }: EnrolTicket): boolean {
  const wanted = meansFor(approvals) ?? []
  const isReadable = (codeMeansIn(wanted) !== undefined) === (boxKey !== undefined)
  const isNamed = wanted.includes('provider') === (provider !== undefined)
  return wanted.length > 0 && isReadable && isNamed && wanted.every(name => ON_THIS_PAGE.includes(name))
}
