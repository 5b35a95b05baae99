/** What one document may cost, and how many may wait: T-DOS-03, T-DOS-07. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DocumentThreads, startDocumentThreads } from './document-threads.ts'
import type { DocumentTask } from './task.ts'

const COSTLY = new URL('../fixture/costly-thread.ts', import.meta.url)
const LIMITS = { threads: 1, waiting: 2, milliseconds: 60_000, megabytes: 64 }
// The thread of these tests looks at nothing else.
const costing = (envelope: string) => ({ envelope }) as DocumentTask
const MADE = { signatureValue: new Uint8Array() }

const preparing = (threads: DocumentThreads, envelope: string) =>
  threads.admit(questions => questions.prepare(costing(envelope)))

describe('the threads for documents', () => {
  it('T-DOS-03 end with a document that takes too long, and go on with the next', async () => {
    const threads = startDocumentThreads({ ...LIMITS, milliseconds: 300 }, COSTLY)
    await assert.rejects(preparing(threads, 'time'), { code: 'document-too-much-work' })
    await threads.close()
    const others = startDocumentThreads(LIMITS, COSTLY)
    assert.equal(await preparing(others, 'nothing'), undefined)
    await others.close()
  })

  it('T-DOS-03 end with a document that wants more memory than there is, and go on with the next', async () => {
    const threads = startDocumentThreads(LIMITS, COSTLY)
    await assert.rejects(preparing(threads, 'memory'), { code: 'document-too-much-work' })
    assert.equal(await preparing(threads, 'nothing'), undefined)
    await threads.close()
  })

  it('T-DOS-07 let so many calls wait and refuse the next; all who waited are answered', async () => {
    const threads = startDocumentThreads(LIMITS, COSTLY)
    const waiting = Array.from({ length: 3 }, () => preparing(threads, 'nothing'))
    await assert.rejects(preparing(threads, 'nothing'), { code: 'documents-busy' })
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined])
    await preparing(threads, 'nothing')
    await threads.close()
  })

  it('T-DOS-07 keep the place of a call while the key signs: what was signed is completed, whoever comes', async () => {
    const threads = startDocumentThreads({ ...LIMITS, waiting: 0 }, COSTLY)
    await threads.admit(async questions => {
      const prepared = await questions.prepare(costing('nothing'))
      await assert.rejects(preparing(threads, 'nothing'), { code: 'documents-busy' })
      assert.equal(await questions.complete(costing('nothing'), prepared, MADE), undefined)
    })
    await assert.rejects(
      threads.admit(async () => Promise.reject(new Error('the SAM is away'))),
      /away/,
    )
    assert.equal(await preparing(threads, 'nothing'), undefined)
    await threads.close()
  })
})
