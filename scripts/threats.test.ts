import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT } from './launch.mjs'
import { isInTitle, KNOWN_IDS, readThreats } from './threats.ts'

describe('docs/threats.md', () => {
  const rows = readThreats()

  it('has one line for every attack of the catalogue, and for no other', () => {
    assert.deepEqual(rows.map(({ id }) => id).toSorted(), KNOWN_IDS.toSorted())
  })

  it('names for each attack a test that has its id in a title, or says why there is none', () => {
    const wrong = rows.flatMap(({ id, struck, missing, shownBy, last }) => {
      if (struck || missing) return last.length > 10 ? [] : [`${id} gives no reason`]
      if (shownBy.length === 0) return [`${id} names no test`]
      return shownBy.filter(path => !shows(path, id)).map(path => `${path} has no title with ${id}`)
    })
    assert.deepEqual(wrong, [])
  })
})

function shows(path: string, id: string): boolean {
  const file = join(ROOT, path)
  return existsSync(file) && isInTitle(id, readFileSync(file, 'utf8'))
}

describe('a line of docs/threats.md', () => {
  it('is shown by its tests, struck with a reason, or says what is missing', () => {
    const page = [
      '| id | attack | where it is stopped | test |',
      '| T-SAD-01 | replay | [a](../packages/a.ts) | [b](../test/b.test.ts), [c](../packages/c.test.ts) |',
      '| ~~T-SAD-29~~ | polling | | there is none |',
      '## Not yet shown',
      '| T-SAD-17 | extension | no [extension](../x.ts) yet |',
    ].join('\n')
    const row = { struck: false, missing: false, shownBy: [] }
    assert.deepEqual(readThreats(page), [
      {
        ...row,
        id: 'T-SAD-01',
        shownBy: ['test/b.test.ts', 'packages/c.test.ts'],
        last: '[b](../test/b.test.ts), [c](../packages/c.test.ts)',
      },
      { ...row, id: 'T-SAD-29', struck: true, last: 'there is none' },
      { ...row, id: 'T-SAD-17', missing: true, last: 'no [extension](../x.ts) yet' },
    ])
  })

  it('is not borne out by a comment', () => {
    assert.ok(isInTitle('T-SAD-01', "it('is refused (T-SAD-01)', () => {})"))
    assert.ok(!isInTitle('T-SAD-01', "/** T-SAD-01 */\n// 'T-SAD-01'\nit('is refused', () => {})"))
    assert.ok(!isInTitle('T-SAD-01', "/**\n * 'T-SAD-01'\n */"))
  })
})
