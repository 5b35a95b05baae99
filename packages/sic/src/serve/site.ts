/**
 * Answers requests from the file table: GET and HEAD, the one host name, exact paths. It reads no body, sets no
 * cookie and writes nothing.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import type { Config } from '../config.ts'
import type { FileTable, ServedFile } from './file-table.ts'
import { headersFor } from './headers.ts'

export function siteOf(files: FileTable, config: Config): RequestListener {
  const { host } = new URL(config.origin)
  const entries = new Map(
    [...files].map(([path, file]) => [path, { file, headers: headersFor(path, config) }] as const),
  )
  return (request, response) => {
    // Another name for this address would be another origin, with another RP ID and other cookies.
    if (request.headers.host !== host) return refuse(response, 421)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, { allow: 'GET, HEAD' })
    const entry = entries.get(pathOf(request.url ?? ''))
    if (entry === undefined) return refuse(response, 404)
    answer(request, response, entry.file, entry.headers)
  }
}

/** Queries are nobody's business, except where an identity provider sends people back: the page there reads it. */
const pathOf = (url: string): string => (url.startsWith(`${PROVIDER_CALLBACK}?`) ? PROVIDER_CALLBACK : url)

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { type, bytes, gzipped }: ServedFile,
  headers: Readonly<Record<string, string>>,
): void {
  const compressed = acceptsGzip(request) ? gzipped : undefined
  const body = compressed ?? bytes
  response.writeHead(200, {
    ...headers,
    'content-type': type,
    'content-length': body.length,
    ...(gzipped === undefined ? {} : { vary: 'accept-encoding' }),
    ...(compressed === undefined ? {} : { 'content-encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** RFC 9110, 12.5.3, as far as browsers use it: a listed `gzip` without a weight of zero. */
function acceptsGzip({ headers }: IncomingMessage): boolean {
  const codings = String(headers['accept-encoding'] ?? '').split(',')
  return codings.some(coding => {
    const [name, weight = 'q=1'] = coding.split(';').map(part => part.trim())
    return name === 'gzip' && !/^q=0(?:\.0{0,3})?$/.test(weight)
  })
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-length': 0,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  })
  response.end()
}
