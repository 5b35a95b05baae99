/**
 * `/administration` — what the approval page needs for people of the roster to approve what is asked of them
 * (sole-control 8). Carried to the SAM and back: nothing here knows a request, nor believes an approval.
 */
import { identifier, toWire } from '@natsuin/protocol/approval'
import { sapMethods } from '@natsuin/protocol/sap'
import type { FastifyInstance } from 'fastify'
import type { Sam } from '../signing/sam.ts'

type Asked = { Params: { requestId: string; personId: string } }

export function administrationRoutes(sam: Sam) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Asked>('/:requestId/:personId', async ({ params }) => {
      const request = { requestId: identifier(params.requestId), personId: identifier(params.personId) }
      return toWire(await sam.call('tickets/administer', request))
    })

    app.post('/', async ({ body }) => await sam.call('administer', sapMethods.administer.request(body)))
  }
}
