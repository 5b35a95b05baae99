import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ShapeError } from '@natsuin/protocol/shape'
import { expectOnly } from './expect-only.ts'

describe('an expected error', () => {
  it('is handed on when it is of its kind', () => {
    const error = new ShapeError('x', 'a number')
    assert.equal(expectOnly(error, ShapeError), error)
  })

  it('lets every other one go on', () => {
    const defect = new TypeError('x is not a function')
    assert.throws(() => expectOnly(defect, ShapeError), defect)
  })
})
