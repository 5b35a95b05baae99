/** From what the page was opened for to what it shows: everything that it shows is opened, and checked, here. */
import { browserPlatform } from '@natsuin/pki/browser'
import type { CarriedApproval, CarriedRequest, InvitedPerson } from '@natsuin/protocol/administration'
import { toWire } from '@natsuin/protocol/approval'
import type { Progress } from './administration/administer-page.tsx'
import { type OpenedRequest, openRequest } from './administration/open-request.ts'
import { type Deployment, readDeployment } from './deployment.ts'
import type { Errand } from './fragment.ts'
import { askTicket, type FirstVouching, type OfficerTicket, openVouching } from './officer/vouching.ts'
import { type Approval, openApproval } from './open-approval.ts'
import { type Enrolment, openEnrolment } from './open-enrolment.ts'
import { openPasskeyChange, type PasskeyChange } from './open-passkey-change.ts'
import { Problem } from './problem.ts'
import { administrationAnswer, administrationProgress, type Service, serviceAt } from './service.ts'

/** Hands an approval in. */
export type Send = (approval: CarriedApproval) => Promise<Progress>

export type Opened =
  | { readonly at: 'approve'; readonly approval: Approval }
  | { readonly at: 'enrol'; readonly enrolment: Enrolment }
  | { readonly at: 'passkey'; readonly change: PasskeyChange }
  | { readonly at: 'administer'; readonly opened: OpenedRequest; readonly send: Send | undefined }
  | { readonly at: 'register'; readonly invited: InvitedPerson }
  | { readonly at: 'officer'; readonly desk: OfficerTicket }
  | { readonly at: 'vouch'; readonly first: FirstVouching; readonly openedAt: number }

export interface Link {
  readonly deployment: Deployment
  readonly service: Service
}

/** @throws Problem */
export async function openErrand(errand: Errand): Promise<Opened & { readonly link: Link }> {
  if (errand.kind === 'none') throw new Problem('no-errand')
  if (errand.kind === 'malformed') throw new Problem('errand-malformed')
  const request: typeof fetch = (input, init) => fetch(input, init)
  const deployment = await readDeployment(request)
  const link = { deployment, service: serviceAt(deployment.serverOrigin, request) }
  return { ...(await openAt(link, errand)), link }
}

async function openAt(
  { deployment, service }: Link,
  errand: Exclude<Errand, { kind: 'none' | 'malformed' }>,
): Promise<Opened> {
  switch (errand.kind) {
    case 'approve':
      return { at: 'approve', approval: await openApproval(errand.handle, deployment, service) }
    case 'passkey':
      return { at: 'passkey', change: await openPasskeyChange(errand.handle, deployment, service) }
    case 'enrol':
      return { at: 'enrol', enrolment: await openEnrolment(errand, deployment, service) }
    case 'register':
      return { at: 'register', invited: invitedHere(errand.invited, deployment) }
    case 'carried':
      return { at: 'administer', opened: await openCarried(errand.carried, deployment), send: undefined }
    case 'administer': {
      const path = `/administration/${errand.requestId}/${errand.personId}`
      const opened = await openCarried(await service.get(path, administrationAnswer), deployment)
      return { at: 'administer', opened, send: sendTo(service) }
    }
    case 'officer': {
      const reach = { deployment, service, verifier: browserPlatform }
      return { at: 'officer', desk: await askTicket(errand.officerId, reach) }
    }
    case 'vouch': {
      const first = await openVouching(errand.first, deployment, browserPlatform)
      return { at: 'vouch', first, openedAt: performance.now() }
    }
  }
}

const openCarried = (carried: CarriedRequest, deployment: Deployment) =>
  openRequest(carried, deployment, browserPlatform)

const sendTo =
  (service: Service): Send =>
  approval =>
    service.post('/administration', toWire(approval), administrationProgress)

/** @throws Problem `ticket-other-deployment` */
function invitedHere(invited: InvitedPerson, { deployment }: Deployment): InvitedPerson {
  if (invited.deployment !== deployment) throw new Problem('ticket-other-deployment')
  return invited
}
