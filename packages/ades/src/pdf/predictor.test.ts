import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pdfDictionary, pdfInteger } from './objects.ts'
import { undoPredictor } from './predictor.ts'

const parameters = (entries: Readonly<Record<string, number>>) =>
  pdfDictionary(Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, pdfInteger(value)])))
const PNG = parameters({ Predictor: 15, Columns: 3 })
const undo = (...rows: number[]) => [...undoPredictor(Uint8Array.from(rows), PNG)]

describe('PNG predictors (RFC 2083, 6)', () => {
  it('undo none, sub, up, average and Paeth, row by row', () => {
    assert.deepEqual(undo(0, 1, 2, 3), [1, 2, 3])
    assert.deepEqual(undo(1, 10, 1, 255), [10, 11, 10])
    assert.deepEqual(undo(0, 1, 2, 3, 2, 1, 1, 255), [1, 2, 3, 2, 3, 2])
    assert.deepEqual(undo(0, 10, 20, 30, 3, 1, 1, 1), [10, 20, 30, 6, 14, 23])
    assert.deepEqual(undo(0, 10, 20, 30, 4, 1, 1, 1), [10, 20, 30, 11, 21, 31])
  })

  it('count bytes back by the size of a sample', () => {
    const wide = parameters({ Predictor: 11, Columns: 2, Colors: 3 })
    assert.deepEqual([...undoPredictor(Uint8Array.of(1, 1, 2, 3, 1, 1, 1), wide)], [1, 2, 3, 2, 3, 4])
  })

  it('leave data alone where there is none', () => {
    const data = Uint8Array.of(1, 2, 3)
    assert.deepEqual(undoPredictor(data, undefined), data)
    assert.deepEqual(undoPredictor(data, parameters({ Predictor: 1 })), data)
  })

  it('refuse rows that are cut short, unknown filters and unknown predictors', () => {
    assert.throws(() => undo(0, 1, 2), { code: 'malformed-structure' })
    assert.throws(() => undo(5, 1, 2, 3), { code: 'malformed-structure' })
    for (const predictor of [2, 9, 16]) {
      assert.throws(() => undoPredictor(Uint8Array.of(0), parameters({ Predictor: predictor })), {
        code: 'unsupported-compression',
      })
    }
    for (const columns of [0, 65_537]) {
      const wrong = parameters({ Predictor: 12, Columns: columns })
      assert.throws(() => undoPredictor(Uint8Array.of(0), wrong), { code: 'malformed-structure' })
    }
  })
})
