import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { ConfigError, readConfig } from './config.ts'

const spki = (namedCurve: string) =>
  toBase64url(generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' }))

const right = {
  listen: { host: '127.0.0.1', port: 8081 },
  origin: 'http://approve.localhost:8081',
  bundle: 'dist',
  deployment: { samKey: spki('P-256'), serverOrigin: 'http://localhost:8080', deployment: 'Example' },
}

const problemsOf = (value: unknown): readonly string[] => {
  try {
    readConfig(value, '/etc/natsuin')
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

describe('the configuration of sic', () => {
  it('is taken with paths relative to its file', () => {
    assert.deepEqual(readConfig(right, '/etc/natsuin'), { ...right, bundle: '/etc/natsuin/dist' })
  })

  it('is refused with all of its problems at once', () => {
    const wrong = { ...right, listen: { host: '', port: 70000 }, extra: 1, bundle: undefined }
    assert.deepEqual(problemsOf(wrong), [
      'listen.host: expected a host name or address',
      'listen.port: expected an integer from 0 to 65535',
      'bundle: expected a path',
      'extra: unknown',
    ])
  })

  it('is refused with an origin that is none, or that is no secure context', () => {
    for (const origin of [
      'approve.example',
      'https://approve.example/',
      'http://approve.example',
      'http://127.0.0.1:1',
    ]) {
      assert.equal(problemsOf({ ...right, origin }).length, 1, origin)
    }
    assert.deepEqual(problemsOf({ ...right, origin: 'https://approve.example' }), [])
  })

  it('is refused when server would share the host, and so the RP ID, of the approval page', () => {
    assert.equal(problemsOf({ ...right, origin: 'http://localhost:8081' }).length, 1)
  })

  it('is refused with a SAM key that is not on P-256', () => {
    for (const samKey of [spki('P-384'), '', 'x']) {
      assert.equal(problemsOf({ ...right, deployment: { ...right.deployment, samKey } }).length, 1)
    }
  })
})
