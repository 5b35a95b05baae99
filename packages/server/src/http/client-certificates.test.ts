import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { get as getPlain } from 'node:http'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { listenOn, type WebListen, webServer } from '@natsuin/protocol/node'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type ClientCertificateSource, createClientCertificates } from './client-certificates.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

/** A key, and a certificate that nobody else vouches for. */
function certify(name: string) {
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name}
    -addext subjectAltName=DNS:localhost -keyout ${at(name)}.key -out ${at(name)}.pem`
  execFileSync('openssl', argv.split(/\s+/), { stdio: 'ignore' })
  const [cert, key] = [readFileSync(at(`${name}.pem`)), readFileSync(at(`${name}.key`))]
  const { raw } = new X509Certificate(cert)
  return { cert, key, raw, thumbprint: createHash('sha256').update(raw).digest('base64url') }
}

const server = certify('server')
const client = certify('client')
const tls = { certificateFile: at('server.pem'), keyFile: at('server.key') }

/** A server that answers with the thumbprint of the certificate that it sees. */
async function open(source: ClientCertificateSource, listen: Partial<WebListen>) {
  const certificates = createClientCertificates(source)
  const address = { host: '127.0.0.1', port: 0, ...listen }
  const askForCertificates = 'from' in source && source.from === 'tls'
  const opened: Server = webServer(
    { listen: address, limits: {}, log: () => {}, askForCertificates },
    (request, response) => void response.end(certificates(request)?.thumbprint ?? 'none'),
  )
  return { port: await listenOn(opened, address), close: () => opened[Symbol.asyncDispose]() }
}

async function answerOf(asked: ReturnType<typeof get>): Promise<string> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return text(response)
}

describe('the certificate of a client (RFC 8705, 3)', () => {
  it('is that of the connection, also of the second request on it, and none when none was shown', async t => {
    const { port, close } = await open({ from: 'tls' }, { tls })
    t.after(close)
    const ask = (agent: Agent) => answerOf(get({ host: 'localhost', port, ca: server.cert, agent }))
    const shows = new Agent({ cert: client.cert, key: client.key, keepAlive: true })
    assert.deepEqual([await ask(shows), await ask(shows)], [client.thumbprint, client.thumbprint])
    assert.equal(await ask(new Agent()), 'none')
    shows.destroy()
  })

  it('is not asked for where none is wanted, and no header says it there', async t => {
    const { port, close } = await open({ from: 'nowhere' }, { tls })
    t.after(close)
    const headers = { 'client-cert': `:${client.raw.toString('base64')}:` }
    const options = { host: 'localhost', port, ca: server.cert, cert: client.cert, key: client.key, headers }
    assert.equal(await answerOf(get({ ...options, agent: new Agent() })), 'none')
  })

  const spellings: Readonly<Record<string, string>> = {
    'RFC 9440, 2.1': `:${client.raw.toString('base64')}:`,
    'base64 alone': client.raw.toString('base64'),
    'PEM, URL-encoded': encodeURIComponent(client.cert.toString()),
  }
  for (const [how, written] of Object.entries(spellings)) {
    it(`is what the proxy says in the header that is named: ${how}`, async t => {
      const { port, close } = await open({ header: 'client-cert' }, { proxies: ['127.0.0.1'] })
      t.after(close)
      const ask = (headers: Readonly<Record<string, string>>) =>
        answerOf(getPlain({ host: '127.0.0.1', port, headers }))
      assert.equal(await ask({ 'client-cert': written }), client.thumbprint)
      assert.equal(await ask({ 'x-client-cert': written }), 'none')
    })
  }

  it('is none where the header holds none', async t => {
    const { port, close } = await open({ header: 'client-cert' }, { proxies: ['127.0.0.1'] })
    t.after(close)
    for (const written of ['', ':AAAA:', 'nothing', '%', '-----BEGIN CERTIFICATE-----']) {
      assert.equal(
        await answerOf(getPlain({ host: '127.0.0.1', port, headers: { 'client-cert': written } })),
        'none',
      )
    }
  })
})
