import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { analyse } from 'scslre'
import { expressionsIn, shippedExpressions } from './regular-expressions.ts'

/** Whether its time grows faster than the text that it is tried on. */
const isSlow = (expression: RegExp) => analyse(expression).reports.length > 0

describe('regular expressions (T-DOS-05, T-LIM-16)', () => {
  it('take time in proportion to the text, whatever the text', () => {
    const found = shippedExpressions()
    assert.ok(found.length > 300, `${found.length} found`)
    const slow = found.filter(({ expression }) => isSlow(expression))
    assert.deepEqual(
      slow.map(({ path, expression }) => `${path}: ${expression}`),
      [],
    )
  })

  it('would be found if they did not', () => {
    for (const slow of [/=+$/, /^(a+)+$/, /^\s*x\s*\s*$/, /(?:\d+\.?\d*)y/])
      assert.ok(isSlow(slow), String(slow))
  })

  it('are read from code, and not from comments', () => {
    const text = [
      "const one = text.replace(/a[/]b/g, '')",
      '// const none = /x+$/',
      'return /^c$/i.test(text)',
    ].join('\n')
    const found = expressionsIn('x.ts', text).map(({ expression }) => String(expression))
    assert.deepEqual(found, ['/a[/]b/g', '/^c$/i'])
  })
})
