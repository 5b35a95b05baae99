import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { documentsIn } from './handover.ts'

const bytes = Uint8Array.of(1, 2, 3)

describe('documents handed over by the opener', () => {
  it('are taken by their bytes', () => {
    const message = { natsuin: 'documents', documents: [{ name: 'a.pdf', bytes: bytes.buffer }] }
    assert.deepEqual(documentsIn(message), [bytes])
  })

  it('are taken all or not at all', () => {
    const documents = [
      { name: 'a.pdf', bytes: bytes.buffer },
      { name: 'b.pdf', bytes: 'not bytes' },
    ]
    assert.equal(documentsIn({ natsuin: 'documents', documents }), undefined)
  })

  it('are not looked for in other messages', () => {
    for (const message of [
      undefined,
      null,
      'documents',
      {},
      { natsuin: 'ready' },
      { natsuin: 'documents' },
    ]) {
      assert.equal(documentsIn(message), undefined)
    }
  })
})
