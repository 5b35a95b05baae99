import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { MAX_BODY_BYTES, type PublicServer, type Route, servePublic } from './public-server.ts'

const routes: readonly Route[] = [
  {
    path: '/thing',
    get: async () => ({ contentType: 'text/plain', body: 'a thing', cache: 'public, max-age=5' }),
  },
  { path: '/below/', get: async rest => ({ contentType: 'text/plain', body: rest }) },
  {
    path: '/echo',
    post: {
      contentType: 'application/timestamp-query',
      handle: async body => ({ contentType: 'application/timestamp-reply', body }),
    },
  },
  {
    path: '/broken',
    get: async () => {
      throw new Error('a secret detail')
    },
  },
]

const listen = { host: '127.0.0.1', port: 0 }

describe('the public door', () => {
  const faults: unknown[] = []
  let server: PublicServer
  let base: string
  before(async () => {
    const onFault = (fault: unknown) => `incident-${faults.push(fault)}`
    server = await servePublic({ listen, perMinute: 1000, log: () => {}, routes, onFault })
    base = `http://127.0.0.1:${server.port}`
  })
  after(() => server.close())

  const post = (body: Uint8Array | string, contentType = 'application/timestamp-query') =>
    fetch(`${base}/echo`, {
      method: 'POST',
      body: Buffer.from(body),
      headers: { 'content-type': contentType },
    })

  it('answers with what the route says, for any page to read', async () => {
    const response = await fetch(`${base}/thing?anything`)
    assert.equal(response.status, 200)
    assert.equal(await response.text(), 'a thing')
    assert.equal(response.headers.get('cache-control'), 'public, max-age=5')
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  })

  it('answers HEAD as GET without the body', async () => {
    const response = await fetch(`${base}/thing`, { method: 'HEAD' })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), '7')
    assert.equal(await response.text(), '')
  })

  it('forbids caches what no route allows them', async () => {
    assert.equal((await fetch(`${base}/below/x`)).headers.get('cache-control'), 'no-store')
  })

  it('hands what follows a path to its route, and knows no other path', async () => {
    assert.equal(await (await fetch(`${base}/below/a%2Fb/c`)).text(), 'a%2Fb/c')
    for (const path of ['/', '/below', '/below/', '/thing/', '/things', '/__proto__']) {
      assert.equal((await fetch(`${base}${path}`)).status, 404, path)
    }
  })

  it('says which methods there are when it is asked for another', async () => {
    const wrong = await fetch(`${base}/echo`)
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST'])
    const other = await fetch(`${base}/thing`, { method: 'DELETE' })
    assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, HEAD'])
  })

  it('lets a page of any origin post, when its browser asks first', async () => {
    const response = await fetch(`${base}/echo`, { method: 'OPTIONS' })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('access-control-allow-methods'), 'POST')
    assert.equal(response.headers.get('access-control-allow-headers'), 'content-type')
  })

  it('takes one content type, however it is written', async () => {
    assert.equal((await post('x', 'Application/Timestamp-Query; charset=binary')).status, 200)
    for (const type of ['text/plain', 'application/timestamp-reply', '']) {
      assert.equal((await post('x', type)).status, 415, type)
    }
  })

  it('takes a body of 64 KiB and not one byte more (T-REV-11)', async () => {
    const largest = new Uint8Array(MAX_BODY_BYTES).fill(7)
    const response = await post(largest)
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), largest)
    const tooLarge = await post(new Uint8Array(MAX_BODY_BYTES + 1))
    assert.equal(tooLarge.status, 413)
    assert.equal(tooLarge.headers.get('connection'), 'close')
  })

  it('tells the log what broke, and the caller only where to look', async () => {
    const response = await fetch(`${base}/broken`)
    assert.equal(response.status, 500)
    assert.match(await response.text(), /^server error; incident incident-1\n$/)
    assert.match(String(faults[0]), /a secret detail/)
  })

  it('takes a caller who hangs up in the middle for no fault', async () => {
    const before = faults.length
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/timestamp-query\r\n')
    socket.write('content-length: 100\r\n\r\nbegun', () => socket.destroy())
    await once(socket, 'close')
    assert.equal((await fetch(`${base}/thing`)).status, 200)
    assert.equal(faults.length, before)
  })

  it('refuses headers above 16 KiB, and goes on serving (T-REV-11)', async () => {
    const answer = await raw(
      server.port,
      `GET /thing HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 431 /)
    assert.equal((await fetch(`${base}/thing`)).status, 200)
  })

  it('lets one address take so much of it, and the others do not feel it (T-TSA-08)', async () => {
    const few = await servePublic({ listen, perMinute: 10, log: () => {}, routes, onFault: () => '' })
    const from = (localAddress: string) => statusOf(few.port, localAddress)
    const statuses: number[] = []
    for (let i = 0; i < 100; i++) statuses.push((await from('127.0.0.2')).status)
    assert.deepEqual(statuses, [...Array(10).fill(200), ...Array(90).fill(429)])
    assert.match((await from('127.0.0.2')).retryAfter ?? '', /^[1-6]$/)
    assert.equal((await from('127.0.0.3')).status, 200)
    await few.close()
  })

  it('does not wait for slow callers when it is closed', async () => {
    const closing = await servePublic({
      listen,
      perMinute: 1000,
      log: () => {},
      routes,
      onFault: () => '',
    })
    const socket = connect(closing.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/timestamp-query\r\n')
    socket.write('content-length: 100\r\n\r\nbegun')
    await once(socket, 'connect')
    await closing.close()
    socket.destroy()
  })

  it('says that a port is taken', async () => {
    const again = servePublic({
      listen: { ...listen, port: server.port },
      perMinute: 1000,
      log: () => {},
      routes,
      onFault: () => '',
    })
    await assert.rejects(again, { code: 'EADDRINUSE' })
  })
})

async function statusOf(port: number, localAddress: string) {
  const sent = request({ host: '127.0.0.1', port, path: '/thing', localAddress, agent: false }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  return {
    status: Number(response.statusCode),
    retryAfter: response.headers['retry-after'] as string | undefined,
  }
}

async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk
  })
  await once(socket, 'close')
  return answer
}
