import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { fromBase64url } from '@natsuin/pki/encoding'
import { approveStatement, sealInput, sealSignature } from '@natsuin/protocol/approval'
import { readStrictJson } from '@natsuin/protocol/shape'
import { sealedApproval } from './seal.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const hash = new Uint8Array(32).fill(7)
const asked = { hashAlgorithmOID: SHA256, documentDigests: [{ hash, label: '請求書' }] }
const CHALLENGE = 'e30.e30.e30'

const newPair = (namedCurve = 'P-256') =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify'])

describe('a sealed approval', () => {
  it('is what the signing module reads, under the seal key', async () => {
    const { privateKey, publicKey } = await newPair()
    const { id, value = '' } = await sealedApproval(CHALLENGE, asked, privateKey)
    assert.equal(id, 'SEAL')
    const [encoded = '', ...seal] = value.split('.')
    const statement = fromBase64url(encoded) ?? assert.fail()
    assert.deepEqual(readStrictJson(statement, approveStatement), {
      v: 1,
      purpose: 'approve',
      ticket: CHALLENGE,
      digestAlgorithm: 'sha256',
      numSignatures: 1,
      items: [{ basis: 'unseen', label: '請求書', dtbsr: hash }],
    })
    const key = Buffer.from(await crypto.subtle.exportKey('spki', publicKey))
    const signature = sealSignature(seal.join('.'))
    assert.ok(verify('sha256', sealInput(statement), { key, format: 'der', type: 'spki' }, signature))
  })

  it('is not made with another kind of key, or over digests of an unknown algorithm', async () => {
    const { privateKey } = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
    await assert.rejects(sealedApproval(CHALLENGE, asked, privateKey), TypeError)
    const unknown = { ...asked, hashAlgorithmOID: '1.2.3' }
    await assert.rejects(sealedApproval(CHALLENGE, unknown, (await newPair()).privateKey), TypeError)
  })
})
