import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromBase64, fromBase64url, toBase64, toBase64url } from './base64.ts'

describe('base64 (RFC 4648)', () => {
  it('returns every byte string unchanged, in both alphabets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        assert.deepEqual(fromBase64(toBase64(bytes)), new Uint8Array(bytes))
        assert.deepEqual(fromBase64url(toBase64url(bytes)), new Uint8Array(bytes))
      }),
    )
  })

  it('agrees with the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'))
        assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('refuses every second spelling of the same bytes', () => {
    assert.deepEqual(fromBase64('AA=='), Uint8Array.of(0))
    for (const text of ['AB==', 'AA', 'AA=', 'AA==\n', ' AA==', 'AAB=', '-_==', 'AAAAA', '====', 'A===']) {
      assert.equal(fromBase64(text), undefined, text)
    }
    assert.deepEqual(fromBase64url('AA'), Uint8Array.of(0))
    for (const text of ['AA==', 'AB', 'A', 'A+', 'A/', 'AA '])
      assert.equal(fromBase64url(text), undefined, text)
  })
})
