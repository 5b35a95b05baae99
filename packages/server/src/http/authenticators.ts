/**
 * `/account/…` — what the account page asks — and `/authenticators/:handle` — what the approval page fetches and answers
 * (sole-control 6).
 */
import { assertion, authenticatorId, toWire } from '@natsuin/protocol/approval'
import { base64url, record, text } from '@natsuin/protocol/shape'
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccountSessions } from '../signers/account-sessions.ts'
import type { Authenticators } from '../signers/authenticators.ts'
import { bearerOf } from './authorization.ts'
import { browserAnswer } from './browser-answer.ts'

const logInAnswer = record({
  logInId: text({ max: 64, pattern: /^[\w-]+$/ }),
  assertion: browserAnswer<AuthenticationResponseJSON>(),
})
const removal = record({ authenticatorId })

interface AccountPage {
  readonly sessions: AccountSessions
  readonly authenticators: Authenticators
  readonly approvalOrigin: string
}

export function accountPageRoutes({ sessions, authenticators, approvalOrigin }: AccountPage) {
  const signerOf = (request: FastifyRequest) => sessions.signerOf(bearerOf(request))
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/log-in/options', () => sessions.begin())

    app.post('/log-in', async ({ body }) => {
      const answer = logInAnswer(body)
      return { token: await sessions.logIn(answer.logInId, answer.assertion) }
    })

    app.post('/log-out', async (request, reply) => {
      await sessions.logOut(bearerOf(request))
      return reply.code(204).send()
    })

    app.post('/authenticators', async request => {
      const signerId = await signerOf(request)
      const notices = await authenticators.notices(signerId)
      return {
        authenticators: await authenticators.list(signerId),
        notices: notices.map(({ kind, at }) => ({ kind, at })),
      }
    })

    app.post('/authenticators/add', async request => {
      const handle = await authenticators.beginAdding(await signerOf(request))
      return { continue: `${approvalOrigin}/#passkey=${handle}` }
    })

    app.post('/authenticators/remove', async request => {
      const signerId = await signerOf(request)
      const handle = await authenticators.beginRemoving(signerId, removal(request.body).authenticatorId)
      return { continue: `${approvalOrigin}/#passkey=${handle}` }
    })
  }
}

const answer = record({ statement: base64url({ max: 65_536 }), assertion })

type Handle = { Params: { handle: string } }

export function authenticatorRoutes(authenticators: Authenticators, publicUrl: string) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Handle>('/:handle', async ({ params: { handle } }) => toWire(await authenticators.read(handle)))

    app.post<Handle>('/:handle', async ({ params: { handle }, body }) => {
      await authenticators.submit(handle, answer(body))
      return { continue: `${publicUrl}/account/` }
    })
  }
}
