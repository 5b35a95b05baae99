/** A service that a test writes: it answers over HTTP on this machine, as other people's services were seen to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Seen {
  readonly method: string
  /** After the address of the server. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Of a body that is JSON. */
  readonly json: Readonly<Record<string, unknown>>
  readonly form: URLSearchParams
}

export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text as it is, anything else as JSON; absent: none. */
  readonly body?: unknown
  /** Instead of an answer, or in the middle of it: the connection ends. */
  readonly hangsUp?: boolean
  /** Nothing comes, until the client leaves. */
  readonly isSilent?: boolean
}

/** Path → what is said to a request; a list is gone through, and its last element stays. */
export type Script = Readonly<Record<string, Said | readonly Said[] | ((seen: Seen) => Said)>>

export interface ScriptedService {
  /** Without a slash at its end. */
  readonly url: string
  readonly seen: readonly Seen[]
  /** Those to this path. */
  to(path: string): readonly Seen[]
  close(): Promise<void>
}

export async function startService(script: Script | ((url: string) => Script)): Promise<ScriptedService> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const all = typeof script === 'function' ? script(url) : script
    void answer(all, seen, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${portOf(server)}`
  return {
    url,
    seen,
    to: path => seen.filter(one => one.path === path),
    close: async () => {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answer(script: Script, all: Seen[], request: IncomingMessage, response: ServerResponse) {
  const seen = await read(request)
  all.push(seen)
  const entry = script[seen.path] ?? { status: 404, body: { error: 'invalid_request' } }
  const earlier = all.filter(({ path }) => path === seen.path).length - 1
  const said = saidIn(entry, seen, earlier)
  if (said.isSilent === true) return
  const body =
    typeof said.body === 'string' || said.body === undefined ? said.body : JSON.stringify(said.body)
  response.writeHead(said.status ?? (body === undefined ? 204 : 200), {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...said.headers,
  })
  if (said.hangsUp === true) {
    response.write(body ?? '', () => response.destroy())
  } else response.end(body)
}

function saidIn(entry: Script[string], seen: Seen, earlier: number): Said {
  if (typeof entry === 'function') return entry(seen)
  const list: readonly Said[] = [entry].flat()
  return list[Math.min(earlier, list.length - 1)] ?? {}
}

async function read(request: IncomingMessage): Promise<Seen> {
  const body = await text(request)
  const isJson = request.headers['content-type'] === 'application/json'
  return {
    method: request.method ?? '',
    path: (request.url ?? '').split('?')[0] ?? '',
    headers: request.headers,
    body,
    json: isJson ? JSON.parse(body) : {},
    form: new URLSearchParams(isJson ? '' : body),
  }
}
