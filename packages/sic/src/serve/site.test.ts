import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Config } from '../config.ts'
import { readFileTable } from './file-table.ts'
import { headersFor } from './headers.ts'
import { siteOf } from './site.ts'

const HOST = 'approve.localhost:8081'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

describe('the approval origin', () => {
  let folder: string
  let server: Server
  let config: Config

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'natsuin-sic-'))
    await mkdir(join(folder, 'bundle', 'assets'), { recursive: true })
    const files = {
      'secret.html': 'outside',
      'bundle/index.html': 'page',
      'bundle/viewer.html': 'viewer',
      'bundle/fetcher.html': 'fetcher',
      'bundle/provider.html': 'back',
      'bundle/assets/page-1.js': 'script '.repeat(100),
      'bundle/.built-from': 'stamp',
      'bundle/notes.txt': 'no part of a bundle',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    config = {
      listen: { host: '127.0.0.1', port: 0 },
      health: { socket: '' },
      origin: `http://${HOST}`,
      bundle: join(folder, 'bundle'),
      deployment: { samKey: 'key', serverOrigin: 'http://localhost:8080', deployment: 'Example' },
    }
    server = createServer(siteOf(await readFileTable(config), config))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })

  after(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  })

  const ask = (path: string, { method = 'GET', ...headers }: Record<string, string> = {}) =>
    new Promise<Answer>((resolve, reject) => {
      // A server that listens on TCP has an AddressInfo.
      const { port } = server.address() as AddressInfo
      const sent = request({ host: '127.0.0.1', port, path, method, headers: { host: HOST, ...headers } })
      sent.on('error', reject)
      sent.on('response', async response => {
        const parts = await response.toArray()
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) })
      })
      sent.end()
    })

  it('serves the page, its files and whom to believe', async () => {
    assert.equal(String((await ask('/')).body), 'page')
    assert.equal((await ask('/assets/page-1.js')).status, 200)
    assert.deepEqual(JSON.parse(String((await ask('/deployment.json')).body)), config.deployment)
  })

  it('serves nothing else', async () => {
    const others = [
      '/index.html',
      '/?x',
      '/secret.html',
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/assets/../../secret.html',
      '//assets/page-1.js',
      '/.built-from',
      '/notes.txt',
      `http://${HOST}/`,
      '/assets/',
    ]
    for (const path of others) assert.equal((await ask(path)).status, 404, path)
  })

  it('answers GET and HEAD only', async () => {
    const head = await ask('/', { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '4', 0])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      assert.equal((await ask('/', { method })).status, 405, method)
    }
  })

  it('answers to its own name only', async () => {
    for (const host of ['localhost:8081', '127.0.0.1:8081', 'approve.localhost', 'approve.localhost:80']) {
      assert.equal((await ask('/', { host })).status, 421, host)
    }
  })

  it('lets the page run only its own scripts, talk only to the server, and be embedded by nobody (T-UI-03, T-UI-05)', async () => {
    const { headers } = await ask('/')
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
        "connect-src 'self' http://localhost:8080; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.match(String(headers['permissions-policy']), /publickey-credentials-get=\(self\)/)
    assert.equal(headers['set-cookie'], undefined)
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  it('gives the document frame no origin, no network and no passkeys', async () => {
    const { headers } = await ask('/viewer.html')
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /connect-src 'none'/)
    assert.match(policy, /sandbox allow-scripts$/)
    assert.match(policy, /frame-ancestors http:\/\/approve\.localhost:8081/)
    assert.match(String(headers['permissions-policy']), /publickey-credentials-get=\(\)/)
  })

  it('lets the frame that fetches connect elsewhere, and gives it no origin and nothing else', async () => {
    const { headers } = await ask('/fetcher.html')
    const policy = String(headers['content-security-policy'])
    assert.match(
      policy,
      /^default-src 'none'; script-src http:\/\/approve\.localhost:8081; connect-src https: http:/,
    )
    assert.match(policy, /frame-ancestors http:\/\/approve\.localhost:8081/)
    assert.match(policy, /sandbox allow-scripts$/)
    assert.doesNotMatch(policy, /style-src|img-src|font-src|frame-src/)
    assert.match(String(headers['permissions-policy']), /publickey-credentials-get=\(\)/)
  })

  it('takes a query where identity providers send people back to, and nowhere else', async () => {
    const { status, body, headers } = await ask('/provider.html?code=c&state=s')
    assert.deepEqual([status, String(body), headers['referrer-policy']], [200, 'back', 'no-referrer'])
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;/)
    assert.doesNotMatch(policy, /connect-src/)
    for (const path of ['/viewer.html?x', '/?code=c', '/provider.htm?x', '/provider.html/?x'])
      assert.equal((await ask(path)).status, 404, path)
  })

  it('lets nothing be fetched without TLS in production', () => {
    const production = { ...config, origin: 'https://approve.example' }
    const policy = headersFor('/fetcher.html', production)['content-security-policy']
    assert.match(String(policy), /connect-src https:;/)
  })

  it('keeps only what carries a digest in its name', async () => {
    assert.match(String((await ask('/assets/page-1.js')).headers['cache-control']), /immutable/)
    for (const path of ['/', '/viewer.html', '/deployment.json']) {
      assert.equal((await ask(path)).headers['cache-control'], 'no-store')
    }
  })

  it('compresses for those who can read it', async () => {
    const plain = await ask('/assets/page-1.js')
    const gzipped = await ask('/assets/page-1.js', { 'accept-encoding': 'br, gzip' })
    assert.equal(gzipped.headers['content-encoding'], 'gzip')
    assert.deepEqual(gunzipSync(gzipped.body), plain.body)
    const refused = await ask('/assets/page-1.js', { 'accept-encoding': 'gzip;q=0' })
    assert.equal(refused.headers['content-encoding'], undefined)
  })

  it('does not start without a built page', async () => {
    await assert.rejects(
      readFileTable({ ...config, bundle: join(folder, 'bundle', 'assets') }),
      /index\.html/,
    )
  })
})
