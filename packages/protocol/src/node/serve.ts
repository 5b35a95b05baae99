/**
 * The answering end of SAP and of the issuance protocol: HTTP/1.1 POST of JSON on a local socket, or on mutual
 * TLS where the peer is remote. Node only.
 *
 * A refusal answers 422 with its code and nothing else; a fault answers 500 with an incident id that the log of
 * this process can be searched for. HTTP, because every operator's tools know it; no framework, because the SAM
 * depends on next to nothing.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { toWire } from '../approval/wire.ts'
import { Refusal } from '../refusal/refusal.ts'
import { ShapeError } from '../shape/shape.ts'
import { type Address, type Handlers, MAX_MESSAGE_BYTES, type MethodTable } from './methods.ts'
import { socketPath } from './socket-path.ts'

export interface ServeOptions<T extends MethodTable> {
  readonly methods: T
  readonly handlers: Handlers<T>
  readonly address: Address
  /** Told of every fault, with the incident id that the peer got. */
  readonly onFault: (incident: string, fault: unknown) => void
}

export interface Serving {
  /** The port, when listening on TLS with port 0. */
  readonly port: number | undefined
  close(): Promise<void>
}

export async function serve<T extends MethodTable>(options: ServeOptions<T>): Promise<Serving> {
  const server = makeServer(options.address, (request, response) => void answer(options, request, response))
  // The asking end alone ends a connection that is idle: it may be about to use it, and would take us for gone.
  server.keepAliveTimeout = 0
  await listen(server, options.address)
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : undefined,
    close: () => closed(server),
  }
}

function makeServer(address: Address, listener: RequestListener): Server {
  if ('socket' in address) return createServer(listener)
  const { certificate: cert, key, authority: ca } = address.tls
  return createTlsServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    listener,
  )
}

async function listen(server: Server, address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  if ('socket' in address) {
    rmSync(address.socket, { force: true })
    server.listen(socketPath(address.socket), resolve)
  } else {
    server.listen(address.port, address.host, resolve)
  }
  await promise
  if ('socket' in address) chmodSync(address.socket, address.group === true ? 0o660 : 0o600)
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}

async function answer<T extends MethodTable>(
  options: ServeOptions<T>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  try {
    const body = await readBody(request)
    send(response, 200, await call(options, request, body))
  } catch (error) {
    sendError(options, response, error)
  }
}

async function call<T extends MethodTable>(
  options: ServeOptions<T>,
  request: IncomingMessage,
  body: Uint8Array,
) {
  const name = (request.url ?? '').slice(1)
  const method = Object.hasOwn(options.methods, name) ? options.methods[name] : undefined
  if (method === undefined || request.method !== 'POST') throw new Refusal('method-unknown')
  const shaped = method.request(parseJson(body))
  // The table pairs each method's shape with the handler of the same name.
  const handler = options.handlers[name as keyof T] as (request: unknown) => Promise<unknown>
  return toWire(await handler(shaped))
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    throw new ShapeError('', 'JSON')
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_MESSAGE_BYTES) throw new ShapeError('', `at most ${MAX_MESSAGE_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function sendError<T extends MethodTable>(
  options: ServeOptions<T>,
  response: ServerResponse,
  error: unknown,
): void {
  const refusal = error instanceof Refusal || error instanceof ShapeError ? error.code : undefined
  if (refusal !== undefined) {
    send(response, 422, { refusal })
    return
  }
  const incident = randomUUID()
  options.onFault(incident, error)
  send(response, 500, { fault: incident })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const payload = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
  })
  response.end(payload)
}
