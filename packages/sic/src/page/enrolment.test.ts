import assert from 'node:assert/strict'
import { generateKeyPairSync, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { enrolmentMessage, enrolStatement } from '@natsuin/protocol/approval'
import { readStrictJson } from '@natsuin/protocol/shape'
import { enrolmentBytes, importEnrolmentKey, signEnrolment } from './enrolment.ts'

const passkey = { clientDataJSON: Uint8Array.of(1), attestationObject: Uint8Array.of(2) }

describe('the enrolment key', () => {
  it('signs statement and means, and is kept in no form that can be read', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
    const key = await importEnrolmentKey(pkcs8)
    assert.ok(pkcs8.every(byte => byte === 0))
    assert.equal(key.extractable, false)

    const statement = enrolmentBytes('a.b.c')
    const signature = await signEnrolment(key, statement, { passkey }, nodePlatform)
    const message = await enrolmentMessage(statement, { passkey }, nodePlatform)
    assert.ok(verify('sha256', message, publicKey, signature))
    const other = { passkey: { ...passkey, attestationObject: Uint8Array.of(3) } }
    assert.ok(!verify('sha256', await enrolmentMessage(statement, other, nodePlatform), publicKey, signature))
  })

  it('is refused when it is no P-256 key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
    await assert.rejects(importEnrolmentKey(pkcs8), { code: 'enrolment-key-unusable' })
  })
})

describe('the enrolment statement', () => {
  it('is what the SAM reads', () => {
    assert.deepEqual(readStrictJson(enrolmentBytes('a.b.c'), enrolStatement), {
      v: 1,
      purpose: 'enrol',
      ticket: 'a.b.c',
    })
  })
})
