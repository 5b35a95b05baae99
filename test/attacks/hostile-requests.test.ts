/**
 * Requests that nobody sends who means well, to every endpoint there is (threats.md, 14): each is answered, none with a
 * fault, and nobody else waits for it.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  type Deployment,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'

let deployment: Deployment
let application: Application
let signer: Signer
let endpoints: readonly string[]
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
  signer = await enrolSigner(deployment, { commonName: 'Alice' })
  endpoints = [...(await methodsOf('v1')), ...(await methodsOf('v2')), ...OTHERS]
})
after(() => deployment.stop())

async function methodsOf(edition: 'v1' | 'v2'): Promise<string[]> {
  const { body } = await openApplication(deployment, { edition }).call('info', {})
  const { methods } = body as { methods: readonly string[] }
  return methods.map(name => (name.startsWith('oauth2/') ? `/${name}` : `/csc/${edition}/${name}`))
}

/** What `info` does not name: our own APIs, and what the pages ask. */
const OTHERS = [
  '/csc/v2/credentials/forge',
  '/csc/',
  '/natsuin/v1/evidence',
  '/natsuin/v1/credentials/revoke',
  '/natsuin/v1/seals',
  '/natsuin/v1/seals/ticket',
  '/approvals/none',
  '/approvals/none/decline',
  '/enrolments/none',
  '/grants',
  '/grants/ticket',
  '/administration',
  '/administration/none/none',
  '/authenticators/none',
  '/login/none',
  '/login/none/options',
  '/account/passkey',
  '/account/passkey/options',
  '/account/log-in',
  '/account/authenticators',
  '/identity-providers/log-out',
  '/oauth2/jwks',
  '/oauth2/authorize/none',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/%00',
  '/..%2f..%2fetc/passwd',
  '//',
]

const MEMBERS = [
  ...['credentialID', 'SAD', 'hashes', 'hash', 'hashAlgorithmOID', 'hashAlgo', 'signAlgo', 'signAlgoParams'],
  ...[
    'numSignatures',
    'authData',
    'PIN',
    'OTP',
    'documents',
    'documentDigests',
    'operationMode',
    'requestID',
  ],
  ...['userID', 'maxResults', 'pageToken', 'certificates', 'lang', 'clientData', 'token', 'token_type_hint'],
  ...[
    'grant_type',
    'code',
    'scope',
    'authorization_details',
    'request',
    'request_uri',
    'client_id',
    '__proto__',
  ],
]

/** Values that have been too much for somebody. */
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '\0',
    '\u202e',
    '9'.repeat(400),
    'A'.repeat(5000),
    '../../x',
    "' or 1=1 --",
    '%',
    '{{7*7}}',
  ),
  fc.constantFrom(-1, 0, 1e308, 2 ** 53, 0.5),
)
const object = fc.uniqueArray(fc.tuple(fc.constantFrom(...MEMBERS), values), {
  selector: ([name]) => name,
  maxLength: 8,
})
const body = fc.oneof(
  object.map(
    members => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`,
  ),
  object.map(members =>
    new URLSearchParams(members.map(([name, value]) => [name, String(value)])).toString(),
  ),
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.constantFrom('', '{', 'null', '[]', '{"a":1,"a":2}', '['.repeat(2000)),
)

describe('T-DOS-10 requests that nobody sends who means well', () => {
  it('are all answered, and none of them is a fault', async () => {
    const tokens = [undefined, 'guessed', await application.serviceToken(signer)]
    const request = fc.record({
      path: fc.constantFrom(...endpoints),
      query: fc.oneof(
        fc.constant(''),
        fc.webQueryParameters().map(text => `?${text}`),
      ),
      method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS'),
      type: fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'multipart/form-data',
      ),
      token: fc.constantFrom(...tokens),
      body,
    })
    const hostile = fc.asyncProperty(request, async asked => {
      const { status, text } = await send(asked)
      // 501 and 503 are words of the standard; a fault has an incident id, and there is none.
      assert.ok(status < 500 || status === 501, `${status} ${text}`)
    })
    await fc.assert(hostile, { numRuns: rounds('hostileRequests'), seed: seed() })
    assert.equal((await application.call('info', {})).status, 200)
    for (const name of ['sam', 'authorities', 'server', 'sic'] as const) {
      assert.doesNotThrow(() => process.kill(deployment.process(name).pid, 0), name)
    }
  })

  async function send(asked: {
    readonly path: string
    readonly query: string
    readonly method: string
    readonly type: string
    readonly token: string | undefined
    readonly body: string
  }) {
    const response = await fetch(`${deployment.urls.server}${asked.path}${asked.query}`, {
      method: asked.method,
      redirect: 'manual',
      headers: {
        'content-type': asked.type,
        ...(asked.token !== undefined && { authorization: `Bearer ${asked.token}` }),
      },
      ...(asked.method === 'GET' ? {} : { body: asked.body }),
    })
    return { status: response.status, text: await response.text() }
  }
})

describe('T-DOS-08 two hundred bodies that come slowly', () => {
  it('hold nothing that others wait for', async () => {
    const { port } = new URL(deployment.urls.server)
    const paths = ['/csc/v2/info', '/csc/v2/signatures/signHash', '/oauth2/token', '/natsuin/v1/evidence']
    const slow = Array.from({ length: 200 }, (_, i) => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
      const path = paths[i % paths.length]
      socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\n`)
      socket.write('content-length: 100000\r\n\r\n{"clientData":"')
      return socket
    })
    await Promise.all(slow.map(socket => (socket.connecting ? once(socket, 'connect') : undefined)))
    const token = await application.serviceToken(signer)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => application.call('credentials/list', { credentialInfo: true }, token)),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    for (const socket of slow) socket.destroy()
  })
})
