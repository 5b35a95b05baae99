/**
 * Clients that prove who they are by the certificate of their connection: RFC 8705, 2; FAPI 2.0 Security Profile, 5.3.2.1.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import {
  certifyLocalhost,
  codeOf,
  type Deployment,
  enrolSigner,
  logIn,
  openApplication,
  openBrowser,
  REDIRECT_URI,
  type Signer,
  startThrowaway,
  trustCertificate,
} from '@natsuin/testing/deployment'

const folder = mkdtempSync(join(tmpdir(), 'natsuin-tls-clients-'))
const at = (name: string) => join(folder, name)
const openssl = (...argv: string[]) => execFileSync('openssl', argv, { stdio: 'pipe' })
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** An authority, or a certificate that is its own issuer. */
function selfSigned(name: string, subject: string, ...more: string[]): void {
  openssl(
    'req',
    '-x509',
    ...EC,
    '-days',
    '2',
    '-subj',
    subject,
    '-keyout',
    at(`${name}.key`),
    '-out',
    at(name),
    ...more,
  )
}

/** A certificate by an authority. */
function issued(
  name: string,
  subject: string,
  authority: string,
  extensions = 'extendedKeyUsage=clientAuth',
): void {
  openssl('req', ...EC, '-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`))
  writeFileSync(at(`${name}.ext`), extensions)
  const by = ['-CA', at(authority), '-CAkey', at(`${authority}.key`), '-days', '2']
  openssl('x509', '-req', '-in', at(`${name}.csr`), ...by, '-extfile', at(`${name}.ext`), '-out', at(name))
}

const CA = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']

let deployment: Deployment
let alice: Signer
before(async () => {
  selfSigned('authority', '/CN=Clients of Example', ...CA)
  selfSigned('stranger', '/CN=Clients of Example', ...CA)
  issued('desk', '/C=JP/O=Example/CN=desk', 'authority')
  issued('other', '/C=JP/O=Example/CN=other', 'authority')
  issued('server', '/C=JP/O=Example/CN=desk', 'authority', 'extendedKeyUsage=serverAuth')
  issued('forged', '/C=JP/O=Example/CN=desk', 'stranger')
  selfSigned('claimed', '/C=JP/O=Example/CN=desk')
  selfSigned('own', '/CN=own')
  selfSigned('namesake', '/CN=own')
  const tls = certifyLocalhost(folder)
  trustCertificate(tls)
  const redirectUris = [REDIRECT_URI]
  const registered = (members: object) => ({ public: false, ...members })
  deployment = await startThrowaway({
    tls,
    server: { clientCertificates: { from: 'tls' }, clientAuthoritiesFile: at('authority') },
    clients: [
      { id: 'open', name: 'Open', redirectUris },
      {
        id: 'desk',
        name: 'Desk',
        redirectUris,
        registration: registered({ tls: { subjectDn: 'CN=desk,O=Example,C=JP' }, profile: 'fapi2' }),
      },
      {
        id: 'own',
        name: 'Own',
        redirectUris,
        registration: registered({ tls: { certificateFile: at('own') } }),
      },
    ],
  })
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(async () => {
  await deployment.stop()
  rmSync(folder, { recursive: true })
})

interface Asked {
  /** Shown when the connection is made. */
  readonly certificate?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** POST over a connection of its own. */
async function ask(url: string, body: string, { certificate, headers = {} }: Asked): Promise<Response> {
  const shown = certificate && {
    cert: readFileSync(at(certificate)),
    key: readFileSync(at(`${certificate}.key`)),
  }
  const asked = request(url, { method: 'POST', agent: false, headers, ...shown })
  asked.end(body)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return new Response(await text(answer), { status: answer.statusCode ?? 0 })
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Pushes a request over a connection that shows this certificate, or none; the status. */
async function push(clientId: string, certificate?: string, headers: object = {}): Promise<number> {
  const { parameters } = openApplication(deployment, { clientId }).begin({})
  const asked = { certificate, headers: { ...form, ...headers } }
  const url = `${deployment.urls.server}/oauth2/pushed_authorize`
  return (await ask(url, parameters.toString(), asked)).status
}

describe('T-OA-16 tls_client_auth (RFC 8705, 2.1)', () => {
  it('knows a client by a certificate of a configured authority for the registered subject', async () => {
    assert.equal(await push('desk', 'desk'), 201)
  })

  for (const [what, certificate] of Object.entries({
    'no certificate': undefined,
    'one for another subject': 'other',
    'one for this subject that is for servers': 'server',
    'one by an authority that is called alike': 'forged',
    'one that its holder made himself': 'claimed',
    'the authority’s own': 'authority',
    'another client’s': 'own',
  })) {
    it(`refuses ${what}`, async () => {
      assert.equal(await push('desk', certificate), 401)
      assert.equal(await push('desk', 'desk'), 201)
    })
  }

  it('takes no header for a certificate where TLS ends here', async () => {
    const pem = encodeURIComponent(readFileSync(at('desk'), 'utf8'))
    assert.equal(await push('desk', undefined, { 'client-cert': pem, 'ssl-client-cert': pem }), 401)
  })
})

describe('T-OA-16 self_signed_tls_client_auth (RFC 8705, 2.2)', () => {
  it('knows a client by its own certificate, and by no other', async () => {
    assert.equal(await push('own', 'own'), 201)
    for (const certificate of ['namesake', 'desk', 'claimed', undefined]) {
      assert.equal(await push('own', certificate), 401, certificate)
    }
  })
})

it('clients that prove themselves otherwise may show a certificate', async () => {
  assert.equal(await push('open', 'claimed'), 201)
  assert.equal(await push('open'), 201)
})

describe('T-OA-13 a token that is bound to a certificate (RFC 8705, 3)', () => {
  const oauth = (name: string) => `${deployment.urls.server}/oauth2/${name}`
  const list = (token: string, certificate?: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    return ask(`${deployment.urls.csc}credentials/list`, '{}', { certificate, headers })
  }

  async function tokenFor(certificate: string): Promise<string> {
    const asked = { certificate, headers: form }
    const desk = openApplication(deployment, { clientId: 'desk' })
    const begun = desk.begin({})
    const pushed = await ask(oauth('pushed_authorize'), begun.parameters.toString(), asked)
    const { request_uri } = (await pushed.json()) as { request_uri: string }
    const url = desk.authorizeUrl(new URLSearchParams({ client_id: 'desk', request_uri }))
    const code = codeOf(await logIn(deployment, { ...alice, browser: openBrowser() }, url, REDIRECT_URI))
    const redeemed = new URLSearchParams({
      client_id: 'desk',
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: begun.verifier,
    })
    const answer = await ask(oauth('token'), redeemed.toString(), asked)
    const { access_token, token_type } = (await answer.json()) as Record<string, string>
    assert.equal(token_type, 'Bearer')
    return access_token ?? ''
  }

  it('works on connections that show it, and on no other', async () => {
    const token = await tokenFor('desk')
    for (const certificate of ['other', 'claimed', 'forged', undefined]) {
      const refused = await list(token, certificate)
      assert.equal(refused.status, 401, certificate)
      assert.equal(((await refused.json()) as { error: string }).error, 'invalid_token')
    }
    assert.equal((await list(token, 'desk')).status, 200)
  })

  it('takes no header for it where TLS ends here', async () => {
    const token = await tokenFor('desk')
    const pem = encodeURIComponent(readFileSync(at('desk'), 'utf8'))
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'client-cert': pem,
    }
    const url = `${deployment.urls.csc}credentials/list`
    assert.equal((await ask(url, '{}', { headers })).status, 401)
    assert.equal((await ask(url, '{}', { headers, certificate: 'desk' })).status, 200)
  })
})
