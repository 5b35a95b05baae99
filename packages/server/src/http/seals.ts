/** `/natsuin/v1/seals` — what software with a seal key calls: a ticket, and its sealed approval (sole-control 7). */
import { identifier, sealText } from '@natsuin/protocol/approval'
import { base64url, record } from '@natsuin/protocol/shape'
import type { FastifyInstance } from 'fastify'
import type { SealApprovals } from '../oauth/seal-approvals.ts'
import { clientSecretOf, type HolderOf } from './authorization.ts'

/** A thousand statements' worth of signed attributes, in base64url. */
const MAX_BODY_BYTES = 10 * 1024 * 1024

const ticketRequest = record({ credentialID: identifier })
const sealed = record({ statement: base64url({ max: 8_000_000 }), seal: sealText })

export function sealRoutes(seals: SealApprovals, holderOf: HolderOf) {
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/ticket', async request => {
      const clientId = seals.authenticate(clientSecretOf(request))
      return { ticket: await seals.ticket(clientId, ticketRequest(request.body).credentialID) }
    })

    app.post('/', { bodyLimit: MAX_BODY_BYTES }, async request => {
      const clientId = seals.authenticate(clientSecretOf(request))
      return seals.approve(clientId, sealed(request.body), await holderOf(request))
    })
  }
}
