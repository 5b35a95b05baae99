/** SAP's methods and what answers them; around each, the lease and the record of what was refused. */
import type { Handlers, MethodTable } from '@natsuin/protocol/node'
import type { AdministrationMethods, SapMethods, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { signRequest } from './activation/sign-request.ts'
import { administer } from './administration/administer.ts'
import { issueAdministerTicket } from './administration/issue-ticket.ts'
import { RefusalRecorder } from './audit/refusals.ts'
import { addAuthenticator } from './authenticators/add.ts'
import { listAuthenticators } from './authenticators/list.ts'
import { removeAuthenticator } from './authenticators/remove.ts'
import { issueAddTicket, issueRemoveTicket } from './authenticators/tickets.ts'
import { linkCertificate } from './credentials/link-certificate.ts'
import { revokeCredential } from './credentials/revoke.ts'
import { enrol } from './enrolment/enrol.ts'
import { submitGrant } from './enrolment/submit-grant.ts'
import { buildEvidence } from './evidence/build-evidence.ts'
import { destroyKey } from './keys/destroy.ts'
import { stateImportKey } from './keys/import-key.ts'
import { moduleAnswer } from './keys/module-answer.ts'
import { logOut } from './providers/log-out.ts'
import { acceptApproval } from './sad/accept-approval.ts'
import { extendSad } from './sad/extend.ts'
import type { Sam } from './sam.ts'
import {
  issueApproveTicket,
  issueEnrolTicket,
  issueGrantTicket,
  issueTicketWithCode,
} from './tickets/issue.ts'

type Operations = {
  readonly [M in keyof SapMethods]: (sam: Sam, request: SapRequest<M>) => Promise<SapResponse<M>>
}

const OPERATIONS: Operations = {
  info: async sam => describe(sam),
  'algorithms/list': async ({ module }, { keyType }) => ({
    algorithms: (await moduleAnswer(() => module.capability(keyType))).signs,
  }),
  'tickets/approve': issueApproveTicket,
  'tickets/sent-code': issueTicketWithCode,
  'tickets/enrol': issueEnrolTicket,
  'tickets/grant': issueGrantTicket,
  'tickets/add-authenticator': issueAddTicket,
  'tickets/remove-authenticator': issueRemoveTicket,
  'tickets/administer': issueAdministerTicket,
  administer,
  'grants/submit': submitGrant,
  enrol,
  'authenticators/list': listAuthenticators,
  'authenticators/add': addAuthenticator,
  'authenticators/remove': removeAuthenticator,
  'certificates/link': linkCertificate,
  approve: acceptApproval,
  'sads/extend': extendSad,
  sign: signRequest,
  evidence: buildEvidence,
  'providers/log-out': logOut,
  'credentials/revoke': revokeCredential,
  'keys/destroy': destroyKey,
  'keys/import-key': stateImportKey,
  checkpoints: async ({ checkpoints: { state, activity } }) => ({
    state: await state.newest(),
    activity: await activity.newest(),
  }),
}

/** What may be asked of a SAM that cannot act. */
const WITHOUT_LEASE: ReadonlySet<string> = new Set<keyof (SapMethods & AdministrationMethods)>([
  'info',
  'checkpoints',
  'audit/logs',
  'audit/leaves',
  'audit/consistency',
])

/** What may be asked of a SAM whose keys were restored before people have agreed: what they need for it, and removals. */
const ON_HOLD: ReadonlySet<string> = new Set<keyof SapMethods>([
  'info',
  'checkpoints',
  'tickets/administer',
  'administer',
  'credentials/revoke',
  'keys/destroy',
])

export function sapHandlers(sam: Sam): Handlers<SapMethods> {
  return handlersOf<SapMethods>(sam, OPERATIONS, method => {
    if (!ON_HOLD.has(method)) sam.hold.check()
  })
}

/** The operations of a door, each with the lease and the roster in force, and a record of what it refuses. */
export function handlersOf<T extends MethodTable>(
  sam: Sam,
  operations: { readonly [M in keyof T]: (sam: Sam, request: never) => Promise<unknown> },
  check: (method: string) => void = () => {},
): Handlers<T> {
  const refusals = new RefusalRecorder(sam)
  const handlers = Object.entries(operations).map(([method, operation]) => {
    // The table pairs each operation with the requests of its own method.
    const ask = operation as (sam: Sam, request: unknown) => Promise<unknown>
    const run = async (request: unknown) => {
      check(method)
      if (!WITHOUT_LEASE.has(method)) await sam.lease.need()
      if (sam.rosters.isBehind) await sam.rosters.catchUp()
      return ask(sam, request)
    }
    return [method, (request: unknown) => refusals.recording(method, request, () => run(request))]
  })
  return Object.fromEntries(handlers) as Handlers<T> // one per entry of the table
}

export function describe({ roster, identity, key, module }: Sam): SapResponse<'info'> {
  const { deployment, environment, maxLevel, approvalOrigin, rpId } = roster
  const { name, softwareModule } = module.description
  return {
    deployment,
    instance: identity.instance,
    bootId: identity.bootId,
    samKey: key.spki,
    environment,
    maxLevel,
    softwareModule,
    module: name,
    approvalOrigin,
    rpId,
  }
}
