/**
 * The provider under fastify: its routes are taken over before fastify answers.
 *
 * Bodies are read here, because requests with a thousand signed attributes are larger than the provider's own
 * limit. Forwarding headers are overwritten with the configured address, so nobody can spell it otherwise.
 * Answers are worded on the way out (CSC API v2.0.0.2, 8.4.4 and 8.4.5).
 */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { transportSecurity } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { renderError } from './error-page.ts'
import { cscDescription } from './errors.ts'

const MAX_FORM_BYTES = 10 * 1024 * 1024

export function mountProvider(app: FastifyInstance, provider: Provider, publicUrl: string): void {
  provider.use(wordOutages)
  provider.use(wordAnswers)
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
    for (const url of ['/oauth2/*', '/.well-known/*']) {
      scope.route({ method: ['GET', 'HEAD', 'POST', 'OPTIONS'], url, ...options })
    }
  })
}

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

/** What each endpoint cannot do without, in the order of CSC's tables. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  token: ['grant_type', 'code'],
  revocation: ['token'],
  pushed_authorization_request: [],
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
  const required = REQUIRED[context.oidc?.route ?? '']
  if (required === undefined) return
  if (context.oidc.route === 'revocation' && context.status === 200) answerRevocation(context)
  const body: unknown = context.body
  const { incident } = context.state
  if (incident !== undefined && typeof body === 'object') {
    context.body = { error: 'server_error', error_description: `Incident ${incident}` }
    return
  }
  if (typeof body === 'object' && body !== null && 'error' in body) {
    // RFC 6749, 2.3.1: with Basic authentication the header names the client.
    const names = context.headers.authorization === undefined ? ['client_id', ...required] : required
    const asked = { parameters: parametersOf(context), required: names, authenticated: provesItself(context) }
    const description = cscDescription(body as { error: string }, asked)
    context.body = { ...body, ...(description === undefined ? {} : { error_description: description }) }
  }
}

/** 204 instead of RFC 7009's 200; and CSC tells a client that its token was unknown, or another client's. */
function answerRevocation(context: KoaContextWithOIDC): void {
  const { client, entities } = context.oidc
  if (entities.AccessToken !== undefined && entities.AccessToken.clientId === client?.clientId) {
    context.status = 204
    return
  }
  context.status = 400
  context.body = { error: 'invalid_request', error_description: 'Invalid string parameter token' }
}

function parametersOf(context: KoaContextWithOIDC): Record<string, unknown> {
  return { ...context.oidc.body, ...context.oidc.params }
}

function provesItself(context: KoaContextWithOIDC): boolean {
  const { client_secret: secret } = parametersOf(context)
  return secret !== undefined || context.headers.authorization !== undefined
}
