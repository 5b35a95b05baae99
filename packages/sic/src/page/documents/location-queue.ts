/**
 * Fetches the documents that the application's signed request names addresses for: a few at a time, each within its
 * limit and all within theirs, until they are there or given up.
 */
import type { FetchFailure, FetchOrder, FromFetcher } from '../fetcher-link.ts'
import { MAX_DOCUMENT_BYTES } from './document.ts'

export interface FetchingView {
  readonly of: number
  readonly fetched: number
  readonly failed: number
  readonly bytes: number
}

export interface FetchingParts {
  readonly send: (message: FetchOrder) => void
  readonly onDocument: (document: Blob) => unknown
  readonly onChange: (view: FetchingView) => void
}

const LANES = 6
/** Of all documents together: what a browser keeps for one page without complaint. */
const MAX_TOTAL_BYTES = 2 * 1024 * 1024 * 1024

export class LocationQueue {
  readonly #urls: readonly string[]
  readonly #parts: FetchingParts
  readonly #open = new Set<number>()
  /** Places in `#urls` that are still to be asked for. */
  #waiting: number[]
  #view: FetchingView
  #failures: { readonly place: number; readonly reason: FetchFailure }[] = []
  #total = 0

  constructor(urls: readonly string[], parts: FetchingParts) {
    this.#urls = urls
    this.#parts = parts
    this.#waiting = urls.map((_, place) => place)
    this.#view = { of: urls.length, fetched: 0, failed: 0, bytes: 0 }
  }

  /** What the frame said. It is believed as far as this queue has asked for it. */
  hear(message: FromFetcher): void {
    if (message.natsuin === 'fetcher-ready') this.#askMore()
    else if (message.natsuin === 'arrived') this.#update({ bytes: this.#view.bytes + message.bytes })
    else if (this.#open.delete(message.id)) this.#settle(message)
  }

  /** Asks once more for what could not be fetched. */
  retry(): void {
    this.#waiting = this.#failures.map(({ place }) => place)
    this.#failures = []
    this.#update({ failed: 0 })
    this.#askMore()
  }

  #settle(message: Extract<FromFetcher, { readonly id: number }>): void {
    if (message.natsuin === 'fetched') this.#keep(message.id, message.blob)
    else this.#fail(message.id, message.reason)
    this.#askMore()
  }

  #keep(place: number, blob: Blob): void {
    this.#total += blob.size
    if (this.#total > MAX_TOTAL_BYTES) this.#fail(place, 'too-large')
    else {
      this.#update({ fetched: this.#view.fetched + 1 })
      this.#parts.onDocument(blob)
    }
  }

  #fail(place: number, reason: FetchFailure): void {
    this.#failures.push({ place, reason })
    this.#update({ failed: this.#view.failed + 1 })
  }

  #askMore(): void {
    while (this.#open.size < LANES) {
      const place = this.#waiting.shift()
      const url = place === undefined ? undefined : this.#urls[place]
      if (place === undefined || url === undefined) return
      this.#open.add(place)
      this.#parts.send({ natsuin: 'fetch', id: place, url, maxBytes: MAX_DOCUMENT_BYTES })
    }
  }

  #update(members: Partial<FetchingView>): void {
    this.#view = { ...this.#view, ...members }
    this.#parts.onChange(this.#view)
  }
}
