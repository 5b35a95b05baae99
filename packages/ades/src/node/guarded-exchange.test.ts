/** The guarded exchange against servers that really listen: T-SSRF-01 to T-SSRF-04. */
import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { allowedUrl } from './allowed-url.ts'
import { type GuardedExchangeOptions, guardedExchange } from './guarded-exchange.ts'
import { isPublicAddress } from './public-address.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // A listening server on TCP has an address object.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const refusal = (code: string) => ({ name: 'AdesRefusal', code })
const ask = (url: string, options: GuardedExchangeOptions = {}, maxBytes = 1000) =>
  guardedExchange(options)({ url, accept: 'application/octet-stream', maxBytes })

describe('addresses that may not be asked (T-SSRF-01)', () => {
  let connections = 0
  const listening = listen((_, response) => {
    connections += 1
    response.end('secret')
  })

  const HOSTS = [
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '017700000001',
    ],
    ...['0.0.0.0', '0', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
    ...[
      '169.254.169.254',
      '169.254.0.1',
      '100.64.0.1',
      '192.0.0.170',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.7',
    ],
    ...[
      '203.0.113.9',
      '224.0.0.1',
      '239.255.255.250',
      '240.0.0.1',
      '255.255.255.255',
      '2852039166',
      '0xa9fea9fe',
    ],
    ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
    ...['[64:ff9b::7f00:1]', '[64:ff9b:1::a00:1]', '[100::1]', '[fc00::1]', '[fd12:3456::1]', '[fe80::1]'],
    ...[
      '[fec0::1]',
      '[ff02::1]',
      '[2001:db8::1]',
      '[2001::7f00:1]',
      '[2002:7f00:1::1]',
      '[3fff::1]',
      '[5f00::1]',
    ],
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'sub.localhost',
      '①②⑦.⓪.⓪.①',
      '127。0。0。1',
      '%31%32%37.0.0.1',
    ],
  ]
  for (const host of HOSTS) {
    it(`${host}`, async () => {
      const port = (await listening).split(':')[1]
      const resolve = async () => ['127.0.0.1']
      await assert.rejects(
        ask(`http://${host}:${port}/`, { ports: [Number(port)], resolve }),
        refusal('exchange-forbidden'),
      )
    })
  }

  const ADDRESSES = ['127.0.0.1', '::1', '::ffff:10.0.0.1', 'fe80::1%lo', 'fe80::1', '10.1.2.3', 'no address']
  for (const address of ADDRESSES) {
    it(`a public name that means ${address}`, async () => {
      for (const addresses of [[address], ['93.184.216.34', address], [address, '93.184.216.34']]) {
        const options = { resolve: async () => addresses }
        await assert.rejects(ask('http://ca.example/', options), refusal('exchange-forbidden'))
      }
    })
  }

  it('are not even dialled', () => assert.equal(connections, 0))

  it('are asked when they are our own, and named so', async () => {
    const own = await listening
    assert.deepEqual(await ask(`http://${own}/`, { ownHosts: [own] }), utf8('secret'))
  })

  it('are told from addresses of the internet', () => {
    const PUBLIC = [
      '93.184.216.34',
      '8.8.8.8',
      '100.128.0.1',
      '172.32.0.1',
      '2606:4700::1111',
      '2a00:1450::1',
    ]
    for (const address of PUBLIC) assert.ok(isPublicAddress(address), address)
  })
})

describe('URLs that are not asked (T-SSRF-03)', () => {
  const FORBIDDEN = [
    ...[
      'file:///etc/passwd',
      'ftp://ca.example/crl',
      'ldap://ca.example/cn=crl',
      'gopher://ca.example/',
      'data:,x',
    ],
    ...[
      '\\\\ca.example\\crl',
      '//ca.example/crl',
      'javascript:1',
      'blob:http://ca.example/1',
      'HTTP//ca.example',
    ],
    ...['http://user@ca.example/', 'http://user:secret@ca.example/', 'http://:secret@ca.example/'],
    ...['http://ca.example:22/', 'http://ca.example:25/', 'https://ca.example:8443/', 'http://ca.example:0/'],
    ...[
      'http://ca.example/\r\nHost: inside',
      'http://ca.example/\n',
      'ht\ntp://ca.example/',
      ' http://ca.example/',
    ],
    ...['http://ca.example/a b', 'http://', 'http:///', ''],
  ]
  for (const url of FORBIDDEN) {
    it(JSON.stringify(url), () => assert.throws(() => allowedUrl(url, {}), refusal('exchange-forbidden')))
  }

  it('are told from those that are', () => {
    for (const url of [
      'http://ca.example/crl',
      'https://ca.example:443/',
      'http://ca.example:443/',
      'http://ca.example',
    ])
      assert.ok(allowedUrl(url, {}) instanceof URL)
    assert.ok(allowedUrl('http://ca.example:8080/', { ports: [8080] }) instanceof URL)
    assert.ok(allowedUrl('http://ca.example:8080/', { ownHosts: ['ca.example:8080'] }) instanceof URL)
  })
})

describe('names and redirects that change their mind (T-SSRF-02)', () => {
  it('are resolved once, and what was judged is dialled', async () => {
    const own = await listen((request, response) => response.end(request.headers.host))
    const port = Number(own.split(':')[1])
    const looked: string[] = []
    const resolve = async (host: string) => {
      looked.push(host)
      return looked.length === 1 ? ['127.0.0.1'] : ['10.0.0.1']
    }
    const host = `ca.example:${port}`
    assert.deepEqual(await ask(`http://${host}/`, { resolve, ownHosts: [host] }), utf8(host))
    assert.deepEqual(looked, ['ca.example'])
  })

  it('are judged anew at every redirect, of which two are followed', async () => {
    let inside = 0
    const target = await listen((_, response) => {
      inside += 1
      response.end('secret')
    })
    const own = await listen((request, response) => {
      const left = Number(request.url?.slice(1))
      const location = left === 0 ? `http://${target}/` : left === 9 ? 'file:///etc/passwd' : `/${left - 1}`
      if (left === 5) response.end('here')
      else response.writeHead(302, { Location: location }).end()
    })
    const follow = (path: number) => ask(`http://${own}/${path}`, { ownHosts: [own] })
    assert.deepEqual(await follow(7), utf8('here'))
    await assert.rejects(follow(8), refusal('exchange-failed'))
    for (const path of [0, 1, 9]) await assert.rejects(follow(path), refusal('exchange-forbidden'))
    assert.equal(inside, 0)
  })

  it('are not followed with what was posted', async () => {
    const own = await listen((_, response) => response.writeHead(307, { Location: '/again' }).end())
    const request = { url: `http://${own}/`, accept: '*/*', maxBytes: 9, body: utf8('x') }
    await assert.rejects(guardedExchange({ ownHosts: [own] })(request), refusal('exchange-failed'))
  })
})

describe('notifications', () => {
  const status = async (code: number, options: GuardedExchangeOptions) => {
    const own = await listen((_, response) =>
      response.writeHead(code, { 'Content-Type': 'text/html' }).end('<p>'),
    )
    const request = { url: `http://${own}/`, accept: '*/*', maxBytes: 9, body: utf8('x') }
    return guardedExchange({ ownHosts: [own], ...options })(request)
  }

  it('are taken by any status of success, and what comes with it is left unread', async () => {
    for (const code of [200, 201, 202, 204]) {
      assert.deepEqual(await status(code, { isNotification: true }), new Uint8Array())
    }
  })

  it('are not taken by another status, and nothing else is answered by one without an answer', async () => {
    for (const code of [302, 400, 503]) {
      await assert.rejects(status(code, { isNotification: true }), refusal('exchange-failed'))
    }
    for (const code of [202, 204]) await assert.rejects(status(code, {}), refusal('exchange-failed'))
  })
})

describe('answers that would do harm (T-SSRF-04)', () => {
  const answers = async (listener: RequestListener, options: GuardedExchangeOptions = {}) => {
    const own = await listen(listener)
    return ask(`http://${own}/`, { ownHosts: [own], ...options })
  }
  const HARMFUL: Readonly<Record<string, RequestListener>> = {
    'says that it is too long': (_, response) => response.writeHead(200, { 'Content-Length': '1001' }).end(),
    'is too long without saying so': (_, response) => response.end(new Uint8Array(1001)),
    'never ends': (_, response) => {
      const more = () => void (response.writableEnded || response.write(new Uint8Array(500), more))
      more()
    },
    'is compressed': (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    'is a page': (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>'),
    'is an error': (_, response) => response.writeHead(500).end('x'),
    'breaks off': (_, response) => {
      response.writeHead(200, { 'Content-Length': '9' })
      response.write('x', () => response.destroy())
    },
    'has a head without end': (_, response) =>
      response.writeHead(200, { 'X-Long': 'x'.repeat(20_000) }).end(),
  }
  for (const [what, listener] of Object.entries(HARMFUL)) {
    it(`is refused when it ${what}`, () => assert.rejects(answers(listener), refusal('exchange-failed')))
  }

  it('is refused when it takes too long', async () => {
    await assert.rejects(
      answers(() => undefined, { timeoutSeconds: 0.05 }),
      refusal('exchange-failed'),
    )
  })

  it('is told from one of the greatest length', async () => {
    assert.equal((await answers((_, response) => response.end(new Uint8Array(1000)))).length, 1000)
  })

  it('is refused when nobody listens, or the name means nothing', async () => {
    await assert.rejects(
      ask('http://127.0.0.1:9/', { ownHosts: ['127.0.0.1:9'] }),
      refusal('exchange-failed'),
    )
    for (const resolve of [async () => [], async () => assert.fail('NXDOMAIN')])
      await assert.rejects(ask('http://ca.example/', { resolve }), refusal('exchange-failed'))
  })
})
