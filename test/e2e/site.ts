/**
 * An application's web site, as far as a browser needs it: a page that opens a second window, sends it where it
 * has to go, hands documents over when a page there greets it, and remembers what it was told; the callback; and the
 * files that it keeps for whoever knows their address.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SiteFile {
  readonly bytes: Uint8Array
  /** Default 200. */
  readonly status?: number
  /** Default: anybody's page may read it. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Site {
  readonly origin: string
  /** The redirect URI. */
  readonly callback: string
  /** By path, `/files/…`. */
  readonly files: Map<string, SiteFile>
  /** What files were asked for, and how. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

const PAGE = `<!doctype html>
<title>Portal</title>
<script>
  const portal = {
    documents: [],
    messages: [],
    open() { this.window = window.open('about:blank', '_blank') },
    go(url) { this.window.location.href = url },
    /** From this site's own files, so that many large ones can be handed over. */
    async loadDocuments(paths) {
      const load = async path => (await fetch(path)).arrayBuffer()
      this.documents = await Promise.all(paths.map(load))
    },
    setDocuments(texts) {
      this.documents = texts.map(text => Uint8Array.from(atob(text), one => one.charCodeAt(0)).buffer)
    },
  }
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== portal.window) return
    portal.messages.push(data)
    if (data.natsuin !== 'ready' && data.natsuin !== 'checked') return
    const documents = portal.documents.splice(0, 100)
    if (documents.length > 0) source.postMessage({ natsuin: 'documents', documents }, origin, documents)
  })
</script>`

const ANYBODY = { 'access-control-allow-origin': '*' }

export async function openSite(): Promise<Site> {
  const files: Site['files'] = new Map()
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (!path.startsWith('/files/')) return answerPage(request, response)
    requests.push({ path, headers: request.headers })
    answerFile(files.get(path), response)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = server.address() as AddressInfo // it listens on TCP
  const origin = `http://localhost:${port}`
  const close = async () => {
    server.closeAllConnections()
    await server[Symbol.asyncDispose]()
  }
  return { origin, callback: `${origin}/callback`, files, requests, close }
}

function answerPage({ url }: IncomingMessage, response: ServerResponse): void {
  const known = url === '/' || url?.startsWith('/callback')
  response.writeHead(known ? 200 : 204, { 'content-type': 'text/html' })
  response.end(known ? PAGE : undefined)
}

function answerFile(file: SiteFile | undefined, response: ServerResponse): void {
  response.writeHead(file?.status ?? (file === undefined ? 404 : 200), file?.headers ?? ANYBODY)
  response.end(file?.bytes)
}
