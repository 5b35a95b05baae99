/** `/enrolments/:grantId` and `/grants` — what the approval page needs to enrol and to vouch (sole-control 6). */
import { identifier, means, toWire } from '@natsuin/protocol/approval'
import { sapMethods } from '@natsuin/protocol/sap'
import { base64url, record } from '@natsuin/protocol/shape'
import type { FastifyInstance } from 'fastify'
import type { Enrolments } from '../signers/enrolment.ts'
import type { Grants } from '../signers/grants.ts'

const submission = record({
  statement: base64url({ max: 16384 }),
  means,
  enrolmentSignature: base64url({ max: 200 }),
})

type GrantId = { Params: { grantId: string } }

export function enrolmentRoutes(enrolments: Enrolments, publicUrl: string) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<GrantId>('/:grantId', async ({ params: { grantId } }) => ({
      ticket: await enrolments.ticket(identifier(grantId)),
    }))

    app.post<GrantId>('/:grantId', async ({ params: { grantId }, body }) => {
      const { accountToken, ...signer } = await enrolments.submit(identifier(grantId), submission(body))
      const fragment = accountToken === undefined ? '' : `#token=${accountToken}`
      return { ...signer, continue: `${publicUrl}/account/${fragment}` }
    })
  }
}

const ticketRequest = record({ officerId: identifier })

export function grantRoutes(grants: Grants) {
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/ticket', async ({ body }) => toWire(await grants.ticket(ticketRequest(body).officerId)))

    app.post('/', async ({ body }) => {
      return { grantId: await grants.submit(sapMethods['grants/submit'].request(body)) }
    })
  }
}
