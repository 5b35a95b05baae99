import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { checkItems } from '../approval.ts'
import { itemFor, prepared } from '../fixture/prepared.ts'
import { Examiner } from './document.ts'
import { DocumentBook, type DocumentsView } from './document-book.ts'

const documents = Array.from({ length: 30 }, (_, i) => prepared(`document ${i}`))
const blobs = documents.map(bytes => new Blob([bytes]))

async function openBook(onChange: (view: DocumentsView) => void = () => undefined) {
  const items = await Promise.all(documents.map(bytes => itemFor(bytes)))
  const checked = await checkItems({ digestAlgorithm: 'sha256', items }, { maxSignatures: 100 }, nodePlatform)
  return new DocumentBook(new Examiner(checked, 'sha256', nodePlatform), onChange)
}

describe('the documents of an approval', () => {
  it('are found in whatever order they come, however many come at once', async () => {
    const book = await openBook()
    const outcomes = await Promise.all([
      book.take(blobs.slice(20).toReversed()),
      book.take(blobs.slice(0, 20)),
    ])
    assert.deepEqual(outcomes, [
      { matched: 10, refused: 0 },
      { matched: 20, refused: 0 },
    ])
    const { seen, waiting, problem } = book.view
    assert.deepEqual([seen.size, waiting, problem], [30, 0, undefined])
    for (const [index, { blob }] of seen) {
      assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), documents[index])
    }
  })

  it('say how many were none that was asked for, and take the others all the same', async () => {
    const book = await openBook()
    const strangers = [new Blob([prepared('a stranger')]), new Blob(['%PDF-1.7'])]
    assert.deepEqual(await book.take([...strangers, ...blobs]), { matched: 30, refused: 2 })
    assert.equal(book.view.refused, 2)
    assert.match(book.view.problem?.code ?? '', /^document-(unknown|not-prepared)$/)
    book.forgetProblems()
    assert.deepEqual([book.view.refused, book.view.problem, book.view.seen.size], [0, undefined, 30])
  })

  it('are told about in a few steps, the last of which is how it ended', async () => {
    const views: DocumentsView[] = []
    const book = await openBook(view => views.push(view))
    await book.take(blobs)
    while (views.at(-1)?.seen.size !== 30) await new Promise(resolve => setTimeout(resolve, 20))
    assert.ok(views.length < 15, `${views.length} views`)
    assert.equal(views.at(-1)?.waiting, 0)
  })

  it('are no longer seen when they turn out to be others by the time they are shown', async () => {
    const book = await openBook()
    await book.take(blobs.slice(0, 2))
    assert.deepEqual(await book.show(0), documents[0])
    const [, swapped] = [...book.view.seen.values()]
    Object.assign(swapped ?? {}, { blob: new Blob(['something else']) })
    await assert.rejects(book.show(1), { code: 'document-changed' })
    assert.deepEqual([...book.view.seen.keys()], [0])
    assert.equal(book.view.problem?.code, 'document-changed')
  })

  it('are known as not shown when the page could not show them', async () => {
    const book = await openBook()
    await book.take(blobs.slice(0, 1))
    book.couldNotShow(0)
    assert.deepEqual([...book.view.unshown], [0])
  })
})
