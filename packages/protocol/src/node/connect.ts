/**
 * The asking end of SAP and of the issuance protocol. Node only.
 *
 * A call that was refused throws `Refusal` with the peer's code; everything else that goes wrong (no peer, a
 * fault, an answer of another shape) throws `PeerFault`, and `PeerAway` when no whole answer came: nobody knows then
 * whether the call was carried out. A caller never retries on its own: only the protocol above knows which calls may
 * be repeated.
 */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { toWire } from '../approval/wire.ts'
import { Refusal } from '../refusal/refusal.ts'
import { oneOf, type Shape } from '../shape/shape.ts'
import {
  type Address,
  MAX_MESSAGE_BYTES,
  type MethodTable,
  type RequestOf,
  type ResponseOf,
} from './methods.ts'
import { socketPath } from './socket-path.ts'

export interface Connection<T extends MethodTable> {
  call<M extends keyof T & string>(method: M, request: RequestOf<T, M>): Promise<ResponseOf<T, M>>
  close(): void
}

/** The other process is not there, or failed. The incident id is searchable in its log. */
export class PeerFault extends Error {
  readonly code: 'peer-fault' | 'peer-away' = 'peer-fault'
  readonly incident: string | undefined

  constructor(message: string, incident?: string, options?: ErrorOptions) {
    super(message, options)
    this.incident = incident
  }
}

/** The other process is not there, went away, or takes too long. */
export class PeerAway extends PeerFault {
  override readonly code = 'peer-away'

  constructor(cause: unknown) {
    super('the peer did not answer', undefined, { cause })
  }
}

export interface ConnectOptions<T extends MethodTable> {
  readonly methods: T
  readonly address: Address
  /** The codes this peer may refuse with; any other is a fault. */
  readonly refusals: readonly string[]
  readonly timeoutMilliseconds?: number
}

export function connect<T extends MethodTable>(options: ConnectOptions<T>): Connection<T> {
  const transport = openTransport(options.address)
  const refusal = oneOf(...options.refusals)
  return {
    async call(method, request) {
      const answer = await transport.post(
        method,
        JSON.stringify(toWire(request)),
        options.timeoutMilliseconds ?? 30_000,
      )
      // Table lookup by a key of the table itself.
      return readAnswer(
        answer,
        refusal,
        options.methods[method]?.response as Shape<ResponseOf<T, typeof method>>,
      )
    },
    close: () => transport.close(),
  }
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

interface Transport {
  post(method: string, body: string, timeoutMilliseconds: number): Promise<Answer>
  close(): void
}

function readAnswer<R>(answer: Answer, refusal: Shape<string>, response: Shape<R>): R {
  const body = answer.body as { refusal?: unknown; fault?: unknown } | null
  if (answer.status === 422) throw new Refusal(refusal(body?.refusal))
  if (answer.status !== 200)
    throw new PeerFault(`the peer answered ${answer.status}`, String(body?.fault ?? ''))
  return response(answer.body)
}

function openTransport(address: Address): Transport {
  const local = 'socket' in address
  const settings = { keepAlive: true, maxSockets: 64 }
  const agent = local ? new Agent(settings) : new TlsAgent({ ...settings, ...tlsOptions(address.tls) })
  const target = local
    ? { socketPath: socketPath(address.socket) }
    : { host: address.host, port: address.port }
  const open = local ? httpRequest : tlsRequest
  return {
    post: (method, body, timeout) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const outgoing = open(
        { ...target, agent, path: `/${method}`, method: 'POST', headers, timeout },
        response => {
          collect(response).then(resolve, reject)
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
      outgoing.on('error', error => reject(new PeerAway(error)))
      outgoing.end(body)
      return promise
    },
    close: () => agent.destroy(),
  }
}

function tlsOptions(tls: { certificate: string; key: string; authority: string }) {
  return { cert: tls.certificate, key: tls.key, ca: tls.authority, minVersion: 'TLSv1.3' as const }
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const text = await readBody(response)
  try {
    return { status: response.statusCode ?? 0, body: JSON.parse(text) }
  } catch (error) {
    throw new PeerFault('the answer is not JSON', undefined, { cause: error })
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_MESSAGE_BYTES) throw new PeerFault('the answer is too large')
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof PeerFault ? error : new PeerAway(error)
  }
  return Buffer.concat(chunks).toString('utf8')
}
