/**
 * A client as light as can be: the load generator shares the machine with what it measures, and `fetch` alone
 * costs as much as the whole service may.
 */
import { Agent, request } from 'node:http'

export interface Caller {
  /** POST of JSON; the parsed answer. @throws unless it is 200 */
  post(url: URL, body: string, token: string): Promise<unknown>
  close(): void
}

export function openCaller(connections: number): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    async post(url, body, token) {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${token}`,
      }
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const outgoing = request(url, { agent, method: 'POST', headers }, response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(JSON.parse(text))
            : reject(new Error(`${url.pathname} answered ${response.statusCode} ${text}`)),
        )
        response.on('error', reject)
      })
      outgoing.on('error', reject)
      outgoing.end(body)
      return promise
    },
    close: () => agent.destroy(),
  }
}
