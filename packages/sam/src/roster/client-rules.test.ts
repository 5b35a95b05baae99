import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import type { KnownClient } from '@natsuin/protocol/genesis'
import { createRequestKey } from '@natsuin/testing/deployment'
import { problemsOfClients } from './client-rules.ts'

const named = (kid: string, key: KeyObject) => ({
  kid,
  publicKey: new Uint8Array(key.export({ type: 'spki', format: 'der' })),
})

const client = (members: Partial<KnownClient>): KnownClient => ({ id: 'portal', name: 'Portal', ...members })

const USELESS = 'neither P-256 (ES256) nor RSA of 2048 to 4096 bits (PS256) nor Ed25519 (EdDSA)'

describe('the rules for clients', () => {
  it('accept one without keys, and one with a key of each kind', () => {
    const keys = (['ES256', 'PS256', 'EdDSA'] as const).map(alg => createRequestKey(alg, alg))
    assert.deepEqual(problemsOfClients([client({}), client({ id: 'other', keys })]), [])
  })

  it('refuse keys that no request object can be verified with, or that are too weak', () => {
    const keys = [
      named('p384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey),
      named('short', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey),
      named('exponent', generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey),
      { kid: 'noise', publicKey: new Uint8Array(91) },
    ]
    const problems = keys.map(({ kid }) => `client portal: key ${kid} is ${USELESS}`)
    assert.deepEqual(problemsOfClients([client({ keys })]), problems)
  })

  it('refuse a name of a key twice in one client, and a key twice anywhere', () => {
    const [one, two] = [createRequestKey('a'), createRequestKey('a')]
    assert.deepEqual(problemsOfClients([client({ keys: [one, two] })]), ['client portal: a kid twice'])
    const shared = [client({ keys: [one] }), client({ id: 'other', keys: [{ ...one, kid: 'b' }] })]
    assert.deepEqual(problemsOfClients(shared), ['clients: a key twice'])
    assert.deepEqual(problemsOfClients([client({ keys: [one] }), client({ id: 'other', keys: [two] })]), [])
  })

  it('accept origins as browsers spell them, with https except on localhost', () => {
    const good = [
      'https://portal.example',
      'https://portal.example:8443',
      'http://localhost:3000',
      'http://a.localhost',
    ]
    assert.deepEqual(problemsOfClients([client({ origins: good })]), [])
    for (const origin of [
      'http://portal.example',
      'https://portal.example/',
      'https://Portal.example',
      'https://portal.example:443',
      'https://user@portal.example',
      'http://localhost.example',
    ]) {
      assert.equal(problemsOfClients([client({ origins: [origin] })]).length, 1, origin)
    }
  })
})
