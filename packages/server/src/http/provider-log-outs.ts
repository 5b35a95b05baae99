/**
 * `/identity-providers/log-out` — where an identity provider says that somebody logged out there (OpenID Connect
 * Back-Channel Logout 1.0, 2.5 and 2.8). Nothing is believed here: the token goes to the SAM, which knows the provider.
 */
import { idTokenText } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { ShapeError } from '@natsuin/protocol/shape'
import type { FastifyInstance } from 'fastify'
import type { Sam } from '../signing/sam.ts'

/** A token, and what of a form is around it. */
const MAX_BODY_BYTES = 20_000

export function providerLogOutRoute(sam: Sam) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
      async (_request: unknown, body: string) => new URLSearchParams(body),
    )
    app.post('/log-out', { bodyLimit: MAX_BODY_BYTES }, async ({ body }, reply) => {
      try {
        await sam.call('providers/log-out', { logoutToken: tokenIn(body) })
        return reply.code(200).send()
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof ShapeError)) throw error
        return reply.code(400).send({ error: 'invalid_request', error_description: error.code })
      }
    })
  }
}

/** @throws ShapeError */
function tokenIn(body: unknown): string {
  return idTokenText(body instanceof URLSearchParams ? body.get('logout_token') : undefined, 'logout_token')
}
