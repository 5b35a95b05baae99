import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import { checkAllowed } from './allowed.ts'

const unseen: ApprovalItem = { basis: 'unseen', label: 'x', dtbsr: new Uint8Array(32) }
const seen: ApprovalItem = {
  ...unseen,
  basis: 'seen',
  dtbs: new Uint8Array(1),
  documentDigest: new Uint8Array(32),
}

const passkey = { kind: 'passkey' } as const

describe('what a class allows, in evidence', () => {
  it('is the passkey where the class accepts it', () => {
    checkAllowed({ items: [seen] }, passkey, { approvals: ['passkey', 'provider'], bases: ['seen'] })
    assert.throws(
      () => checkAllowed({ items: [seen] }, passkey, { approvals: ['provider'], bases: ['seen'] }),
      {
        reason: 'proof-refused',
      },
    )
  })

  it('is a basis that the class accepts, for each item', () => {
    const items = [seen, unseen]
    checkAllowed({ items }, passkey, { approvals: ['passkey'], bases: ['seen', 'unseen'] })
    assert.throws(() => checkAllowed({ items }, passkey, { approvals: ['passkey'], bases: ['seen'] }), {
      reason: 'basis-refused',
    })
  })
})
