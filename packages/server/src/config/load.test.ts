import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigurationError } from '@natsuin/protocol/node'
import { loadConfiguration } from './load.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-config-'))
after(() => rmSync(directory, { recursive: true }))

const good = {
  name: 'Test',
  region: 'JP',
  description: '',
  publicUrl: 'http://localhost:8080',
  listen: { host: '127.0.0.1', port: 8080 },
  store: { sqlite: 'server.db' },
  sam: { socket: 'sam.sock' },
  authorities: { socket: 'authorities.sock' },
  approvalOrigin: 'http://approve.localhost:8081',
  secretsDirectory: 'secrets',
  clients: [{ client_id: 'app', name: 'App', redirect_uris: ['http://localhost/cb'], public: true }],
}

function load(members: object) {
  const file = join(directory, 'server.json')
  writeFileSync(file, JSON.stringify({ ...good, ...members }))
  return loadConfiguration(file)
}

function problemsOf(members: object): readonly string[] {
  try {
    load(members)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
  }
  return []
}

describe('configuration', () => {
  it('is read with its defaults, paths beside the file', () => {
    const configuration = load({})
    assert.deepEqual(configuration.store, { sqlite: join(directory, 'server.db') })
    assert.deepEqual(configuration.sam, [{ socket: join(directory, 'sam.sock') }])
    assert.equal(configuration.lang, 'en')
    assert.equal(configuration.logLevel, 'info')
    assert.equal(configuration.webRoot, undefined)
  })

  it('takes secrets from files', () => {
    writeFileSync(join(directory, 'secret'), 'hidden\n', { mode: 0o600 })
    writeFileSync(join(directory, 'url'), 'postgresql://u:p@h/d\n', { mode: 0o600 })
    const clients = [
      { client_id: 'app', name: 'App', redirect_uris: ['https://app.example/'], secretFile: 'secret' },
    ]
    const configuration = load({ clients, store: { postgres: { urlFile: 'url' } } })
    assert.deepEqual(configuration.clients[0]?.authentication, { kind: 'secret', secret: 'hidden' })
    assert.deepEqual(configuration.store, { postgres: { url: 'postgresql://u:p@h/d' } })
  })

  it('reports every problem at once', () => {
    const problems = problemsOf({ region: 'Japan', publicUrl: 'localhost', listen: { host: 'x', port: -1 } })
    for (const member of ['region', 'publicUrl', 'listen.port']) {
      assert.ok(
        problems.some(problem => problem.startsWith(member)),
        member,
      )
    }
  })

  it('refuses members it does not know, and a URL with a path', () => {
    assert.ok(problemsOf({ colour: 'red' }).length > 0)
    assert.ok(problemsOf({ publicUrl: 'http://localhost:8080/x' }).length > 0)
  })

  it('refuses clients that are there twice, and those that are neither public nor have a secret, or both', () => {
    const [client] = good.clients
    const { public: _open, ...unclear } = client ?? {}
    const problems = problemsOf({ clients: [client, client, { ...unclear, client_id: 'two' }] })
    assert.ok(problems.includes('clients: app is there twice'))
    assert.ok(
      problems.includes('clients: two: needs exactly one of public, secretFile and tls, or jwks alone'),
    )
    writeFileSync(join(directory, 'one-secret'), 'hidden', { mode: 0o600 })
    assert.equal(problemsOf({ clients: [{ ...client, secretFile: 'one-secret' }] }).length, 1)
  })

  it('refuses a file that cannot be read, and a secret that others can', () => {
    const urlFile = join(directory, 'open-url')
    const problem = () => problemsOf({ store: { postgres: { urlFile: 'open-url' } } })[0] ?? ''
    assert.match(problem(), /^store\.postgres\.urlFile: ENOENT/)
    writeFileSync(urlFile, 'postgresql://u:p@h/d')
    chmodSync(urlFile, 0o644)
    assert.match(problem(), /is open to others than its owner \(mode 0644\)$/)
    chmodSync(urlFile, 0o600)
    assert.equal(problem(), '')
  })

  it('takes certificates of clients from where nobody else can put one', () => {
    const [header, tls] = [{ header: 'client-cert' }, { from: 'tls' }]
    assert.deepEqual(load({}).clientCertificates, { from: 'nowhere' })
    assert.match(problemsOf({ clientCertificates: header }).join(), /a header needs listen.proxies/)
    assert.match(problemsOf({ clientCertificates: tls }).join(), /tls needs listen.tls/)
    const listen = { ...good.listen, proxies: ['127.0.0.1'] }
    assert.deepEqual(load({ clientCertificates: header, listen }).clientCertificates, header)
  })
})
