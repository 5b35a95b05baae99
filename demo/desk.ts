/**
 * The demonstration's page and its registration desk.
 *
 * The page shows what just happened and lets a person sign a PDF of her own. The desk does what an operator's
 * registration office would: it has the demonstration officer vouch for whoever asks. That is the one thing here
 * that no real deployment would do.
 */
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { basename, extname, join, normalize } from 'node:path'
import { json as readJson } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { visibleText } from '@natsuin/protocol/approval'
import { record, ShapeError } from '@natsuin/protocol/shape'
import { invite, type KnownDeployment } from '@natsuin/testing/deployment'
import { CLIENT } from './client.ts'
import { rootOf } from './root.ts'
import type { State } from './state.ts'

export interface Desk {
  close(): Promise<void>
}

interface DeskOptions {
  readonly known: KnownDeployment
  readonly state: State
  readonly port: number
}

export async function openDesk(options: DeskOptions): Promise<Desk> {
  const server = createServer((request, response) => void answer(options, request, response))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, '127.0.0.1', resolve)
  await promise
  return { close: () => closed(server) }
}

type Answer = (
  options: DeskOptions,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void

const ANSWERS: Readonly<Record<string, Answer>> = {
  'GET /': (options, _, response) => sendFile(options, response, join(WEB, 'desk.html')),
  'GET /desk/callback.html': (options, _, response) =>
    sendFile(options, response, join(WEB, 'callback.html')),
  'GET /desk/config.json': ({ known }, _, response) => sendJson(response, 200, configOf(known)),
  'GET /desk/result.json': ({ state }, _, response) => sendResult(response, state),
  'GET /desk/signed.pdf': (options, _, response) =>
    sendFile(options, response, options.state.result.read()?.signedPdf),
  'GET /desk/evidence.json': (options, _, response) =>
    sendFile(options, response, options.state.result.read()?.evidence),
  'POST /desk/invitations': sendInvitation,
}

const WEB = fileURLToPath(new URL('../packages/web/dist', import.meta.url))

async function answer(
  options: DeskOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (isAskedByAddress(options, request)) return sendToName(options, response)
    if (request.headers.host !== `localhost:${options.port}`) throw new ShapeError('host', 'localhost')
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const known = ANSWERS[`${request.method} ${path}`]
    await (known === undefined ? sendAsset(options, path, response) : known(options, request, response))
  } catch (error) {
    const malformed = error instanceof ShapeError || error instanceof SyntaxError
    sendJson(response, malformed ? 400 : 500, { error: malformed ? 'malformed' : 'server_error' })
  }
}

function isAskedByAddress({ port }: DeskOptions, { headers, method }: IncomingMessage): boolean {
  return method === 'GET' && headers.host === `127.0.0.1:${port}`
}

/** Passkeys need a name, and what this page may do at the service is bound to its own. */
function sendToName({ port }: DeskOptions, response: ServerResponse): void {
  response.writeHead(302, { location: `http://localhost:${port}/`, 'cache-control': 'no-store' }).end()
}

function configOf(known: KnownDeployment): object {
  return {
    serverUrl: known.urls.server,
    approvalOrigin: known.urls.approval,
    tsaUrl: known.urls.timeStamp,
    clientId: CLIENT.id,
    root: Buffer.from(rootOf(known)).toString('base64'),
    samKeyDigest: known.samKeyDigest,
  }
}

const invitation = record({ name: visibleText(64) })

async function sendInvitation(
  { known }: DeskOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A page of another site can send no JSON here without asking first (Fetch, CORS-safelisted request headers).
  if (request.headers['content-type'] !== 'application/json')
    throw new ShapeError('content-type', 'application/json')
  const { name } = invitation(await readJson(request))
  const { url } = await invite(known, { countryName: 'JP', commonName: name })
  sendJson(response, 201, { url })
}

function sendResult(response: ServerResponse, state: State): void {
  const result = state.result.read()
  sendJson(response, result === undefined ? 404 : 200, result ?? { error: 'not_yet' })
}

function sendAsset(options: DeskOptions, path: string, response: ServerResponse): void {
  const asset = normalize(path)
  sendFile(options, response, asset.startsWith('/assets/') ? join(WEB, asset) : undefined)
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.woff2': 'font/woff2',
}

function sendFile({ known }: DeskOptions, response: ServerResponse, path: string | undefined): void {
  if (path === undefined || !existsSync(path)) {
    sendJson(response, 404, { error: 'not_found' })
    return
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  const name = encodeURIComponent(basename(path))
  response.writeHead(200, {
    ...headersFor(known),
    'content-type': type,
    'content-disposition': `inline; filename*=UTF-8''${name}`,
  })
  createReadStream(path).pipe(response)
}

function headersFor({ urls }: KnownDeployment): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
    `connect-src 'self' ${urls.server} ${urls.authorities}`,
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}
