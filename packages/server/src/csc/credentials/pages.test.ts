import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pageOf } from './pages.ts'

const all = ['a', 'b', 'c', 'd', 'e'].map(credential_id => ({ credential_id }))
const idsOf = (page: readonly { credential_id: string }[]) => page.map(({ credential_id }) => credential_id)

describe('pages of a list (CSC API v1.0.4.0, 11.4)', () => {
  it('C-06 go on behind the last one that was given, whatever came meanwhile', () => {
    const first = pageOf(all, { maxResults: 2 })
    assert.deepEqual([idsOf(first.page), first.nextPageToken], [['a', 'b'], 'b'])
    const grown = [{ credential_id: '0' }, ...all]
    const second = pageOf(grown, { maxResults: 2, pageToken: 'b' })
    assert.deepEqual([idsOf(second.page), second.nextPageToken], [['c', 'd'], 'd'])
    const last = pageOf(grown, { maxResults: 2, pageToken: 'd' })
    assert.deepEqual([idsOf(last.page), last.nextPageToken], [['e'], undefined])
  })

  it('C-06 are one for what is no size, and for all that fits', () => {
    for (const maxResults of [undefined, 0, -1, 1.5, '2', 5, 2 ** 53 - 1, Number.NaN]) {
      const { page, nextPageToken } = pageOf(all, { maxResults })
      assert.deepEqual([idsOf(page), nextPageToken], [idsOf(all), undefined])
    }
    assert.deepEqual(pageOf([], { maxResults: 1 }), { page: [], nextPageToken: undefined })
  })

  it('C-06 are asked for by a token that was given', () => {
    for (const pageToken of ['x', ''])
      assert.throws(() => pageOf(all, { pageToken }), { code: 'page-token-invalid' })
  })
})
