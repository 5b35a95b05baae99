/**
 * Too much of everything (threats.md, 4 and 14): what a server takes on, and what it answers when it is more.
 *
 * One deployment that takes on little, so that a few requests are too many; each attacker has an address of its own.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Deployment,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'

const LIMITS = {
  inFlight: 6,
  connectionsPerAddress: 40,
  perMinute: { address: 150, guesses: 20, client: 100, signer: 40 },
}

const HONEST = '127.0.0.1'

let deployment: Deployment
let alice: Signer
let bob: Signer
let tokens: { readonly alice: string; readonly bob: string; readonly otherClient: string }
before(async () => {
  deployment = await startThrowaway({ limits: LIMITS })
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  const application = openApplication(deployment)
  const other = openApplication(deployment, { clientId: 'other-application' })
  tokens = {
    alice: await application.serviceToken(alice),
    bob: await application.serviceToken(bob),
    otherClient: await other.serviceToken(bob),
  }
})
after(() => deployment.stop())

interface Asked {
  /** The address that the request comes from; any of 127.0.0.0/8. */
  readonly from?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
  readonly token?: string
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

async function ask(path: string, asked: Asked = {}): Promise<Answer> {
  const { from = HONEST, method = 'POST', headers = {}, body = '{}', token } = asked
  const { port } = new URL(deployment.urls.server)
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    localAddress: from,
    agent: false,
    headers: {
      host: `localhost:${port}`,
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  }).end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}

const infoFrom = (from: string) => ask('/csc/v2/info', { from })
const listWith = (token: string, from = HONEST) => ask('/csc/v2/credentials/list', { token, from })

/** Asks until the answer has another status than the first, so many times at most. */
async function untilRefused(
  asking: () => Promise<Answer>,
  most: number,
): Promise<{ n: number; last: Answer }> {
  const first = await asking()
  for (let n = 1; n < most; n++) {
    const last = await asking()
    if (last.status !== first.status) return { n, last }
  }
  return assert.fail(`${most} times ${first.status}`)
}

/** RFC 6585, 4; CSC API v2.0.0.2, 10.1. */
function assertTooMany({ status, headers, text }: Answer): void {
  assert.equal(status, 429)
  assert.match(headers['retry-after'] ?? '', /^[1-9][0-9]?$/)
  assert.deepEqual(JSON.parse(text), {
    error: 'temporarily_unavailable',
    error_description: 'Too many requests; Retry-After says when to come again',
  })
}

function open(from: string): Socket {
  const { port } = new URL(deployment.urls.server)
  return connect({ host: '127.0.0.1', port: Number(port), localAddress: from }).on('error', () => {})
}

/** A request whose body does not come: worked on, for nothing. */
function begin(from: string): Socket {
  const socket = open(from)
  socket.write(
    'POST /csc/v2/info HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n',
  )
  return socket
}

/** The first line of what comes back; empty when the server says nothing. */
function firstWords(sent: string, from: string): Promise<string> {
  return new Promise(resolve => {
    const socket = open(from)
    socket.once('data', answer => {
      socket.destroy()
      resolve(String(answer).split('\r\n', 1)[0] ?? '')
    })
    socket.once('close', () => resolve(''))
    socket.write(sent)
  })
}

describe('T-DOS-07 more requests at once than are worked on', () => {
  it('are answered at once with 503 and when to come again, and it is over when the others are', async () => {
    const held = Array.from({ length: LIMITS.inFlight }, () => begin('127.0.0.9'))
    let refused = await infoFrom(HONEST)
    while (refused.status === 200) refused = await infoFrom(HONEST)
    assert.equal(refused.status, 503)
    assert.match(refused.headers['retry-after'] ?? '', /^[1-9]$/)
    assert.deepEqual(JSON.parse(refused.text), {
      error: 'temporarily_unavailable',
      error_description: 'Too much is under way; Retry-After says when to come again',
    })
    for (const socket of held) socket.destroy()
    while ((await infoFrom(HONEST)).status !== 200) await pause(10)
  })
})

describe('T-DOS-01 bodies larger than they may be', () => {
  const from = '127.0.0.6'
  const HEAD = 'POST /csc/v2/info HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const CHUNK = `10000\r\n${'x'.repeat(0x10000)}\r\n`

  it('are refused as soon as they are too large, without waiting for the end', async () => {
    const sent = `${HEAD}transfer-encoding: chunked\r\n\r\n${CHUNK.repeat(16)}1\r\nx\r\n`
    assert.equal(await firstWords(sent, from), 'HTTP/1.1 413 Payload Too Large')
  })

  it('are cut off when they do not end', async () => {
    const socket = open(from)
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`)
    let chunks = 0
    while (!socket.destroyed && chunks < MOST_CHUNKS) {
      if (!socket.write(CHUNK)) await pause(1)
      chunks += 1
    }
    assert.ok(chunks < MOST_CHUNKS)
    assert.equal((await infoFrom(from)).status, 200)
  })
  const MOST_CHUNKS = 4096

  it('are refused before a byte of them when their length says so', async () => {
    assert.equal(
      await firstWords(`${HEAD}content-length: 10737418240\r\n\r\n`, from),
      'HTTP/1.1 413 Payload Too Large',
    )
  })

  it('are refused when they are compressed', async () => {
    const answer = await ask('/csc/v2/info', { from, headers: { 'content-encoding': 'gzip' } })
    assert.equal(answer.status, 400)
  })

  it('are refused when two lengths differ', async () => {
    assert.equal(
      await firstWords(`${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, from),
      'HTTP/1.1 400 Bad Request',
    )
  })
})

describe('T-DOS-06 floods inside of a request', () => {
  const from = '127.0.0.7'

  it('takes 16 KiB of headers and refuses more (T-LIM-01)', async () => {
    const padded = (bytes: number) =>
      ask('/csc/v2/info', { from, headers: { 'x-padding': 'x'.repeat(bytes) } })
    assert.equal((await padded(15 * 1024)).status, 200)
    assert.equal((await padded(17 * 1024)).status, 431)
  })

  it('does not read more than 64 headers (T-LIM-01)', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'x']))
    assert.equal((await ask('/csc/v2/info', { from, headers: many(50) })).status, 200)
    // What comes after is as if it were not there, a length of the body among it.
    const flooded = await ask('/csc/v2/info', { from, headers: { ...many(200), 'content-encoding': 'gzip' } })
    assert.notEqual(flooded.status, 500)
  })

  it('refuses an object with more members than anybody needs, and ten thousand hashes', async () => {
    const members = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`m${i}`, 1]))
    assert.equal((await ask('/csc/v2/info', { from, body: JSON.stringify(members) })).status, 400)
    const hashes = Array.from({ length: 10_000 }, () => 'x')
    const body = JSON.stringify({ credentialID: bob.credentialId, hashes, signAlgo: '1.2.3' })
    const answer = await ask('/csc/v2/signatures/signHash', { from, body, token: tokens.otherClient })
    assert.equal(JSON.parse(answer.text).error_description, 'Too many hashes in one request')
  })

  it('speaks HTTP/1.1 alone: there are no frames to flood it with', async () => {
    const answer = await firstWords('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', from)
    assert.match(answer, /^HTTP\/1\.1 (?:400|505) /)
  })
})

describe('T-DOS-02 connections of one address', () => {
  it('are as many as it may have; others are served meanwhile', async () => {
    const opened = Array.from({ length: LIMITS.connectionsPerAddress + 20 }, () => open('127.0.0.8'))
    const isClosed = () => opened.filter(socket => socket.destroyed).length
    while (isClosed() < 20) await pause(10)
    assert.equal(isClosed(), 20)
    assert.equal((await infoFrom(HONEST)).status, 200)
    for (const socket of opened) socket.destroy()
  })
})

// Last: what it uses up, the others would lack.
describe('T-DOS-09 more requests in a minute than one may send', () => {
  it('of one signer are refused, and no other signer feels it', async () => {
    const { n, last } = await untilRefused(() => listWith(tokens.alice), LIMITS.perMinute.signer + 10)
    assert.ok(n >= LIMITS.perMinute.signer, String(n))
    assertTooMany(last)
    assert.equal((await listWith(tokens.bob)).status, 200)
  })

  it('of one client are refused, and no other client feels it', async () => {
    const { last } = await untilRefused(() => listWith(tokens.bob), LIMITS.perMinute.client)
    assertTooMany(last)
    // The same signer through another client; what a signer may ask for is not used up by refusals.
    assert.notEqual((await listWith(tokens.otherClient)).status, 401)
  })

  it('of one address without a token are refused, and other addresses do not feel it', async () => {
    const { last } = await untilRefused(() => infoFrom('127.0.0.2'), LIMITS.perMinute.address + 100)
    assertTooMany(last)
    assert.equal((await infoFrom(HONEST)).status, 200)
  })

  it('of one address that only shows something like a token are refused, and good tokens count elsewhere', async () => {
    const pretend = () => ask('/csc/v2/info', { from: '127.0.0.10', token: 'pretended' })
    const { last } = await untilRefused(pretend, LIMITS.perMinute.address + 100)
    assertTooMany(last)
    assert.equal((await infoFrom(HONEST)).status, 200)
  })

  it('of one address with tokens that are none are refused, whatever they are then', async () => {
    const guess = () => listWith('guessed', '127.0.0.3')
    const { n, last } = await untilRefused(guess, LIMITS.perMinute.guesses + 10)
    assert.ok(n >= LIMITS.perMinute.guesses, String(n))
    assertTooMany(last)
    assertTooMany(await listWith(tokens.otherClient, '127.0.0.3'))
    assert.equal((await infoFrom(HONEST)).status, 200)
  })

  it('at the token endpoint are refused in words that OAuth has', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const asking = () => ask('/oauth2/token', { from: '127.0.0.4', headers: form, body: 'grant_type=x' })
    const { last } = await untilRefused(asking, LIMITS.perMinute.address + 100)
    assertTooMany(last)
  })

  it('are told to a page by a code of its own', async () => {
    const { last } = await untilRefused(
      () => ask('/approvals/none', { from: '127.0.0.5', method: 'GET', body: '' }),
      LIMITS.perMinute.address + 100,
    )
    assert.equal(last.status, 429)
    assert.equal(JSON.parse(last.text).error, 'too-many-requests')
  })
})
