/**
 * `/login/:uid/providers/:id`, which the log-in page asks, and `/log-in/:id`, where providers send browsers back to.
 *
 * The cookie of an interaction has its path, so it does not come along to `/log-in`: a cookie of this log-in's own says
 * that the browser that comes back is the one that left (T-OA-09).
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errorPage } from '../oauth/error-page.ts'
import { wordsFor } from '../oauth/errors.ts'
import type { Interactions } from '../oauth/interactions.ts'
import type { DelegatedLogIns } from '../signers/delegated-log-ins.ts'
import { redirectUriOf } from '../signers/log-in-providers.ts'
import { pageStatus } from './page-errors.ts'

const COOKIE_SECONDS = 600
const COOKIE = /^[\w-]{43}$/

type Asked = { Params: { uid: string; providerId: string } }
type Answered = { Params: { providerId: string } }

interface Parts {
  readonly delegatedLogIns: DelegatedLogIns
  readonly interactions: Interactions
  readonly publicUrl: string
}

/** To be registered under `/login`. */
export function providerChoiceRoutes({ delegatedLogIns, interactions, publicUrl }: Parts) {
  const cookie = cookieOf(publicUrl)
  return async (app: FastifyInstance): Promise<void> => {
    app.post<Asked>('/:uid/providers/:providerId', async (request, reply) => {
      const { uid, providerId } = request.params
      interactions.checkBrowser(uid, request.raw, reply.raw)
      const { scope } = await interactions.view(uid)
      // What is more than a log-in is agreed to with a passkey.
      if (scope !== 'service') throw new Refusal('log-in-provider-closed')
      const { address, browser } = await delegatedLogIns.begin(uid, providerId)
      reply.header('set-cookie', cookie.with(browser))
      return { continue: address }
    })
  }
}

/** To be registered under `/log-in`. */
export function providerAnswerRoutes({ delegatedLogIns, interactions, publicUrl }: Parts) {
  const cookie = cookieOf(publicUrl)
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((error, _request, reply) => {
      if (!(error instanceof Refusal)) throw error
      const page = errorPage(wordsFor(error.code))
      return reply.code(pageStatus(error.code)).type('text/html; charset=utf-8').send(page)
    })

    app.get<Answered>('/:providerId', async (request, reply) => {
      const { providerId } = request.params
      // The address is the registered one, whatever the request says of itself; the answer is in the query.
      const query = request.originalUrl.split('?').slice(1).join('?')
      const answer = new URL(`${redirectUriOf(publicUrl, providerId)}?${query}`)
      const begun = await delegatedLogIns.cameBack(providerId, answer, cookie.in(request))
      reply.header('set-cookie', cookie.gone)
      return reply.redirect(await next(begun, answer), 303)
    })
  }

  /** On with the request, or back to the log-in page, which says why not. */
  async function next(begun: Awaited<ReturnType<DelegatedLogIns['cameBack']>>, answer: URL): Promise<string> {
    try {
      const signerId = await delegatedLogIns.signerOf(begun, answer)
      return await interactions.logIn(begun.uid, signerId, begun.provider_id)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return `/login/${begun.uid}#failed=${error.code}`
    }
  }
}

/** A name that a browser takes from this very host over TLS alone; locally there is no TLS. */
function cookieOf(publicUrl: string) {
  const secure = new URL(publicUrl).protocol === 'https:'
  const name = secure ? '__Host-natsuin-log-in' : 'natsuin-log-in'
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  return {
    with: (value: string) => `${name}=${value}; Max-Age=${COOKIE_SECONDS}; ${attributes}`,
    gone: `${name}=; Max-Age=0; ${attributes}`,
    /** Empty when there is none. */
    in({ headers }: FastifyRequest): string {
      const pairs = (headers.cookie ?? '').split(';').map(pair => pair.trim().split('='))
      const value = pairs.find(([given]) => given === name)?.[1] ?? ''
      return COOKIE.test(value) ? value : ''
    },
  }
}
