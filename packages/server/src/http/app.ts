/**
 * The HTTP server: limits, headers and parsers that hold for every route (threats.md, section 4; T-DOS-01, -02;
 * T-OA-11, -12).
 */

import { callerOf, type Log, transportSecurity, webServer } from '@natsuin/protocol/node'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { ServerConfiguration } from '../config/load.ts'
import { RequestRefused } from '../csc/errors.ts'
import { answerInCscWords } from './errors.ts'
import { limitRequests } from './limits.ts'

/** Of the body of a request; of what stands around the documents where it has any. */
export const MAX_JSON_BYTES = 1024 * 1024
const MAX_HEADER_BYTES = 16 * 1024
const MAX_HEADERS = 64
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 120_000
/** Longer than our clients and proxies keep an idle connection, so that we never close one they are about to use. */
const KEEP_ALIVE_MS = 72_000

/** Where it listens, where browsers reach it, and how much it takes on. */
type Place = Pick<ServerConfiguration, 'listen' | 'publicUrl' | 'clientCertificates' | 'limits'>

export function createApp(log: Logger, place: Place): FastifyInstance {
  const { listen, publicUrl, clientCertificates, limits } = place
  const { connectionsPerAddress } = limits
  const nodeLimits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const askForCertificates = 'from' in clientCertificates && clientCertificates.from === 'tls'
  const tell: Log = (level, event, fields) => log[level](fields ?? {}, event)
  const app = Fastify({
    loggerInstance: log,
    // One line per request would be the hot path's most expensive step, and URLs may hold handles.
    logController: new LogController({ disableRequestLogging: true }),
    // Nothing distinguishes one request's lines from another's, so they share a logger.
    childLoggerFactory: logger => logger,
    bodyLimit: MAX_JSON_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    serverFactory: listener =>
      webServer(
        { listen, limits: nodeLimits, connectionsPerAddress, log: tell, askForCertificates },
        listener,
      ),
    // Clients join `info.oauth2` and a path with one slash too many.
    rewriteUrl: request => (request.url ?? '/').replace(/^\/{2,}/, '/'),
    routerOptions: { maxParamLength: 64 },
    forceCloseConnections: true,
  }) as unknown as FastifyInstance // the logger's own type is of no interest to the routes
  app.server.maxHeadersCount = MAX_HEADERS
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => parseUnambiguousJson(body),
  )
  app.setErrorHandler(answerInCscWords)
  limitRequests(app, limits, request => callerOf(request.raw, listen.proxies))
  // What is compressed can be anything when it is opened (T-DOS-01).
  app.addHook('onRequest', async ({ headers }) => {
    if (headers['content-encoding'] !== undefined) throw new RequestRefused('content-encoding')
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.headers(transportSecurity(publicUrl))
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (!reply.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    }
  })
  return app
}
