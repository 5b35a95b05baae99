import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApprovalItem, ItemBasis } from '@natsuin/protocol/approval'
import { obstacle } from './obstacle.ts'
import type { ItemGroup } from './shown-item.ts'

describe('what stands between the signer and the button', () => {
  const unseen = one('unseen', 'unseen')
  const vouched = one('vouched', 'vouched')
  const seen = one('seen', 'seen')
  const strict = { bases: ['seen'], level: 3 } as const
  const lenient = { bases: ['seen', 'unseen'], level: 2 } as const
  const nothing = { unseen: false, unshown: false }

  it('is nothing when every document was seen', () => {
    for (const ticket of [strict, lenient]) {
      assert.equal(obstacle([seen, one('seen', 'risky')], ticket, nothing), undefined)
    }
  })

  it('is the signer’s word where the key accepts it, when a document was not seen', () => {
    assert.equal(obstacle([seen, unseen], lenient, nothing), 'unseen-not-accepted')
    assert.equal(obstacle([seen, unseen], lenient, { unseen: false, unshown: true }), 'unseen-not-accepted')
    assert.equal(obstacle([seen, unseen], lenient, { unseen: true, unshown: false }), undefined)
  })

  it('is the signer’s word that he has read what the page cannot show', () => {
    const unshown = one('seen', 'unshown')
    assert.equal(obstacle([seen, unshown], strict, nothing), 'unshown-not-accepted')
    assert.equal(obstacle([seen, unshown], strict, { unseen: true, unshown: false }), 'unshown-not-accepted')
    assert.equal(obstacle([seen, unshown], strict, { unseen: false, unshown: true }), undefined)
  })

  it('is nothing when the application vouched and the key accepts it, and beyond the signer when it does not', () => {
    assert.equal(obstacle([seen, vouched], { bases: ['seen', 'vouched'], level: 3 }, nothing), undefined)
    assert.equal(obstacle([seen, vouched], lenient, { unseen: true, unshown: true }), 'basis-refused')
  })

  it('is beyond the signer where the key does not, when a document was not seen', () => {
    assert.equal(obstacle([seen, unseen], strict, { unseen: true, unshown: true }), 'basis-refused')
  })

  it('is beyond the signer at level 3, when the digest of a whole file is to be approved', () => {
    const document = { basis: 'seen', label: 'x', documentDigest: new Uint8Array(32) } as const
    const [file, form] = (['sodr', 'sdr'] as const).map(hashType => ({
      item: { ...document, hashType },
      group: 'seen' as const,
    }))
    assert.ok(file && form)
    assert.equal(obstacle([seen, file], strict, nothing), 'hash-type-refused')
    assert.equal(obstacle([seen, form], strict, nothing), undefined)
    assert.equal(obstacle([seen, file], { ...strict, level: 2 }, nothing), undefined)
  })

  function one(basis: ItemBasis, group: ItemGroup) {
    const unread = { label: 'x', dtbsr: new Uint8Array(32) }
    const item: ApprovalItem =
      basis === 'seen'
        ? { basis, ...unread, dtbs: new Uint8Array(1), documentDigest: new Uint8Array(32) }
        : { basis, ...unread }
    return { item, group }
  }
})
