import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FetchOrder } from '../fetcher-link.ts'
import { MAX_DOCUMENT_BYTES } from './document.ts'
import { type FetchingView, LocationQueue } from './location-queue.ts'

const blob = new Blob(['a document'])

function openQueue(count: number) {
  const sent: FetchOrder[] = []
  const documents: Blob[] = []
  const views: FetchingView[] = []
  const urls = Array.from({ length: count }, (_, i) => `https://files.example/${i}`)
  const queue = new LocationQueue(urls, {
    send: message => sent.push(message),
    onDocument: document => documents.push(document),
    onChange: view => views.push(view),
  })
  return { queue, sent, documents, view: () => views.at(-1) }
}

describe('documents that are fetched', () => {
  it('are asked for when the frame is ready, a few at a time, each with its limit', () => {
    const { queue, sent } = openQueue(10)
    assert.equal(sent.length, 0)
    queue.hear({ natsuin: 'fetcher-ready' })
    assert.equal(sent.length, 6)
    assert.deepEqual(sent[0], {
      natsuin: 'fetch',
      id: 0,
      url: 'https://files.example/0',
      maxBytes: MAX_DOCUMENT_BYTES,
    })
    queue.hear({ natsuin: 'fetched', id: 3, blob })
    assert.equal(sent.length, 7)
  })

  it('are passed on as they come, and counted', () => {
    const { queue, documents, view } = openQueue(2)
    queue.hear({ natsuin: 'fetcher-ready' })
    queue.hear({ natsuin: 'arrived', bytes: 4 })
    queue.hear({ natsuin: 'fetched', id: 1, blob })
    queue.hear({ natsuin: 'not-fetched', id: 0, reason: 'refused' })
    assert.deepEqual(view(), { of: 2, fetched: 1, failed: 1, bytes: 4 })
    assert.deepEqual(documents, [blob])
  })

  it('are taken only where they were asked for, and once', () => {
    const { queue, documents } = openQueue(1)
    queue.hear({ natsuin: 'fetched', id: 0, blob })
    queue.hear({ natsuin: 'fetcher-ready' })
    queue.hear({ natsuin: 'fetched', id: 7, blob })
    assert.deepEqual(documents, [])
    queue.hear({ natsuin: 'fetched', id: 0, blob })
    queue.hear({ natsuin: 'fetched', id: 0, blob })
    assert.deepEqual(documents, [blob])
  })

  it('are asked for once more when the signer wants that, those alone that failed', () => {
    const { queue, sent, view } = openQueue(3)
    queue.hear({ natsuin: 'fetcher-ready' })
    queue.hear({ natsuin: 'not-fetched', id: 1, reason: 'unreachable' })
    for (const id of [0, 2]) queue.hear({ natsuin: 'fetched', id, blob })
    queue.retry()
    assert.deepEqual(
      sent.slice(3).map(({ id }) => id),
      [1],
    )
    queue.hear({ natsuin: 'fetched', id: 1, blob })
    assert.deepEqual(view(), { of: 3, fetched: 3, failed: 0, bytes: 0 })
  })

  it('are no more than a browser keeps for one page', () => {
    const { queue, documents, view } = openQueue(3)
    queue.hear({ natsuin: 'fetcher-ready' })
    const large = Object.defineProperty(new Blob(), 'size', { value: 1024 ** 3 })
    for (const id of [0, 1, 2]) queue.hear({ natsuin: 'fetched', id, blob: large })
    assert.deepEqual([documents.length, view()?.failed], [2, 1])
  })
})
