import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { record, ShapeError, text } from '../shape/shape.ts'
import { finishJws, jwsSigningInput, peekJws, verifyJws } from './jws.ts'

const shape = record({ hello: text({ max: 20 }) })
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = (pair: typeof key) => new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))

function signed(type: 'natsuin-ticket' | 'natsuin-key-attestation', payload: unknown): string {
  const input = jwsSigningInput(type, payload)
  return finishJws(
    input,
    sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }),
  )
}

const verify = (jws: string, by = key) => verifyJws(jws, 'natsuin-ticket', shape, spki(by), nodePlatform)

describe('statements of the SAM (RFC 7515 compact JWS)', () => {
  it('are believed when the pinned key signed them', async () => {
    assert.deepEqual(await verify(signed('natsuin-ticket', { hello: '署名' })), { hello: '署名' })
  })

  it('are not believed under another key', async () => {
    assert.equal(await verify(signed('natsuin-ticket', { hello: 'you' }), other), undefined)
  })

  it('of one type are never taken for another', async () => {
    await assert.rejects(verify(signed('natsuin-key-attestation', { hello: 'you' })), ShapeError)
  })

  it('are not believed with any one character changed', async () => {
    const jws = signed('natsuin-ticket', { hello: 'you' })
    for (let i = 0; i < jws.length; i++) {
      const changed = jws.slice(0, i) + (jws[i] === 'A' ? 'B' : 'A') + jws.slice(i + 1)
      const believed = await verify(changed).catch(() => undefined)
      assert.equal(believed, undefined, `character ${i}`)
    }
  })

  it('refuse a header that says "none" and a fourth part', () => {
    const [, body, tail] = signed('natsuin-ticket', { hello: 'you' }).split('.')
    const none = Buffer.from('{"alg":"none","typ":"natsuin-ticket"}').toString('base64url')
    assert.throws(() => peekJws(`${none}.${body}.${tail}`, 'natsuin-ticket', shape), ShapeError)
    assert.throws(
      () => peekJws(`${signed('natsuin-ticket', { hello: 'you' })}.x`, 'natsuin-ticket', shape),
      ShapeError,
    )
  })
})
