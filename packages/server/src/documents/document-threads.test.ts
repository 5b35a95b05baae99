/** What one document may cost, and how many may wait: T-DOS-03, T-DOS-07. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startDocumentThreads } from './document-threads.ts'
import type { DocumentTask } from './task.ts'

const COSTLY = new URL('../fixture/costly-thread.ts', import.meta.url)
const LIMITS = { threads: 1, waiting: 2, milliseconds: 60_000, megabytes: 64 }
// The thread of these tests looks at nothing else.
const costing = (envelope: string) => ({ envelope }) as DocumentTask

describe('the threads for documents', () => {
  it('T-DOS-03 end with a document that takes too long, and go on with the next', async () => {
    const threads = startDocumentThreads({ ...LIMITS, milliseconds: 300 }, COSTLY)
    await assert.rejects(threads.prepare(costing('time')), { code: 'document-too-much-work' })
    await threads.close()
    const others = startDocumentThreads(LIMITS, COSTLY)
    assert.equal(await others.prepare(costing('nothing')), undefined)
    await others.close()
  })

  it('T-DOS-03 end with a document that wants more memory than there is, and go on with the next', async () => {
    const threads = startDocumentThreads(LIMITS, COSTLY)
    await assert.rejects(threads.prepare(costing('memory')), { code: 'document-too-much-work' })
    assert.equal(await threads.prepare(costing('nothing')), undefined)
    await threads.close()
  })

  it('T-DOS-07 let so many wait and refuse the next; all who waited are answered', async () => {
    const threads = startDocumentThreads(LIMITS, COSTLY)
    const waiting = Array.from({ length: 3 }, () => threads.prepare(costing('nothing')))
    await assert.rejects(threads.prepare(costing('nothing')), { code: 'documents-busy' })
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined])
    await threads.prepare(costing('nothing'))
    await threads.close()
  })
})
