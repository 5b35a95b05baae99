import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { SeenDocument } from './documents/document.ts'
import { countByGroup, searchItems, shownItems } from './shown-item.ts'

const dtbsr = new Uint8Array(32)
const seenItem = (label: string): ApprovalItem => ({
  basis: 'seen',
  label,
  dtbsr,
  dtbs: dtbsr,
  documentDigest: dtbsr,
})
const pdf: SeenDocument = { blob: new Blob(), kind: 'pdf', risks: [] }

describe('what the page says of items', () => {
  const items: readonly ApprovalItem[] = [
    seenItem('plain.pdf'),
    seenItem('scripted.pdf'),
    seenItem('letter.docx'),
    seenItem('broken.pdf'),
    { basis: 'vouched', label: 'vouched.pdf', dtbsr },
    { basis: 'unseen', label: 'unseen.pdf', dtbsr },
  ]
  const seen = new Map<number, SeenDocument>([
    [0, pdf],
    [1, { ...pdf, risks: ['scripts'] }],
    [2, { ...pdf, kind: 'other' }],
    [3, { ...pdf, risks: ['unexamined'] }],
    // What is not approved as seen is not said to be, whatever document is there.
    [4, pdf],
  ])

  it('tells apart what was seen, what may look different, and what could not be shown', () => {
    const shown = shownItems(items, { seen, unshown: new Set([3]) })
    assert.deepEqual(
      shown.map(({ group }) => group),
      ['seen', 'risky', 'unshown', 'unshown', 'vouched', 'unseen'],
    )
    assert.equal(shown[4]?.document, undefined)
    assert.deepEqual(countByGroup(shown), { seen: 1, risky: 1, unshown: 2, vouched: 1, unseen: 1 })
  })

  it('finds items by a part of their name, in any case and width', () => {
    const named = ['請求書_001.pdf', 'ｲﾝﾎﾞｲｽ.PDF', 'Straße.pdf'].map(seenItem)
    const shown = shownItems(named, { seen: new Map(), unshown: new Set() })
    const labels = (typed: string) => searchItems(shown, typed).map(({ item }) => item.label)
    assert.deepEqual(labels('請求'), ['請求書_001.pdf'])
    assert.deepEqual(labels(' インボイス '), ['ｲﾝﾎﾞｲｽ.PDF'])
    assert.deepEqual(labels('.pdf').length, 3)
    assert.deepEqual(labels('００１'), ['請求書_001.pdf'])
    assert.deepEqual(
      labels(''),
      named.map(({ label }) => label),
    )
    assert.deepEqual(labels('nothing'), [])
  })
})
