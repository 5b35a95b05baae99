import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { continuation, continuationAt, serviceAt } from './service.ts'

const ORIGIN = 'https://sign.example'

/** A service that answers everything with this response, and what it was asked. */
function answering(response: () => Response) {
  const asked: [string, RequestInit | undefined][] = []
  const service = serviceAt(ORIGIN, async (input, init) => {
    asked.push([String(input), init])
    return response()
  })
  return { service, asked }
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

describe('what the page asks the server', () => {
  it('is asked without cookies, referrer or redirects', async () => {
    const { service, asked } = answering(() => json({ continue: `${ORIGIN}/next` }))
    assert.deepEqual(await service.post('/approvals/x', { a: 1 }, continuation), {
      continue: `${ORIGIN}/next`,
    })
    const [url, init] = asked[0] ?? []
    assert.equal(url, `${ORIGIN}/approvals/x`)
    assert.equal(init?.body, '{"a":1}')
    assert.deepEqual(
      [init?.credentials, init?.redirect, init?.referrerPolicy, init?.cache],
      ['omit', 'error', 'no-referrer', 'no-store'],
    )
  })

  it('is refused in the words of the refusal', async () => {
    const { service } = answering(() => json({ error: 'ticket-spent', error_description: 'x' }, 400))
    await assert.rejects(service.get('/approvals/x', continuation), {
      code: 'ticket-over',
      evidence: { error: 'ticket-spent' },
    })
  })

  it('is unavailable when the answer is an error of no form', async () => {
    const { service } = answering(() => new Response('<html>', { status: 502 }))
    await assert.rejects(service.get('/approvals/x', continuation), { code: 'service-unavailable' })
  })

  it('is not understood when the answer has another shape', async () => {
    const { service } = answering(() => json({ continue: 1 }))
    await assert.rejects(service.get('/approvals/x', continuation), { code: 'answer-malformed' })
  })

  it('is unreachable when there is no answer', async () => {
    const { service } = answering(() => {
      throw new TypeError('failed to fetch')
    })
    await assert.rejects(service.get('/approvals/x', continuation), { code: 'server-unreachable' })
  })
})

describe('where the page goes next', () => {
  it('is a page of the server', () => {
    assert.equal(continuationAt(ORIGIN, `${ORIGIN}/oauth2/authorize/uid`), `${ORIGIN}/oauth2/authorize/uid`)
  })

  it('is nowhere else', () => {
    const elsewhere = [
      'https://attacker.example/',
      'https://sign.example.attacker.example/',
      'http://sign.example/',
      'https://sign.example:8443/',
      'javascript:alert(1)',
      '/relative',
      '',
    ]
    for (const next of elsewhere) {
      assert.throws(() => continuationAt(ORIGIN, next), { code: 'continuation-foreign' }, next)
    }
  })
})
