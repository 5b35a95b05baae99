/**
 * The provider under fastify: its routes are taken over before fastify answers.
 *
 * Bodies are read here, because requests with a thousand signed attributes are larger than the provider's own
 * limit. Forwarding headers are overwritten with the configured address, so nobody can spell it otherwise.
 * Answers are worded on the way out.
 */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { transportSecurity } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import { type Answer, inCscWords, revocationAnswer, WORDED_ROUTES } from './csc-words.ts'
import { renderError } from './error-page.ts'

const MAX_FORM_BYTES = 10 * 1024 * 1024

export function mountProvider(app: FastifyInstance, provider: Provider, publicUrl: string): void {
  provider.use(wordOutages)
  provider.use(wordAnswers)
  keepReasons(provider)
  logFaults(provider, app.log)
  const listener = provider.callback()
  const { protocol, host } = new URL(publicUrl)
  const handle = (request: FastifyRequest, reply: FastifyReply) => {
    const { raw } = request
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    raw.headers['x-forwarded-host'] = host
    delete raw.headers['x-forwarded-for']
    if (typeof request.body === 'string') Object.assign(raw, { body: request.body })
    reply.hijack()
    reply.raw.setHeader('x-content-type-options', 'nosniff')
    reply.raw.setHeader('referrer-policy', 'no-referrer')
    reply.raw.setHeader('cache-control', 'no-store')
    reply.raw.setHeaders(new Map(Object.entries(transportSecurity(publicUrl))))
    reply.raw.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    void listener(raw, reply.raw)
  }
  app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, body),
    )
    const options = { bodyLimit: MAX_FORM_BYTES, handler: handle }
    for (const url of ['/oauth2/*', '/.well-known/oauth-authorization-server']) {
      scope.route({ method: ['GET', 'HEAD', 'POST', 'OPTIONS'], url, ...options })
    }
  })
}

const REFUSED_EVENTS = ['grant.error', 'revocation.error', 'pushed_authorization_request.error'] as const

/**
 * A fault of the provider reaches the client as an incident id, and the log under the same id; an outage in the words
 * of RFC 6749, 4.1.2.1.
 */
function logFaults(provider: Provider, log: FastifyBaseLogger): void {
  provider.on('server_error', (context, err) => {
    // Before the provider has worded it, or after, as the endpoint is; a redirect stays as it is.
    if (err instanceof Refusal && context.body !== undefined)
      renderError(context, { error: 'server_error' }, err)
    if (err instanceof Refusal) return
    const incident = randomUUID()
    context.state['incident'] = incident
    log.error({ incident, err }, 'fault')
  })
  // Koa's own event, for what fails outside the provider's handlers; its types do not list it.
  const koa: EventEmitter = provider
  koa.on('error', (err: unknown) => log.error({ err }, 'fault'))
}

/** The reason of a refusal is in the provider's event alone; CSC has words for some of them. */
function keepReasons(provider: EventEmitter): void {
  for (const event of REFUSED_EVENTS) {
    provider.on(event, (context: KoaContextWithOIDC, { error_detail: detail }: errors.OIDCProviderError) => {
      context.state['detail'] = detail
    })
  }
}

/** Sessions are stored after the provider has handled its errors. */
async function wordOutages(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    context.remove('location')
    renderError(context, { error: 'server_error' }, error)
  }
}

async function wordAnswers(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const route = context.oidc?.route ?? ''
  if (!WORDED_ROUTES.includes(route)) return
  if (route === 'revocation' && context.status === 200) answerRevocation(context)
  const body: unknown = context.body
  const { incident } = context.state
  if (incident !== undefined && typeof body === 'object') {
    context.body = { error: 'server_error', error_description: `Incident ${incident}` }
    return
  }
  if (typeof body === 'object' && body !== null && 'error' in body) wordError(context, route, body)
}

function wordError(context: KoaContextWithOIDC, route: string, body: object): void {
  const {
    error,
    error_description: description,
    ...rest
  } = body as { error: string; error_description?: string }
  const refused = {
    status: context.status,
    error,
    description,
    detail: String(context.state['detail'] ?? ''),
  }
  const worded = inCscWords(route, refused, {
    parameters: { ...context.oidc.body, ...context.oidc.params },
    hasHeader: context.headers.authorization !== undefined,
  })
  answerWith(context, worded, rest)
}

function answerRevocation(context: KoaContextWithOIDC): void {
  const refused = revocationAnswer(context)
  if (refused === undefined) context.status = 204
  else answerWith(context, refused)
}

function answerWith(
  context: KoaContextWithOIDC,
  { status, error, description }: Answer,
  rest: object = {},
): void {
  context.status = status
  context.body = { error, ...(description === undefined ? {} : { error_description: description }), ...rest }
}
