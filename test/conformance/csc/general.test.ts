/** Rules that hold for every method: CSC API v1.0.4.0 and v2.0.0.2, 7 and 10. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { editions, infoResponse } from '@natsuin/protocol/csc'
import { type Deployment, startThrowaway } from '@natsuin/testing/deployment'
import { assertRefused, bodyOf, CITED, MALFORMED, openBoth, refused } from './editions.ts'

let deployment: Deployment
before(async () => {
  deployment = await startThrowaway()
})
after(() => deployment.stop())

/** v1.0.4.0, 11, and v2.0.0.2, 11, with what v2.2.0.0 adds. */
const METHODS = {
  v1: [
    'info',
    'auth/login',
    'auth/revoke',
    'credentials/list',
    'credentials/info',
    'credentials/authorize',
    'credentials/extendTransaction',
    'credentials/sendOTP',
    'signatures/signHash',
    'signatures/timestamp',
  ],
  v2: [
    'info',
    'auth/login',
    'auth/revoke',
    'credentials/list',
    'credentials/info',
    'credentials/create',
    'credentials/delete',
    'credentials/authorize',
    'credentials/authorizeCheck',
    'credentials/getChallenge',
    'credentials/extendTransaction',
    'signatures/signHash',
    'signatures/signDoc',
    'signatures/signPolling',
    'signatures/timestamp',
  ],
} as const

const ONLY_V1 = ['credentials/sendOTP']
const ONLY_V2 = METHODS.v2.filter(name => !METHODS.v1.some(other => other === name))

/** These say it with a word in capitals, and this one with a word misspelt. */
const MALFORMED_IN_V1: Readonly<Record<string, string>> = {
  'auth/revoke': MALFORMED.v1.replace('required', 'REQUIRED'),
  'credentials/extendTransaction': MALFORMED.v1.replace('required', 'REQUIRED'),
  'credentials/sendOTP': 'Malformed authroization header.',
}

for (const edition of editions) {
  const call = (...request: Parameters<ReturnType<typeof openBoth>['v1']['call']>) =>
    openBoth(deployment)[edition].call(...request)
  const implemented = async () => {
    const { methods } = await bodyOf(call('info', {}), infoResponse, edition)
    return methods.filter(name => !name.startsWith('oauth2/'))
  }
  const withTokens = async () =>
    (await implemented()).filter(name => name !== 'info' && name !== 'auth/login')
  const cited = CITED[edition]

  describe(`G-01 every method is called by POST of JSON (${cited}, 7)`, () => {
    it('other verbs are refused with 405 and a JSON error', async () => {
      for (const method of await implemented()) {
        for (const verb of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          const url = `${openBoth(deployment)[edition].base}${method}`
          const response = await fetch(url, { method: verb })
          assert.equal(response.status, 405, `${verb} ${method}`)
          assert.equal(response.headers.get('allow'), 'POST', `${verb} ${method}`)
          assert.deepEqual(await response.json(), refused('Methods are called by POST'))
        }
      }
    })

    it('refuses another content type', async () => {
      const url = `${openBoth(deployment)[edition].base}info`
      const response = await fetch(url, { method: 'POST', body: '{}' })
      assert.equal(response.status, 400)
      assert.deepEqual(await response.json(), refused('The request body is not application/json'))
    })
  })

  describe(`G-02 an error is JSON with a code (${cited}, 10.1)`, () => {
    it('says so in its content type and may not be stored', async () => {
      const { status, headers, body } = await call('credentials/list', {})
      assert.equal(status, 400)
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.deepEqual(body, refused(MALFORMED[edition]))
    })

    it('answers an unknown method with 404', async () => {
      const { status, body } = await call('credentials/forge', {})
      assert.equal(status, 404)
      assert.deepEqual(body, refused('Unknown method'))
    })
  })

  describe(`G-03 a body that is not a JSON object is refused (${cited}, 10.1)`, () => {
    for (const body of ['', '{', '[]', 'null', '"info"', '{"lang":"en"', '{"lang":"en","lang":"ja"}']) {
      it(`refuses ${body === '' ? 'an empty body' : body}`, () =>
        assertRefused(call('info', body), 'The request body is not a JSON object'))
    }

    it('takes a megabyte and refuses more (T-LIM-02)', async () => {
      const padded = (bytes: number) => `{"clientData":"${'x'.repeat(bytes - 17)}"}`
      assert.equal((await call('info', padded(1024 * 1024))).status, 200)
      const answer = await call('info', padded(1024 * 1024 + 1))
      assert.equal(answer.status, 413)
      assert.deepEqual(answer.body, refused('The request body is too large'))
    })

    it('takes 16 levels and refuses 17 (T-LIM-02)', async () => {
      const nested = (depth: number) =>
        `{"clientData":null,"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
      assert.equal((await call('info', nested(16))).status, 200)
      assert.equal((await call('info', nested(17))).status, 400)
    })
  })

  describe(`G-04 a malformed Authorization header is a malformed request (${cited}, 10.1)`, () => {
    const headers = ['Foo bar', 'Bearer', 'Bearer ', 'Bearer a b', 'Basic YTpi', 'Bearer \u00e9']
    for (const authorization of headers) {
      it(`${JSON.stringify(authorization)} is refused by every method in its own words`, async () => {
        for (const method of await withTokens()) {
          const words = edition === 'v1' ? MALFORMED_IN_V1[method] : undefined
          const answer = call(method, {}, undefined, { authorization })
          await assertRefused(answer, words ?? MALFORMED[edition], method)
        }
      })
    }
  })

  describe(`G-05 an unknown token is refused with 401 (${cited}, 10.1; RFC 6750, 3.1)`, () => {
    it('by every method', async () => {
      for (const method of await withTokens()) {
        const { status, headers, body } = await call(method, {}, 'c2VjcmV0')
        assert.equal(status, 401, method)
        assert.equal(headers.get('www-authenticate'), 'Bearer error="invalid_token"')
        assert.deepEqual(body, { error: 'invalid_token', error_description: 'The access token is not valid' })
      }
    })

    it('and a token in the query is no token (T-OA-12)', () =>
      assertRefused(call('credentials/list?access_token=c2VjcmV0', {}), MALFORMED[edition]))
  })

  describe(`G-06 a method of the standard that is not implemented answers 501 (${cited}, 10.1)`, () => {
    it('and so does one of the other edition alone', async () => {
      const there = await implemented()
      const missing = METHODS[edition].filter(name => !there.includes(name))
      for (const method of [...missing, ...(edition === 'v1' ? ONLY_V2 : ONLY_V1)]) {
        // What only some clients are told of may be there.
        if (method === 'credentials/create' || method === 'credentials/delete') continue
        const { status, body } = await call(method, {})
        assert.equal(status, 501, method)
        assert.deepEqual(body, { error: 'not_implemented', error_description: 'Method not implemented' })
      }
    })
  })

  describe(`G-07 unknown members are ignored and null means absent (${cited}, 7)`, () => {
    it('answers info as if they were not there', async () => {
      const plain = await call('info', {})
      const odd = await call('info', { lang: null, clientData: null, colour: 'red', nested: { a: 1 } })
      assert.equal(odd.status, 200)
      assert.deepEqual(odd.body, plain.body)
    })
  })

  describe(`G-08 a language that is not there is answered in another, which is named (${cited}, 7)`, () => {
    it('names the language of the answer', async () => {
      const { lang } = await bodyOf(call('info', { lang: 'xx-Nope' }), infoResponse, edition)
      assert.equal(lang, 'en')
    })

    it('refuses a language that is not a string', () =>
      assertRefused(call('info', { lang: 7 }), 'Invalid parameter lang'))
  })

  describe(`pages of other origins may call ${edition} with a token and read the answer`, () => {
    it('answers a preflight without credentials', async () => {
      const response = await fetch(`${openBoth(deployment)[edition].base}signatures/signHash`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,idempotency-key',
        },
      })
      assert.equal(response.status, 204)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      assert.equal(response.headers.get('access-control-allow-credentials'), null)
    })
  })

  describe(`the OpenAPI document of ${edition} that is served`, () => {
    it('may be read by anybody and from any page, and has the methods of info and those of later specs', async () => {
      const { base } = openBoth(deployment)[edition]
      const response = await fetch(`${base}openapi.json`, { headers: { origin: 'https://a.example' } })
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      const { paths } = (await response.json()) as { paths: object }
      const found = Object.keys(paths).map(path => path.replace(/^\/(csc\/v[12]\/)?/, ''))
      const { methods } = await bodyOf(call('info', {}), infoResponse, edition)
      const later = edition === 'v2' ? ['credentials/create', 'credentials/delete'] : []
      assert.deepEqual(found.sort(), [...methods, ...later].sort())
    })
  })
}
