import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { record, text } from '../shape/shape.ts'
import { connect, PeerFault } from './connect.ts'
import type { MutualTls } from './methods.ts'
import { type Serving, serve } from './serve.ts'

const methods = { greet: { request: record({}), response: record({ hello: text({ max: 9 }) }) } }

describe('a connection to another machine (mutual TLS)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-tls-'))
  const at = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const read = (name: string) => readFileSync(at(name), 'utf8')
  let serving: Serving

  /** A key and a certificate by `authority`, or by itself. */
  function certify(name: string, authority?: string): void {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      at(`${name}.key`),
    ]
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
    const issuer =
      authority === undefined ? [] : ['-CA', at(`${authority}.crt`), '-CAkey', at(`${authority}.key`)]
    openssl('req', '-x509', ...key, ...subject, ...issuer, '-out', at(`${name}.crt`))
  }

  const identity = (name: string, authority: string): MutualTls => ({
    certificate: read(`${name}.crt`),
    key: read(`${name}.key`),
    authority: read(`${authority}.crt`),
  })

  const peerWith = (tls: MutualTls) =>
    connect({
      methods,
      refusals: ['malformed'],
      address: { host: '127.0.0.1', port: serving.port ?? 0, tls },
    })

  before(async () => {
    certify('house')
    certify('stranger')
    certify('sam', 'house')
    certify('server', 'house')
    certify('intruder', 'stranger')
    const address = { host: '127.0.0.1', port: 0, tls: identity('sam', 'house') }
    const handlers = { greet: async () => ({ hello: 'server' }) }
    serving = await serve({ methods, handlers, address, onFault: () => {} })
  })

  after(async () => {
    await serving.close()
    rmSync(directory, { recursive: true })
  })

  it('lets in a peer certified by the one authority', async () => {
    const peer = peerWith(identity('server', 'house'))
    assert.deepEqual(await peer.call('greet', {}), { hello: 'server' })
    peer.close()
  })

  it('lets in nobody certified by another', async () => {
    const peer = peerWith(identity('intruder', 'house'))
    await assert.rejects(peer.call('greet', {}), PeerFault)
    peer.close()
  })

  it('does not talk to a peer certified by another', async () => {
    const peer = peerWith(identity('server', 'stranger'))
    await assert.rejects(peer.call('greet', {}), PeerFault)
    peer.close()
  })
})
