import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { Refusal } from '../refusal/refusal.ts'
import { base64url, record, text } from '../shape/shape.ts'
import { connect, PeerFault } from './connect.ts'
import { type Serving, serve } from './serve.ts'

const methods = {
  reverse: {
    request: record({ bytes: base64url({ max: 100 }) }),
    response: record({ bytes: base64url({ max: 100 }) }),
  },
  refuse: { request: record({}), response: record({}) },
  fail: { request: record({}), response: record({}) },
  lie: { request: record({}), response: record({ name: text({ max: 3 }) }) },
}

describe('a connection between two processes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-serve-'))
  const address = { socket: join(directory, 'peer.sock') }
  const peer = connect({ methods, address, refusals: ['spent', 'malformed', 'method-unknown'] })
  const faults: unknown[] = []
  let serving: Serving

  before(async () => {
    serving = await serve({
      methods,
      address,
      onFault: (incident, fault) => faults.push([incident, fault]),
      handlers: {
        reverse: async ({ bytes }) => ({ bytes: bytes.toReversed() }),
        refuse: () => Promise.reject(new Refusal('spent', { why: 'secret detail' })),
        fail: () => Promise.reject(new Error('secret detail')),
        lie: async () => ({ name: 'too long' }),
      },
    })
  })

  after(async () => {
    peer.close()
    await serving.close()
    rmSync(directory, { recursive: true })
  })

  it('carries bytes there and back', async () => {
    assert.deepEqual(await peer.call('reverse', { bytes: Uint8Array.of(1, 2) }), {
      bytes: Uint8Array.of(2, 1),
    })
  })

  it('goes on after it was idle, also when the asking end could not look at it meanwhile', async () => {
    await peer.call('reverse', { bytes: Uint8Array.of(1) })
    // Longer than a server of Node keeps an idle connection by default.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000)
    const { bytes } = await peer.call('reverse', { bytes: Uint8Array.of(1, 2) })
    assert.deepEqual(bytes, Uint8Array.of(2, 1))
  })

  it('carries a refusal by its code and nothing else', async () => {
    await assert.rejects(peer.call('refuse', {}), (error: unknown) => {
      return error instanceof Refusal && error.code === 'spent' && Object.keys(error.evidence).length === 0
    })
  })

  it('hides a fault behind an incident id that its own log knows', async () => {
    const fault = await peer.call('fail', {}).catch((error: unknown) => error)
    assert.ok(fault instanceof PeerFault)
    assert.doesNotMatch(fault.message, /secret/)
    assert.ok(faults.some(entry => (entry as [string])[0] === fault.incident))
  })

  it('does not believe an answer of another shape', async () => {
    await assert.rejects(peer.call('lie', {}))
  })

  it('refuses a message of another shape, another method name and another verb', async () => {
    assert.equal(await post('/reverse', '{"bytes":"AA","more":1}'), '{"refusal":"malformed"}')
    assert.equal(await post('/reverse', '{'), '{"refusal":"malformed"}')
    assert.equal(await post('/constructor', '{}'), '{"refusal":"method-unknown"}')
    assert.equal(await post('/reverse', '', 'GET'), '{"refusal":"method-unknown"}')
  })

  it('listens on a socket that only its own user may open', () => {
    assert.equal(statSync(address.socket).mode & 0o777, 0o600)
  })

  function post(path: string, body: string, method = 'POST'): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const outgoing = request({ socketPath: address.socket, path, method }, async response => {
      resolve(await readText(response))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
    return promise
  }
})

describe('a peer that is not there', () => {
  it('is a fault, not a refusal', async () => {
    const nobody = connect({ methods, address: { socket: '/nonexistent/natsuin.sock' }, refusals: ['spent'] })
    await assert.rejects(nobody.call('refuse', {}), PeerFault)
    nobody.close()
  })
})

describe('a socket that lies deeper than the kernel takes a path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-deep-'))
  const beside = process.cwd()
  after(() => {
    process.chdir(beside)
    rmSync(folder, { recursive: true })
  })

  it('is bound and asked by a process that runs beside it', async () => {
    const directory = join(folder, 'x'.repeat(120))
    mkdirSync(directory)
    const address = { socket: join(directory, 'peer.sock') }
    const handlers = {
      reverse: async ({ bytes }: { bytes: Uint8Array }) => ({ bytes: bytes.toReversed() }),
      refuse: async () => ({}),
      fail: async () => ({}),
      lie: async () => ({ name: '' }),
    }
    const options = { methods, address, handlers, onFault: () => {} }
    await assert.rejects(serve(options), /EINVAL|ENAMETOOLONG/)
    process.chdir(directory)
    const serving = await serve(options)
    const peer = connect({ methods, address, refusals: [] })
    assert.deepEqual(await peer.call('reverse', { bytes: Uint8Array.of(1, 2) }), {
      bytes: Uint8Array.of(2, 1),
    })
    peer.close()
    await serving.close()
  })
})
