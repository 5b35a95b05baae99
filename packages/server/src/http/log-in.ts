/** `/login/:uid` and `/account/passkey` — log-in and first passkey, for the pages of this server. */
import { record, text } from '@natsuin/protocol/shape'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Interactions } from '../oauth/interactions.ts'
import type { DelegatedLogIns } from '../signers/delegated-log-ins.ts'
import type { LogInPasskeys } from '../signers/log-in-passkeys.ts'
import { browserAnswer } from './browser-answer.ts'

type Uid = { Params: { uid: string } }

const logInAnswer = record({ assertion: browserAnswer<AuthenticationResponseJSON>() })
const token = text({ max: 64, pattern: /^[\w-]+$/ })
const optionsRequest = record({ token })
const registrationAnswer = record({ token, registration: browserAnswer<RegistrationResponseJSON>() })

interface LogInPage {
  readonly passkeys: LogInPasskeys
  readonly interactions: Interactions
  /** Where people may log in instead. */
  readonly offered: DelegatedLogIns['offered']
}

export function logInRoutes({ passkeys, interactions, offered }: LogInPage) {
  return async (app: FastifyInstance): Promise<void> => {
    /** The uid is in a URL that anybody may send; the cookie says whose browser this is (T-OA-09). */
    const own = (request: FastifyRequest<Uid>, reply: FastifyReply): string => {
      interactions.checkBrowser(request.params.uid, request.raw, reply.raw)
      return request.params.uid
    }

    app.post<Uid>('/:uid/options', async (request, reply) => {
      const uid = own(request, reply)
      const { clientName, scope } = await interactions.view(uid)
      // What is more than a log-in is agreed to with a passkey.
      const providers = scope === 'service' ? offered().map(({ id, name }) => ({ id, name })) : []
      return { client: { name: clientName }, scope, options: await passkeys.logInOptions(uid), providers }
    })

    app.post<Uid>('/:uid', async (request, reply) => {
      const uid = own(request, reply)
      const signerId = await passkeys.logIn(uid, logInAnswer(request.body).assertion)
      return { continue: await interactions.logIn(uid, signerId) }
    })

    app.post<Uid>('/:uid/cancel', async (request, reply) => ({
      continue: await interactions.cancelLogIn(own(request, reply)),
    }))
  }
}

export function accountRoutes(passkeys: LogInPasskeys) {
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/passkey/options', async ({ body }) => ({
      options: await passkeys.registrationOptions(optionsRequest(body).token),
    }))

    app.post('/passkey', async ({ body }) => {
      const answer = registrationAnswer(body)
      return { signerId: await passkeys.register(answer.token, answer.registration) }
    })
  }
}
