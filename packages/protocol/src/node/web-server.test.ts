import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect } from 'node:tls'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { problemsOfWebListen, type WebListen, webListenSetting } from './web-listen.ts'
import { listenOn, transportSecurity, webServer } from './web-server.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

/** A certificate of its own for localhost, with a name that tells it from others. */
function certify(name: string): void {
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name}
    -addext subjectAltName=DNS:localhost -keyout ${at(name)}.key -out ${at(name)}.pem`
  execFileSync('openssl', argv.split(/\s+/), { stdio: 'ignore' })
}

certify('first')
certify('second')

async function open(listen: Partial<WebListen>): Promise<{ server: Server; port: number }> {
  const address = { host: '127.0.0.1', port: 0, ...listen }
  const server = webServer(
    { listen: address, limits: {}, log: () => {}, checkMilliseconds: 20 },
    (_, response) => void response.end('here'),
  )
  return { server, port: await listenOn(server, address) }
}

/** Subject of the certificate, and what was agreed. */
async function handshake(port: number, options: ConnectionOptions = {}) {
  const ca = ['first', 'second'].map(name => readFileSync(at(`${name}.pem`)))
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ...options })
  try {
    await once(socket, 'secureConnect')
    const { subject } = socket.getPeerCertificate()
    return { name: String(subject.CN), protocol: socket.getProtocol(), cipher: socket.getCipher().name }
  } finally {
    socket.destroy()
  }
}

describe('a server over TLS (T-SEC-08)', () => {
  const tls = { certificateFile: at('tls.pem'), keyFile: at('tls.key') }
  const install = (name: string, ...parts: ('pem' | 'key')[]) => {
    for (const part of parts) copyFileSync(at(`${name}.${part}`), at(`tls.${part}`))
  }

  it('speaks TLS 1.3 and 1.2 with forward secrecy and authenticated encryption, and nothing older', async () => {
    install('first', 'pem', 'key')
    const { server, port } = await open({ tls })
    assert.equal((await handshake(port)).protocol, 'TLSv1.3')
    const old = await handshake(port, { maxVersion: 'TLSv1.2' })
    assert.match(old.cipher, /^ECDHE-ECDSA-AES(128|256)-GCM/)
    const weak = [
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' },
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' },
    ] as const
    for (const options of weak) await assert.rejects(handshake(port, options), JSON.stringify(options))
    server.close()
  })

  it('takes up a renewed certificate when it is whole, without a restart', async () => {
    install('first', 'pem', 'key')
    const { server, port } = await open({ tls })
    await pause(30)
    install('second', 'pem')
    await pause(100)
    assert.equal((await handshake(port)).name, 'first')
    install('second', 'key')
    for (let i = 0; (await handshake(port)).name !== 'second'; i++) {
      assert.ok(i < 100, 'the renewed certificate was not taken up')
      await pause(20)
    }
    server.close()
  })

  it('does not come into being with a key of another certificate', async () => {
    install('first', 'pem')
    install('second', 'key')
    await assert.rejects(open({ tls }), /key values mismatch/)
  })
})

describe('a server behind a proxy', () => {
  const askPlainly = async (port: number): Promise<string> => {
    const socket = connectPlain(port, '127.0.0.1')
    let heard = ''
    socket.on('data', chunk => (heard += String(chunk))).on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await once(socket, 'close')
    return heard
  }

  it('answers the proxies that are named', async () => {
    const { server, port } = await open({ proxies: ['10.1.2.3', '127.0.0.1'] })
    assert.match(await askPlainly(port), /here$/)
    server.close()
  })

  it('cuts everybody else off', async () => {
    const { server, port } = await open({ proxies: ['10.1.2.3', '::1'] })
    assert.equal(await askPlainly(port), '')
    server.close()
  })
})

describe('where a process listens', () => {
  const listen = { host: '0.0.0.0', port: 443 }
  const pair = { certificateFile: at('first.pem'), keyFile: at('first.key') }
  const problems = (given: Partial<WebListen>, publicUrl: string, clear: 'refused' | 'allowed' = 'refused') =>
    problemsOfWebListen('listen', { ...listen, ...given }, { publicUrl, clear })

  it('is over TLS, for named proxies, or on localhost', () => {
    assert.deepEqual(problems({ tls: pair }, 'https://sign.example'), [])
    assert.deepEqual(problems({ proxies: ['10.1.2.3'] }, 'https://sign.example'), [])
    for (const local of ['http://localhost:8080', 'http://approve.localhost:8081', 'http://127.0.0.1:1']) {
      assert.deepEqual(problems({}, local), [])
    }
    assert.deepEqual(problems({}, 'http://pki.example', 'allowed'), [])
  })

  it('is never in clear by forgetting something', () => {
    assert.match(problems({}, 'https://sign.example')[0] ?? '', /https needs tls/)
    assert.match(problems({}, 'http://sign.example')[0] ?? '', /in clear/)
    assert.match(problems({ proxies: ['10.1.2.3'] }, 'http://sign.example')[0] ?? '', /in clear/)
    assert.match(problems({ tls: pair }, 'http://localhost')[0] ?? '', /begins with http/)
    assert.match(problems({ tls: pair, proxies: ['10.1.2.3'] }, 'https://x.example')[0] ?? '', /in one place/)
    const missing = { certificateFile: at('none.pem'), keyFile: at('none.key') }
    assert.equal(problems({ tls: missing }, 'https://sign.example').length, 2)
    writeFileSync(at('open.key'), 'key', { mode: 0o644 })
    assert.match(
      problems({ tls: { ...pair, keyFile: at('open.key') } }, 'https://x.example')[0] ?? '',
      /open to others/,
    )
  })

  it('names proxies by their exact address', () => {
    for (const proxies of [['proxy.example'], ['10.0.0.0/8'], [''], []]) {
      assert.throws(() => webListenSetting({ ...listen, proxies }), JSON.stringify(proxies))
    }
    assert.deepEqual(webListenSetting({ ...listen, proxies: ['::1', '10.0.0.1'] }).proxies, [
      '::1',
      '10.0.0.1',
    ])
  })

  it('tells browsers to stay with https only where it is https', () => {
    assert.deepEqual(Object.keys(transportSecurity('https://x.example')), ['strict-transport-security'])
    assert.deepEqual(transportSecurity('http://localhost:8080'), {})
  })
})
