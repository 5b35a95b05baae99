/**
 * An application's web site, as far as a browser needs it: a page that opens a second window, sends it where it
 * has to go, hands documents over when a page there greets it, and remembers what it was told; and the callback.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  readonly origin: string
  /** The redirect URI. */
  readonly callback: string
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
    setDocuments(texts) {
      this.documents = texts.map(text => Uint8Array.from(atob(text), one => one.charCodeAt(0)).buffer)
    },
  }
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== portal.window) return
    portal.messages.push(data)
    const documents = portal.documents.map(bytes => ({ name: 'document.pdf', bytes }))
    if (data.natsuin === 'ready') source.postMessage({ natsuin: 'documents', documents }, origin)
  })
</script>`

export async function openSite(): Promise<Site> {
  const server = createServer((request, response) => {
    const known = request.url === '/' || request.url?.startsWith('/callback')
    response.writeHead(known ? 200 : 204, { 'content-type': 'text/html' })
    response.end(known ? PAGE : undefined)
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
  return { origin, callback: `${origin}/callback`, close }
}
