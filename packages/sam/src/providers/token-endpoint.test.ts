import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createSoftwareModule } from '@natsuin/crypto-module'
import { fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { approveTicket, verifyJws } from '@natsuin/protocol/approval'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { ShapeError } from '@natsuin/protocol/shape'
import { createForeignProvider } from '@natsuin/testing/provider'
import { newFolder } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { LABEL } from '../keys/labels.ts'
import { openSamKey, type SamKey } from '../keys/sam-key.ts'
import { TokenEndpoints } from './token-endpoint.ts'

const CODE = { code: 'the-code', codeVerifier: 'the-verifier' }
const REDIRECT = 'https://approve.example/provider.html'
const TOKEN = 'a.b.c'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const json =
  (status: number, body: unknown): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

describe('the token endpoint of an identity provider', () => {
  let answer: Answer
  /** Path and body of everything that was asked. */
  let asked: { path: string; body: URLSearchParams }[] = []
  let provider: IdentityProvider
  let endpoints: TokenEndpoints
  let key: SamKey

  const server = createServer(async (request, response) => {
    asked.push({ path: request.url ?? '', body: new URLSearchParams(await text(request)) })
    answer(request, response)
  })

  before(async () => {
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    const { port } = server.address() as AddressInfo // it listens on TCP
    provider = createForeignProvider(port).entry
    const module = await createSoftwareModule({ directory: join(newFolder(), 'keys') })
    await module.createSigningKey(LABEL.sam, 'ec-p256')
    key = await openSamKey(module)
    endpoints = new TokenEndpoints(key, { seconds: () => 1000 })
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    asked = []
    answer = json(200, { id_token: TOKEN })
  })

  const redeem = () => endpoints.redeem(provider, CODE, REDIRECT)

  it('is asked once for what the code stands for, and nothing else is asked (T-IDP-03, T-IDP-08)', async () => {
    assert.equal(await redeem(), TOKEN)
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/token'],
    )
    const { client_assertion: assertion, ...rest } = Object.fromEntries(asked[0]?.body ?? [])
    assert.deepEqual(rest, {
      grant_type: 'authorization_code',
      code: 'the-code',
      code_verifier: 'the-verifier',
      redirect_uri: REDIRECT,
      client_id: provider.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    assert.ok(assertion)
  })

  it('is shown who asks by the SAM key, for this provider, for a minute, each time anew', async () => {
    await redeem()
    await redeem()
    const [one, two] = asked.map(({ body }) => body.get('client_assertion') ?? '')
    const claims = JSON.parse(fromUtf8(fromBase64url(one?.split('.')[1] ?? '') ?? new Uint8Array()) ?? '')
    const { jti, ...said } = claims
    const { clientId, issuer } = provider
    assert.deepEqual(said, { iss: clientId, sub: clientId, aud: issuer, iat: 1000, exp: 1060 })
    assert.match(jti, /^[\w-]{22}$/)
    assert.notEqual(one, two)
    // What shows the SAM to a provider is nothing else that the SAM says.
    await assert.rejects(
      verifyJws(one ?? '', 'natsuin-ticket', approveTicket, key.spki, nodePlatform),
      ShapeError,
    )
  })

  it('may say no', async () => {
    answer = json(400, { error: 'invalid_grant' })
    await assertRefused('code-refused', redeem())
    answer = json(401, { error: 'invalid_client' })
    await assertRefused('code-refused', redeem())
  })

  it('may be broken', async () => {
    answer = json(500, {})
    await assertRefused('provider-unavailable', redeem())
    answer = (_, response) => response.destroy()
    await assertRefused('provider-unavailable', redeem())
  })

  it('leads nowhere else', async () => {
    answer = (request, response) =>
      request.url === '/token'
        ? response.writeHead(307, { location: '/elsewhere' }).end()
        : json(200, { id_token: TOKEN })(request, response)
    await assertRefused('provider-unavailable', redeem())
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/token'],
    )
  })

  it('is not listened to for longer than an answer is', async () => {
    const page = 'x'.repeat(16_384)
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const pour = () => {
        while (response.write(page));
      }
      response.on('drain', pour)
      pour()
    }
    await assertRefused('provider-unavailable', redeem())
  })

  it('answers with a token, or it has not answered', async () => {
    for (const body of [null, [], {}, { id_token: 7 }, { id_token: 'no token' }, { access_token: TOKEN }]) {
      answer = json(200, body)
      await assertRefused('id-token-invalid', redeem())
    }
    answer = (_, response) => response.writeHead(200).end(`{"id_token":"${TOKEN}","id_token":"x.y.z"}`)
    await assertRefused('id-token-invalid', redeem())
  })

  it('is asked by so many at once and no more', async () => {
    const waiting: (() => void)[] = []
    const arrived = Promise.withResolvers<void>()
    answer = (request, response) => {
      waiting.push(() => json(200, { id_token: TOKEN })(request, response))
      if (waiting.length === 64) arrived.resolve()
    }
    const questions = Array.from({ length: 64 }, redeem)
    await arrived.promise
    await assertRefused('provider-unavailable', redeem())
    for (const go of waiting) go()
    assert.equal((await Promise.all(questions)).length, 64)
    answer = json(200, { id_token: TOKEN })
    assert.equal(await redeem(), TOKEN)
  })
})
