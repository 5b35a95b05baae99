import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { citationsIn, citingSources, readPage, unlisted, withIndex } from './standards.ts'

describe('docs/standards.md', () => {
  const page = readPage()
  const citations = citingSources().flatMap(citationsIn)

  it('names every document that the code cites, in the edition that it cites', () => {
    assert.deepEqual(unlisted(citations, page), [])
  })

  it('holds the index that npm run docs writes', () => assert.equal(page, withIndex(page, citations)))
})

describe('citations', () => {
  const cited = (text: string) =>
    citationsIn({ path: 'a.ts', text }).map(({ document, edition, clauses }) => [document, edition, clauses])

  it('are read with edition and clauses, over the line breaks of a comment', () => {
    assert.deepEqual(cited(' * as EN 319 142-1 V1.2.1,\n * 6.3 and A.2 say, and RFC 5652, 5.3.'), [
      ['EN 319 142-1', 'V1.2.1', ['6.3', 'A.2']],
      ['RFC 5652', undefined, ['5.3']],
    ])
  })

  it('may name a requirement, or no clause', () => {
    assert.deepEqual(cited('EN 319 421 V1.3.1, TIS-7.7.2-04; ISO 32000-2:2020 says 12 bytes'), [
      ['EN 319 421', 'V1.3.1', ['TIS-7.7.2-04']],
      ['ISO 32000-2', '2020', []],
    ])
  })

  const PAGE = '| RFC 5652 | 2009 | [CMS](x) |\n| EN 319 142-1 | V1.2.1 | [PAdES](x) |\n'
  const unlistedIn = (text: string) => unlisted(citationsIn({ path: 'a.ts', text }), PAGE)

  it('of listed documents pass, of others and of other editions do not', () => {
    assert.deepEqual(unlistedIn('RFC 5652, 5.3; EN 319 142-1 V1.2.1, 6.3; EN 319 142-1'), [])
    assert.deepEqual(unlistedIn('RFC 9999, 1'), ['a.ts cites RFC 9999'])
    assert.deepEqual(unlistedIn('EN 319 142-1 V1.1.1, 6.3'), ['a.ts cites EN 319 142-1 V1.1.1'])
  })
})
