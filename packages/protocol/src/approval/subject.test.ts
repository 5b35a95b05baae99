import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ShapeError } from '../shape/shape.ts'
import { madeVisible, visibleText } from './subject.ts'

describe('a name that people are shown', () => {
  const INVISIBLE = [
    'a\tb',
    'a\u0000b',
    'a\u202Efdp.exe',
    'zero\u200Bwidth',
    '👨\u200D👩.pdf',
    'a\u2028b',
    'می\u200Cخواهم',
  ]

  it('holds no character that cannot be seen or that turns others round', () => {
    const shape = visibleText(255)
    for (const name of INVISIBLE) assert.throws(() => shape(name), ShapeError, JSON.stringify(name))
    for (const name of ['契約書 <b>.pdf', 'が き.PDF', 'naïve – “quoted”', '👩.pdf'])
      assert.equal(shape(name), name)
  })

  it('is made of any other by a mark in the place of each such character', () => {
    assert.equal(madeVisible('a\u202Efdp.exe', 255), 'a\uFFFDfdp.exe')
    assert.equal(madeVisible('契約書.pdf', 255), '契約書.pdf')
    for (const name of INVISIBLE)
      assert.equal(visibleText(255)(madeVisible(name, 255)), madeVisible(name, 255))
  })

  it('is cut where it would be too long, and not through a character', () => {
    assert.equal(madeVisible('abcdef', 3), 'abc')
    assert.equal(madeVisible('ab👩', 3), 'ab\uFFFD')
  })

  it('is taken whatever it was made of (property)', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
    fc.assert(fc.property(name, one => visibleText(30)(madeVisible(one, 30)).length > 0))
  })
})
