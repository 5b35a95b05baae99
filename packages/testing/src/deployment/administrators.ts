/** People of the roster at the administrative channel of the SAM: they propose, and approve with their devices. */
import { join } from 'node:path'
import type { Act, Change } from '@natsuin/protocol/administration'
import { type Connection, connect } from '@natsuin/protocol/node'
import {
  type AdministrationMethods,
  administrationMethods,
  type Proposal,
  sapRefusals,
} from '@natsuin/protocol/sap'
import { type Answered, administerStatementBytes, answer } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { loadDevice, saveDevice } from './devices.ts'

export type AdministrativeChannel = Connection<AdministrationMethods>

export function openAdministration({ directory }: Pick<KnownDeployment, 'directory'>): AdministrativeChannel {
  const address = { socket: join(directory, 'sam-administration.sock') }
  return connect({ methods: administrationMethods, address, refusals: sapRefusals })
}

/** @throws Error with the problems, when it is not even proposed */
export async function propose(channel: AdministrativeChannel, act: Act, minutes = 60): Promise<Proposal> {
  const { proposal, problems } = await channel.call('propose', { act, reason: 'because', minutes })
  if (proposal === undefined) throw new Error(problems.join('\n'))
  return proposal
}

/** What somebody's device says to a ticket of his own. */
export async function approvalBy(
  deployment: KnownDeployment,
  channel: Pick<AdministrativeChannel, 'call'>,
  requestId: string,
  personId: string,
): Promise<Answered> {
  const { ticket, allow, request } = await channel.call('tickets/administer', { requestId, personId })
  const device = loadDevice(deployment.directory, personId)
  const options = { device, origin: deployment.urls.approval, allow }
  const answered = answer(administerStatementBytes(ticket, request), options)
  saveDevice(deployment.directory, personId, device) // its signature counter moved on
  return answered
}

/** Proposes it, and has as many of those who may approve it as it takes. */
export async function decide(deployment: KnownDeployment, act: Act): Promise<void> {
  const channel = openAdministration(deployment)
  try {
    const { requestId, needed, approvers } = await propose(channel, act)
    for (const { id } of approvers.slice(0, needed)) {
      await channel.call('administer', await approvalBy(deployment, channel, requestId, id))
    }
  } finally {
    channel.close()
  }
}

export const amend = (deployment: KnownDeployment, changes: readonly Change[]): Promise<void> =>
  decide(deployment, { kind: 'amend', changes })
