/** CSC API v2.0.0.2, 7 and 10: rules that hold for every method. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  type Deployment,
  openApplication,
  startThrowaway,
} from '@natsuin/testing/deployment'

let deployment: Deployment
let application: Application
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
})
after(() => deployment.stop())

const IMPLEMENTED = ['info', 'credentials/list', 'credentials/info', 'signatures/signHash']
const PROTECTED = IMPLEMENTED.filter(name => name !== 'info')
const refused = (description: string) => ({ error: 'invalid_request', error_description: description })

describe('G-01 every method is called by POST of JSON (CSC API v2.0.0.2, 7)', () => {
  for (const method of IMPLEMENTED) {
    it(`${method}: other verbs are refused with 405 and a JSON error`, async () => {
      for (const verb of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        const response = await fetch(`${deployment.urls.csc}${method}`, { method: verb })
        assert.equal(response.status, 405, verb)
        assert.deepEqual(await response.json(), refused('Methods are called by POST'))
      }
    })
  }

  it('refuses another content type', async () => {
    const response = await fetch(`${deployment.urls.csc}info`, { method: 'POST', body: '{}' })
    assert.equal(response.status, 400)
    assert.deepEqual(await response.json(), refused('The request body is not application/json'))
  })
})

describe('G-02 an error is JSON with a code (CSC API v2.0.0.2, 10.1)', () => {
  it('says so in its content type and may not be stored', async () => {
    const { status, headers, body } = await application.call('credentials/list', {})
    assert.equal(status, 400)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.deepEqual(body, refused('Malformed authorization header'))
  })

  it('answers an unknown method with 404', async () => {
    const { status, body } = await application.call('credentials/forge', {})
    assert.equal(status, 404)
    assert.deepEqual(body, refused('Unknown method'))
  })
})

describe('G-03 a body that is not a JSON object is refused (CSC API v2.0.0.2, 10.1)', () => {
  for (const body of ['', '{', '[]', 'null', '"info"', '{"lang":"en"', '{"lang":"en","lang":"ja"}']) {
    it(`refuses ${body === '' ? 'an empty body' : body}`, async () => {
      const answer = await application.call('info', body)
      assert.equal(answer.status, 400)
      assert.deepEqual(answer.body, refused('The request body is not a JSON object'))
    })
  }

  it('takes a megabyte and refuses more (T-LIM-01)', async () => {
    const padded = (bytes: number) => `{"clientData":"${'x'.repeat(bytes - 17)}"}`
    assert.equal((await application.call('info', padded(1024 * 1024))).status, 200)
    const answer = await application.call('info', padded(1024 * 1024 + 1))
    assert.equal(answer.status, 413)
    assert.deepEqual(answer.body, refused('The request body is too large'))
  })

  it('takes 16 levels and refuses 17 (T-LIM-01)', async () => {
    const nested = (depth: number) =>
      `{"clientData":null,"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    assert.equal((await application.call('info', nested(16))).status, 200)
    assert.equal((await application.call('info', nested(17))).status, 400)
  })
})

describe('G-04 a malformed Authorization header is a malformed request (CSC API v2.0.0.2, 10.1)', () => {
  for (const method of PROTECTED) {
    for (const authorization of [
      'Foo bar',
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Basic YTpi',
      'Bearer \u00e9',
    ]) {
      it(`${method}: refuses ${JSON.stringify(authorization)}`, async () => {
        const { status, body } = await application.call(method, {}, undefined, { authorization })
        assert.equal(status, 400)
        assert.deepEqual(body, refused('Malformed authorization header'))
      })
    }
  }
})

describe('G-05 an unknown token is refused with 401 (CSC API v2.0.0.2, 10.1; RFC 6750, 3.1)', () => {
  for (const method of PROTECTED) {
    it(method, async () => {
      const { status, headers, body } = await application.call(method, {}, 'c2VjcmV0')
      assert.equal(status, 401)
      assert.equal(headers.get('www-authenticate'), 'Bearer error="invalid_token"')
      assert.deepEqual(body, { error: 'invalid_token', error_description: 'The access token is not valid' })
    })
  }

  it('and a token in the query is no token (T-OA-12)', async () => {
    const response = await fetch(`${deployment.urls.csc}credentials/list?access_token=c2VjcmV0`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(response.status, 400)
  })
})

describe('G-06 a method of the standard that is not implemented answers 501 (CSC API v2.0.0.2, 10.1)', () => {
  const MISSING = [
    'auth/login',
    'auth/revoke',
    'credentials/authorizeCheck',
    'credentials/getChallenge',
    'signatures/signDoc',
    'signatures/signPolling',
    'signatures/timestamp',
  ]
  for (const method of MISSING) {
    it(method, async () => {
      const { status, body } = await application.call(method, {})
      assert.equal(status, 501)
      assert.deepEqual(body, { error: 'not_implemented', error_description: 'Method not implemented' })
    })
  }
})

describe('G-07 unknown members are ignored and null means absent (CSC API v2.0.0.2, 7)', () => {
  it('answers info as if they were not there', async () => {
    const plain = await application.call('info', {})
    const odd = await application.call('info', {
      lang: null,
      clientData: null,
      colour: 'red',
      nested: { a: 1 },
    })
    assert.equal(odd.status, 200)
    assert.deepEqual(odd.body, plain.body)
  })
})

describe('G-08 a language that is not there is answered in another, which is named (CSC API v2.0.0.2, 7)', () => {
  it('names the language of the answer', async () => {
    const { status, body } = await application.call('info', { lang: 'xx-Nope' })
    assert.equal(status, 200)
    assert.equal((body as { lang: string }).lang, 'en')
  })

  it('refuses a language that is not a string', async () => {
    const { status, body } = await application.call('info', { lang: 7 })
    assert.equal(status, 400)
    assert.deepEqual(body, refused('Invalid parameter lang'))
  })
})

describe('pages of other origins may call the API with a token and read the answer', () => {
  it('answers a preflight without credentials', async () => {
    const response = await fetch(`${deployment.urls.csc}signatures/signHash`, {
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
