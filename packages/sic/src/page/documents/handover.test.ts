import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { documentsIn } from './handover.ts'

const { buffer } = Uint8Array.of(1, 2, 3)
const file = new Blob(['a file'])

describe('documents handed over by the application’s window', () => {
  it('are buffers, files, and other blobs', async () => {
    const taken = documentsIn({ natsuin: 'documents', documents: [buffer, file] }) ?? []
    const contents = await Promise.all(taken.map(async blob => [...new Uint8Array(await blob.arrayBuffer())]))
    assert.deepEqual(contents, [[1, 2, 3], [...Buffer.from('a file')]])
  })

  it('are taken all or not at all', () => {
    for (const wrong of ['bytes', 1, null, undefined, {}, Uint8Array.of(1), { bytes: buffer }]) {
      assert.equal(documentsIn({ natsuin: 'documents', documents: [file, wrong] }), undefined)
    }
  })

  it('are a thousand in one message, and no more', () => {
    const documents = Array.from({ length: 1000 }, () => file)
    assert.equal(documentsIn({ natsuin: 'documents', documents })?.length, 1000)
    assert.equal(documentsIn({ natsuin: 'documents', documents: [...documents, file] }), undefined)
  })

  it('are not looked for in other messages', () => {
    for (const message of [
      undefined,
      null,
      'documents',
      {},
      { natsuin: 'ready' },
      { natsuin: 'documents' },
      { natsuin: 'documents', documents: { length: 1 } },
    ]) {
      assert.equal(documentsIn(message), undefined)
    }
  })
})
