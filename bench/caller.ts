/**
 * A client as light as can be: the load generator shares the machine with what it measures, and `fetch` alone
 * costs as much as the whole service may.
 */
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { request as requestOverTls, Agent as TlsAgent } from 'node:https'

export interface Answer {
  readonly status: number
  readonly text: string
}

export interface Caller {
  /** POST. @throws when the connection fails */
  send(url: URL, body: string, headers: OutgoingHttpHeaders): Promise<Answer>
  /** POST of JSON; the parsed answer. @throws unless it is 200 */
  post(url: URL, body: string, token: string): Promise<unknown>
  close(): void
}

export interface CallerOptions {
  readonly tls?: boolean
  /** Where connections come from: another address of this machine. */
  readonly localAddress?: string
}

export function openCaller(connections: number, { tls = false, localAddress }: CallerOptions = {}): Caller {
  const options = {
    keepAlive: true,
    maxSockets: connections,
    ...(localAddress !== undefined && { localAddress }),
  }
  const agent = tls ? new TlsAgent(options) : new Agent(options)
  const ask = tls ? requestOverTls : request
  const send: Caller['send'] = (url, body, headers) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const length = { 'content-length': Buffer.byteLength(body) }
    const outgoing = ask(url, { agent, method: 'POST', headers: { ...length, ...headers } }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
    return promise
  }
  return {
    send,
    async post(url, body, token) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const { status, text } = await send(url, body, headers)
      if (status !== 200) throw new Error(`${url.pathname} answered ${status} ${text}`)
      return JSON.parse(text)
    },
    close: () => agent.destroy(),
  }
}
