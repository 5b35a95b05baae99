import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import type { IdentityProvider, ProviderKey } from '@natsuin/protocol/genesis'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { createForeignProvider } from '@natsuin/testing/provider'
import { problemsOfProviders } from './provider-rules.ts'

const { entry } = createForeignProvider(1)
const problemsWith = (members: Partial<IdentityProvider>) => problemsOfProviders([{ ...entry, ...members }])

const key = (kid: string, algorithm: ProviderKey['algorithm'], publicKey: Uint8Array) => ({
  kid,
  algorithm,
  publicKey,
})

describe('the rules for identity providers', () => {
  it('accept one with a key of each kind', () => {
    const keys = [
      ...entry.keys,
      key('ps', 'PS256', spkiOf(newKeyPair('rsa-3072').publicKey)),
      key('es', 'ES256', spkiOf(newKeyPair('ec-p256').publicKey)),
      key('ed', 'EdDSA', spkiOf(newKeyPair('ed25519').publicKey)),
    ]
    assert.deepEqual(problemsWith({ keys }), [])
  })

  it('refuse keys that are weak, or of another kind than their algorithm (T-IDP-03)', () => {
    const short = spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
    const ec = spkiOf(newKeyPair('ec-p256').publicKey)
    const keys = [key('short', 'RS256', short), key('mixed', 'RS256', ec), key('mixed', 'EdDSA', ec)]
    assert.deepEqual(problemsWith({ keys }), [
      'provider example: a kid twice',
      'provider example: key short is none for RS256',
      'provider example: key mixed is none for RS256',
      'provider example: key mixed is none for EdDSA',
    ])
  })

  it('refuse addresses without TLS, except on localhost (T-IDP-08)', () => {
    for (const address of ['http://id.example/token', 'https://user@id.example/token', 'https://'])
      assert.deepEqual(
        problemsWith({ tokenEndpoint: address }),
        ['provider example: tokenEndpoint is no address with https, which only localhost may lack'],
        address,
      )
    assert.deepEqual(problemsWith({ tokenEndpoint: 'https://id.example/token' }), [])
  })

  it('refuse a level above 1 at which any log-in would do (T-IDP-04)', () => {
    assert.deepEqual(problemsWith({ assurances: [{ level: 1 }, { level: 2 }] }), [
      'provider example: at level 2 any log-in would do',
    ])
    const twice = { level: 1 } as const
    assert.deepEqual(problemsWith({ assurances: [twice, twice] }), ['provider example: a level twice'])
  })

  it('refuse two of one id, and two of one issuer (T-IDP-02)', () => {
    assert.deepEqual(problemsOfProviders([entry, { ...entry, issuer: 'https://other.example' }]), [
      'providers: an id twice',
    ])
    assert.deepEqual(problemsOfProviders([entry, { ...entry, id: 'other' }]), ['providers: an issuer twice'])
  })
})
