import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createCscClient } from '../client.ts'
import { CscError, Unanswered } from '../csc-error.ts'
import { type Script, type ScriptedService, startService } from '../test-kit.ts'

const INFO = { specs: '2.0.0.0', methods: [] }
const KEEPS = { headers: { 'natsuin-keeps-answers': '1' } }
const OVERLOADED = {
  status: 503,
  headers: { 'retry-after': '0' },
  body: { error: 'temporarily_unavailable' },
}
const SIGNED = { body: { signatures: [Buffer.from('signed').toString('base64')] } }
const SIGN_HASH = '/csc/v2/signatures/signHash'

const token = { accessToken: 'token', type: 'Bearer', expiresInSeconds: 60 } as const
const request = { credentialID: 'c', hashes: [new Uint8Array(32)], signAlgo: '1.2.840.10045.4.3.2' }

describe('a call', () => {
  let service: ScriptedService
  const opened: ScriptedService[] = []
  afterEach(() => Promise.all(opened.splice(0).map(one => one.close())))

  const open = async (script: Script, options = {}) => {
    service = await startService(script)
    opened.push(service)
    const baseUrl = `${service.url}/csc/v2/`
    return createCscClient({ baseUrl, retry: { firstPauseMs: 1 }, ...options })
  }

  it('that changes nothing is made again after a refusal that passes, and after a lost connection', async () => {
    const list = { body: { credentialIDs: ['a'] } }
    const limited = { status: 429, headers: { 'retry-after': '0' }, body: { error: 'rate_limited' } }
    const client = await open({ '/csc/v2/credentials/list': [OVERLOADED, { hangsUp: true }, limited, list] })
    assert.deepEqual((await client.credentialsList(token)).credentialIDs, ['a'])
    assert.equal(service.seen.length, 4)
  })

  it('is given up after as many attempts as were agreed on, with what the last one said', async () => {
    const client = await open(
      { '/csc/v2/credentials/list': OVERLOADED },
      { retry: { attempts: 2, firstPauseMs: 1 } },
    )
    await assert.rejects(client.credentialsList(token), { code: 'temporarily_unavailable', status: 503 })
    assert.equal(service.seen.length, 2)
  })

  it('is not made again before the service wants it, and not at all when that is too long', async () => {
    const soon = { ...OVERLOADED, headers: { 'retry-after': '1' } }
    const client = await open({ '/csc/v2/credentials/list': [soon, { body: { credentialIDs: [] } }] })
    const begun = performance.now()
    await client.credentialsList(token)
    assert.ok(performance.now() - begun >= 990)
    const late = await open({
      '/csc/v2/credentials/list': { ...OVERLOADED, headers: { 'retry-after': '3600' } },
    })
    await assert.rejects(late.credentialsList(token), { retryAfterSeconds: 3600 })
    assert.equal(service.seen.length, 1)
  })

  it('is not made again when the answer is a refusal that stays', async () => {
    const client = await open({
      '/csc/v2/credentials/list': {
        status: 400,
        body: { error: 'invalid_request', error_description: 'No.' },
      },
    })
    await assert.rejects(client.credentialsList(token), new CscError(400, 'invalid_request', 'No.'))
    assert.equal(service.seen.length, 1)
  })

  it('that may have signed is never made again at a service that does not say that it keeps its answers', async () => {
    for (const said of [{ hangsUp: true }, OVERLOADED]) {
      const client = await open({ '/csc/v2/info': { body: INFO }, [SIGN_HASH]: [said, SIGNED] })
      await assert.rejects(client.signHash(token, request))
      assert.equal(service.to(SIGN_HASH).length, 1)
      assert.equal(service.to(SIGN_HASH)[0]?.headers['idempotency-key'], undefined)
    }
  })

  it('for what is wanted later is never made again, wherever: each would be accepted anew', async () => {
    const client = await open({
      '/csc/v2/info': { body: INFO, ...KEEPS },
      [SIGN_HASH]: [{ hangsUp: true }, { body: { responseID: 'r' } }],
    })
    await assert.rejects(client.signHashLater(token, request), Unanswered)
    assert.equal(service.to(SIGN_HASH).length, 1)
  })

  it('that may have signed is made again under the key of the first, where the service keeps its answers', async () => {
    const client = await open({
      '/csc/v2/info': { body: INFO, ...KEEPS },
      [SIGN_HASH]: [{ hangsUp: true }, { body: '{"signatures":["AA', hangsUp: true }, OVERLOADED, SIGNED],
    })
    const [value] = await client.signHash(token, request)
    assert.equal(Buffer.from(value ?? '').toString(), 'signed')
    const keys = service.to(SIGN_HASH).map(({ headers }) => headers['idempotency-key'])
    assert.equal(keys.length, 4)
    assert.equal(new Set(keys).size, 1)
    assert.match(keys[0]?.toString() ?? '', /^[\x21-\x7e]{16,128}$/)
    await client.signHash(token, request)
    assert.notEqual(service.to(SIGN_HASH).at(-1)?.headers['idempotency-key'], keys[0])
  })

  it('that signed and got no answer says under which key it can be made again', async () => {
    const client = await open(
      { '/csc/v2/info': { body: INFO, ...KEEPS }, [SIGN_HASH]: { hangsUp: true } },
      { retry: { attempts: 1 } },
    )
    const lost = await client.signHash(token, request).catch((error: unknown) => error)
    assert.ok(lost instanceof Unanswered && lost.code === 'connection-lost')
    assert.equal(lost.idempotencyKey, service.to(SIGN_HASH)[0]?.headers['idempotency-key'])
    const own = await client
      .signHash(token, request, { idempotencyKey: 'mine' })
      .catch((error: unknown) => error)
    assert.ok(own instanceof Unanswered && own.idempotencyKey === 'mine')
  })

  it('ends by the deadline of an attempt, and by a signal with its own reason', async () => {
    const script = { '/csc/v2/credentials/list': { isSilent: true } }
    const client = await open(script, { retry: { attempts: 1 }, timeoutMs: 50 })
    await assert.rejects(client.credentialsList(token), { name: 'Unanswered', code: 'timed-out' })
    const reason = new Error('the person left')
    const controller = new AbortController()
    const listed = client.credentialsList(token, {}, { signal: controller.signal, timeoutMs: 60_000 })
    controller.abort(reason)
    await assert.rejects(listed, reason)
  })

  it('does not wait any longer when its signal ends the pause between two attempts', async () => {
    const busy = { ...OVERLOADED, headers: { 'retry-after': '20' } }
    const client = await open({ '/csc/v2/credentials/list': busy })
    const controller = new AbortController()
    const listed = client.credentialsList(token, {}, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await assert.rejects(listed, /enough/)
  })

  it('follows no redirect: a token goes nowhere but where it was sent', async () => {
    const away = { status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: {} }
    const client = await open({ '/csc/v2/credentials/list': away }, { retry: { attempts: 1 } })
    await assert.rejects(client.credentialsList(token), Unanswered)
    assert.equal(service.seen.length, 1)
  })
})
