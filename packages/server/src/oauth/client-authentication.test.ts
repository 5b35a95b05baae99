import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Metrics } from '@natsuin/protocol/node'
import { readClient } from '../config/clients.ts'
import { resolveLimits } from '../config/limits.ts'
import { createLog } from '../log.ts'
import { serverMetrics } from '../metrics.ts'
import { initSecrets, loadSecrets, rotateSecrets } from '../secrets/secrets.ts'
import { createService, type Service } from '../service.ts'
import { openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrations.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-clients-'))
const SECRET = 'a secret of forty-two characters or so, no'
let service: Service
let base: string
before(async () => {
  const secretFile = join(directory, 'client-secret')
  writeFileSync(secretFile, SECRET, { mode: 0o600 })
  const redirect_uris = ['https://app.example/callback']
  const secretsDirectory = join(directory, 'secrets')
  await initSecrets(secretsDirectory)
  await rotateSecrets(secretsDirectory)
  const database = openDatabase({ sqlite: join(directory, 'server.db') })
  await migrate(database)
  service = await createService({
    configuration: {
      publicUrl: 'https://sign.example',
      listen: { host: '127.0.0.1', port: 0 },
      store: { sqlite: '' },
      health: { socket: '' },
      sam: [{ socket: join(directory, 'sam.sock') }],
      authorities: { socket: join(directory, 'authorities.sock') },
      approvalOrigin: 'https://approve.example',
      secretsDirectory,
      webRoot: undefined,
      name: 'Test',
      region: 'JP',
      description: '',
      lang: 'en',
      specs: '2.0.0.0',
      logLevel: 'silent',
      clients: [
        readClient({ client_id: 'confidential', name: 'Confidential', redirect_uris, secretFile }),
        readClient({ client_id: 'open', name: 'Open', redirect_uris, public: true }),
      ],
      clientsDirectory: undefined,
      clientAuthorities: [],
      profile: 'standard',
      clientCertificates: { from: 'nowhere' },
      logInProviders: [],
      limits: resolveLimits({}),
      maxDocumentBytes: 1024,
      documentsDirectory: '',
      ownHosts: [],
      logInClient: undefined,
      implicitWaitSeconds: 90,
      codeDelivery: { by: 'nobody' },
    },
    metrics: new Metrics(serverMetrics),
    secrets: loadSecrets(secretsDirectory),
    database,
    clock: () => new Date(),
    log: createLog('silent'),
    onUntrustedDisk: () => {},
  })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
})
after(async () => {
  await service.close()
  rmSync(directory, { recursive: true })
})

async function push(client: Record<string, string>, headers: Record<string, string> = {}) {
  const form = new URLSearchParams({
    response_type: 'code',
    redirect_uri: 'https://app.example/callback',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...client,
  })
  const response = await fetch(`${base}/oauth2/pushed_authorize`, { method: 'POST', body: form, headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

describe('client authentication (RFC 6749, 2.3; CSC API v2.0.0.2, 8.4.4)', () => {
  it('takes the secret in the header or in the body', async () => {
    assert.equal((await push({ client_id: 'confidential' }, basic('confidential', SECRET))).status, 201)
    assert.equal((await push({ client_id: 'confidential', client_secret: SECRET })).status, 201)
  })

  it('refuses a confidential client without its secret, with a wrong one, and with two', async () => {
    const none = await push({ client_id: 'confidential' })
    assert.equal(none.body['error_description'], 'Client authorization required')
    const wrong = { error: 'invalid_client', error_description: 'Invalid parameter client_secret' }
    for (const answer of [
      await push({ client_id: 'confidential', client_secret: 'wrong' }),
      await push({}, basic('confidential', 'wrong')),
    ]) {
      assert.equal(answer.status, 401)
      assert.deepEqual(answer.body, wrong)
    }
    const twice = await push({ client_secret: SECRET }, basic('confidential', SECRET))
    assert.equal(twice.body['error'], 'invalid_request')
  })

  it('knows public clients by their id alone, and nobody else', async () => {
    assert.equal((await push({ client_id: 'open' })).status, 201)
    const unknown = await push({ client_id: 'nobody' })
    assert.equal(unknown.status, 401)
    assert.equal(unknown.body['error'], 'invalid_client')
  })
})

describe('a service behind HTTPS', () => {
  it('sets cookies that travel by HTTPS only, whatever the proxy in front of it says', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'open',
      redirect_uri: 'https://app.example/callback',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const response = await fetch(`${base}/oauth2/authorize?${query}`, {
      redirect: 'manual',
      headers: { 'x-forwarded-proto': 'http' },
    })
    assert.equal(response.status, 303)
    const cookies = response.headers.getSetCookie()
    assert.ok(cookies.length > 0)
    for (const cookie of cookies) assert.match(cookie, /; secure/)
    for (const cookie of cookies) assert.match(cookie, /; httponly/)
    for (const cookie of cookies) assert.match(cookie, /; samesite=lax/)
  })

  it('shows a person an error page without script, and a program JSON', async () => {
    const url = `${base}/oauth2/authorize?client_id=${encodeURIComponent('<script>alert(1)</script>')}`
    const page = await fetch(url, { headers: { accept: 'text/html' } })
    assert.equal(page.status, 400)
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'; frame-ancestors 'none'/,
    )
    assert.doesNotMatch(await page.text(), /<script/)
    const answer = await fetch(url, { headers: { accept: 'application/json' } })
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  })
})

describe('what needs another process', () => {
  async function ask() {
    const response = await fetch(`${base}/grants/ticket`, {
      method: 'POST',
      body: JSON.stringify({ officerId: 'officer' }),
      headers: { 'content-type': 'application/json' },
    })
    const { error, error_description: description } = (await response.json()) as Record<string, string>
    return { status: response.status, error, description }
  }

  it('is refused for the moment while that one is away (T-DUR-07)', async () => {
    const { status, error } = await ask()
    assert.deepEqual([status, error], [503, 'peer-unavailable'])
  })

  it('tells a caller an incident id and nothing else when that one failed', async () => {
    const failing = createServer((_, response) => response.writeHead(500).end('{"fault":"x"}'))
    failing.listen(join(directory, 'sam.sock'))
    await once(failing, 'listening')
    const { status, error, description } = await ask()
    failing.close()
    assert.deepEqual([status, error], [500, 'server_error'])
    assert.match(description ?? '', /^Incident [0-9a-f-]{36}$/)
  })
})

describe('the key set (RFC 8414; RFC 7517)', () => {
  it('has the present key and the one before, without what is private of them', async () => {
    const { keys } = (await (await fetch(`${base}/oauth2/jwks`)).json()) as { keys: Record<string, string>[] }
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, 2)
    for (const key of keys)
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })
})

describe('limits of every request (threats.md, section 4; T-LIM-01)', () => {
  const withHeader = (bytes: number) =>
    fetch(`${base}/oauth2/jwks`, { headers: { 'x-long': 'x'.repeat(bytes) } })

  it('takes 15 KiB of headers and refuses more than 16', async () => {
    assert.equal((await withHeader(15 * 1024)).status, 200)
    assert.equal((await withHeader(17 * 1024)).status, 431)
  })

  it('refuses a compressed body, which could be anything when it is opened', async () => {
    const response = await fetch(`${base}/csc/v2/info`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    })
    assert.equal(response.status, 400)
    assert.deepEqual(await response.json(), {
      error: 'invalid_request',
      error_description: 'Compressed requests are not taken',
    })
  })
})
