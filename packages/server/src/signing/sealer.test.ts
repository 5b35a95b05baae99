import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createSealer } from './sealer.ts'

describe('sealed values', () => {
  const sealer = createSealer(randomBytes(32))

  it('open in their own context', () => {
    assert.equal(sealer.open(sealer.seal('the handle', 'row 1'), 'row 1'), 'the handle')
  })

  it('do not open in another row, under another key, or altered in any byte', () => {
    const sealed = sealer.seal('the handle', 'row 1')
    assert.throws(() => sealer.open(sealed, 'row 2'))
    assert.throws(() => createSealer(randomBytes(32)).open(sealed, 'row 1'))
    sealed.forEach((_, i) => {
      const altered = Uint8Array.from(sealed, (byte, at) => (at === i ? byte ^ 1 : byte))
      assert.throws(() => sealer.open(altered, 'row 1'))
    })
    assert.throws(() => sealer.open(sealed.subarray(0, 20), 'row 1'))
  })

  it('do not show what they hold', () => {
    const sealed = Buffer.from(sealer.seal('the handle', 'row 1'))
    assert.ok(!sealed.includes('handle'))
    assert.notDeepEqual(sealer.seal('the handle', 'row 1'), sealer.seal('the handle', 'row 1'))
  })
})
