/**
 * The public door: HTTP/1.1 with hard limits, open to everyone, and nothing behind it that a caller could change.
 *
 * A route says which methods it has and what they accept; everything else is answered here. Every answer may be
 * read by any page (`Access-Control-Allow-Origin: *`), because there are no cookies and no secrets, and a browser
 * that signs needs time-stamps and status too. Behind a reverse proxy, a path in `public.baseUrl` is the proxy's
 * to strip.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Allowances, callerOf, type Log, listenOn, type WebListen, webServer } from '@natsuin/protocol/node'

/** Thrown by a route for a message that its protocol has no answer for. */
export class HttpRefusal extends Error {
  readonly status: number

  constructor(status: 400 | 404 | 405 | 413 | 415 | 429, message: string) {
    super(message)
    this.status = status
  }
}

class TooManyRequests extends HttpRefusal {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(429, `come again in ${retryAfterSeconds} seconds`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface Answer {
  readonly status?: number
  readonly contentType: string
  readonly body: Uint8Array | string
  /** Cache-Control; `no-store` unless it is said otherwise. */
  readonly cache?: string
}

export interface Route {
  /** The path; with a final slash, everything below it, and `rest` is what follows. */
  readonly path: string
  readonly get?: (rest: string) => Promise<Answer>
  readonly post?: {
    readonly contentType: string
    readonly handle: (body: Uint8Array) => Promise<Answer>
  }
}

export interface PublicServer {
  readonly port: number
  close(): Promise<void>
}

export interface PublicServerOptions {
  readonly listen: WebListen
  readonly log: Log
  readonly routes: readonly Route[]
  /** Requests of one address. */
  readonly perMinute: number
  /** Told of every fault; returns the incident id that the caller gets. */
  readonly onFault: (fault: unknown) => string
  /** Told of every answer: the path of its route, `other` where there is none. */
  readonly observe?: (path: string, status: number, seconds: number) => void
}

/** @throws Error with code `EADDRINUSE` when the port is taken */
export async function servePublic(options: PublicServerOptions): Promise<PublicServer> {
  const { listen, log, perMinute } = options
  const allowances = new Allowances({ perMinute })
  const server = webServer({ listen, limits: LIMITS, log }, (request, response) => {
    observe(options, request, response)
    void respond(options, allowances, request, response)
  })
  server.maxHeadersCount = MAX_HEADERS
  return { port: await listenOn(server, listen), close: () => closed(server) }
}

function observe(
  options: PublicServerOptions,
  { url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const begun = performance.now()
  const path = options.routes.find(route => serves(route, url.split('?')[0] ?? ''))?.path ?? 'other'
  response.once('finish', () =>
    options.observe?.(path, response.statusCode, (performance.now() - begun) / 1000),
  )
}

export const MAX_BODY_BYTES = 64 * 1024
const MAX_HEADERS = 64
/** How long requests under way may take when the process stops. */
const GRACE_MILLISECONDS = 2_000
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
}
const CORS = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
}

async function respond(
  options: PublicServerOptions,
  allowances: Allowances,
  request: IncomingMessage,
  response: ServerResponse,
) {
  try {
    const wait = allowances.take(callerOf(request, options.listen.proxies))
    if (wait > 0) throw new TooManyRequests(wait)
    send(request, response, await answerTo(options.routes, request, response))
  } catch (error) {
    // Nobody is there to be told, and a caller who hangs up is no fault of ours.
    if (request.destroyed && !request.complete && !(error instanceof HttpRefusal)) return
    // RFC 6585, 4.
    if (error instanceof TooManyRequests) response.setHeader('retry-after', error.retryAfterSeconds)
    send(request, response, answerToError(options, error))
  }
}

async function answerTo(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?')
  const route = routes.find(candidate => serves(candidate, path))
  if (route === undefined) throw new HttpRefusal(404, 'there is nothing here')
  const { method } = request
  if (method === 'OPTIONS') return preflight(route, response)
  if ((method === 'GET' || method === 'HEAD') && route.get !== undefined) {
    return route.get(path.slice(route.path.length))
  }
  if (method === 'POST' && route.post !== undefined) return post(route.post, request)
  response.setHeader('allow', methodsOf(route))
  throw new HttpRefusal(405, `use ${methodsOf(route)}`)
}

function serves({ path }: Route, asked: string): boolean {
  return path.endsWith('/') ? asked.startsWith(path) && asked.length > path.length : asked === path
}

function methodsOf({ get, post }: Route): string {
  return [...(get === undefined ? [] : ['GET', 'HEAD']), ...(post === undefined ? [] : ['POST'])].join(', ')
}

/** application/timestamp-query is no simple content type: a browser asks first. */
function preflight(route: Route, response: ServerResponse): Answer {
  response.setHeader('access-control-allow-methods', methodsOf(route))
  response.setHeader('access-control-allow-headers', 'content-type')
  response.setHeader('access-control-max-age', '86400')
  return { status: 204, contentType: 'text/plain', body: '' }
}

async function post(route: NonNullable<Route['post']>, request: IncomingMessage): Promise<Answer> {
  const [contentType = ''] = (request.headers['content-type'] ?? '').split(';')
  if (contentType.trim().toLowerCase() !== route.contentType) {
    throw new HttpRefusal(415, `send ${route.contentType}`)
  }
  return route.handle(await readBody(request))
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  // Without an encoding set, a request yields buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new HttpRefusal(413, `at most ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function answerToError(options: PublicServerOptions, error: unknown): Answer {
  if (error instanceof HttpRefusal) {
    return { status: error.status, contentType: 'text/plain', body: `${error.message}\n` }
  }
  const incident = options.onFault(error)
  return { status: 500, contentType: 'text/plain', body: `server error; incident ${incident}\n` }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status = 200, contentType, body, cache = 'no-store' } = answer
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(status, {
    ...CORS,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': cache,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS)
  server.close(() => {
    clearTimeout(cutOff)
    resolve()
  })
  return promise
}
