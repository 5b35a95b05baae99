import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRequestObject } from '@natsuin/protocol/request'
import { buildRequestObject, requestSigner } from './request-object.ts'

const KINDS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  EdDSA: { name: 'Ed25519' },
} as const

const detail = {
  type: 'credential',
  credentialID: 'credential-1',
  documentDigests: [{ hash: Buffer.alloc(32, 1).toString('base64'), label: '契約書.pdf' }],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
}

async function newKey(alg: keyof typeof KINDS) {
  const made = await crypto.subtle.generateKey(KINDS[alg], true, ['sign', 'verify'])
  if (!('privateKey' in made)) throw new Error('not a pair')
  const { privateKey, publicKey } = made
  return { privateKey, publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)) }
}

describe('a request object (RFC 9101)', () => {
  for (const alg of ['ES256', 'PS256', 'EdDSA'] as const) {
    it(`that is signed with a key for ${alg} is what the page and the signing module believe`, async () => {
      const { privateKey, publicKey } = await newKey(alg)
      const claims = {
        clientId: 'portal',
        audience: 'https://sign.example',
        parameters: { response_type: 'code', authorization_details: [detail] },
      }
      const jws = await buildRequestObject(requestSigner('key-1', privateKey), claims)
      const client = { id: 'portal', keys: [{ kid: 'key-1', publicKey }] }
      const opened = await openRequestObject(jws, { client, issuer: 'https://sign.example' })
      assert.deepEqual(opened?.requested.items, [{ label: '契約書.pdf', dtbsr: new Uint8Array(32).fill(1) }])
      const again = await buildRequestObject(requestSigner('key-1', privateKey), claims)
      const second = await openRequestObject(again, { client, issuer: 'https://sign.example' })
      assert.notEqual(second?.jti, opened?.jti)
    })
  }

  it('is not made with a key of another kind', async () => {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    assert.throws(() => requestSigner('key-1', key), TypeError)
    for (const other of [
      { ...KINDS.ES256, namedCurve: 'P-384' },
      { ...KINDS.PS256, hash: 'SHA-512' },
    ]) {
      const { privateKey } = await crypto.subtle.generateKey(other, false, ['sign', 'verify'])
      assert.throws(() => requestSigner('key-1', privateKey), TypeError)
    }
  })
})
