import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { codeAt, STEP_SECONDS, stepOf } from './totp.ts'

const SECRET = utf8('12345678901234567890')

describe('one-time codes', () => {
  it('are those of RFC 4226, appendix D', () => {
    const published = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489]
    const codes = published.map((_, counter) => Number(codeAt(SECRET, counter)))
    assert.deepEqual(codes, published)
  })

  it('are those of RFC 6238, appendix B, for SHA-1', () => {
    const published: readonly (readonly [number, string])[] = [
      [59, '94287082'],
      [1_111_111_109, '07081804'],
      [1_111_111_111, '14050471'],
      [1_234_567_890, '89005924'],
      [2_000_000_000, '69279037'],
      [20_000_000_000, '65353130'],
    ]
    for (const [at, code] of published) assert.equal(codeAt(SECRET, Math.floor(at / STEP_SECONDS), 8), code)
  })

  it('T-OTP-04: are good one step early and one late, and never two', () => {
    const now = 1_800_000_015
    const step = Math.floor(now / STEP_SECONDS)
    for (const drift of [-1, 0, 1])
      assert.equal(stepOf(SECRET, codeAt(SECRET, step + drift), now), step + drift)
    for (const drift of [-1000, -2, 2, 1000]) {
      assert.equal(stepOf(SECRET, codeAt(SECRET, step + drift), now), undefined, String(drift))
    }
  })

  it('are of their own secret, and whole', () => {
    const now = 1_800_000_015
    const code = codeAt(SECRET, Math.floor(now / STEP_SECONDS))
    assert.equal(stepOf(utf8('09876543210987654321'), code, now), undefined)
    for (const other of ['', code.slice(1), `${code}0`]) assert.equal(stepOf(SECRET, other, now), undefined)
  })
})
