/** `/account/approvals` and `/account/passwords` — what waits for a signer, and what software of his logs in with. */
import { visibleText } from '@natsuin/protocol/approval'
import { record, text } from '@natsuin/protocol/shape'
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccountSessions } from '../signers/account-sessions.ts'
import type { ApplicationPasswords } from '../signers/application-passwords.ts'
import type { OutOfBandApprovals } from '../signing/out-of-band.ts'
import { bearerOf } from './authorization.ts'
import { browserAnswer } from './browser-answer.ts'

const handle = text({ max: 64, pattern: /^[\w-]+$/ })
const newPassword = record({
  label: visibleText(100),
  logInId: handle,
  assertion: browserAnswer<AuthenticationResponseJSON>(),
})
const removal = record({ passwordId: handle })

interface AccountPage {
  readonly sessions: AccountSessions
  readonly outOfBand: Pick<OutOfBandApprovals, 'waitingFor'>
  readonly passwords: ApplicationPasswords
  /** Whether anybody logs in with a password here. */
  readonly offersPasswords: boolean
}

export function accountRoutesFor({ sessions, outOfBand, passwords, offersPasswords }: AccountPage) {
  const signerOf = (request: FastifyRequest) => sessions.signerOf(bearerOf(request))
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/approvals', async request => ({
      approvals: await outOfBand.waitingFor(await signerOf(request)),
    }))

    app.post('/passwords', async request => {
      const user = await signerOf(request)
      if (!offersPasswords) return { offered: false }
      const listed = (await passwords.list(user)).map(
        ({ password_id: id, label, created_at: createdAt }) => ({
          id,
          label,
          createdAt,
        }),
      )
      return { offered: true, user, passwords: listed }
    })

    if (!offersPasswords) return

    // Not by the session alone: what is made here outlives it (threats T-WA-13).
    app.post('/passwords/make', async request => {
      const { label, logInId, assertion } = newPassword(request.body)
      const signerId = await sessions.confirm(bearerOf(request), logInId, assertion)
      return { password: await passwords.make(signerId, label) }
    })

    app.post('/passwords/remove', async (request, reply) => {
      await passwords.remove(await signerOf(request), removal(request.body).passwordId)
      return reply.code(204).send()
    })
  }
}
