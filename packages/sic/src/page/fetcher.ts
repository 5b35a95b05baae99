/**
 * Fetches documents for the approval page, inside a frame without origin (sole-control 4, step 3).
 *
 * Browsers let it read an answer only if the other side allows everybody to (Fetch Standard, CORS protocol: its
 * `Origin` is `null`), and nothing of the signer's goes along: no cookies, no referrer, no way through a redirect.
 */
import type { FetchFailure, FetchOrder, FromFetcher, ToFetcher } from './fetcher-link.ts'

const IDLE_MS = 30_000
/** Progress is told in steps, not for every packet. */
const TELL_BYTES = 256 * 1024

window.addEventListener('message', event => {
  if (event.source !== window.parent) return
  answer(event.data) // only the approval page embeds this frame (frame-ancestors)
})
greet()

function greet(): void {
  tell({ natsuin: 'fetcher-ready' })
}

function answer(asked: ToFetcher): void {
  if (asked.natsuin === 'greet') greet()
  else void fetchDocument(asked)
}

async function fetchDocument({ id, url, maxBytes }: FetchOrder): Promise<void> {
  try {
    tell({ natsuin: 'fetched', id, blob: await download(url, maxBytes) })
  } catch (error) {
    console.warn(error)
    tell({ natsuin: 'not-fetched', id, reason: error instanceof NotFetched ? error.reason : 'unreachable' })
  }
}

class NotFetched extends Error {
  readonly reason: FetchFailure

  constructor(reason: FetchFailure) {
    super(reason)
    this.reason = reason
  }
}

async function download(url: string, maxBytes: number): Promise<Blob> {
  const patience = new Patience()
  try {
    const response = await fetch(url, {
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: patience.signal,
    })
    if (!response.ok || response.body === null) throw new NotFetched('refused')
    return new Blob(await readAll(response.body, maxBytes, patience))
  } finally {
    patience.end()
  }
}

async function readAll(body: ReadableStream<Uint8Array<ArrayBuffer>>, maxBytes: number, patience: Patience) {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  let untold = 0
  for await (const piece of chunksOf(body)) {
    patience.renew()
    size += piece.length
    untold += piece.length
    if (size > maxBytes) throw new NotFetched('too-large')
    if (untold >= TELL_BYTES) untold = told(untold)
    pieces.push(piece)
  }
  told(untold)
  return pieces
}

/** Not every browser iterates over streams. */
async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

function told(bytes: number): number {
  tell({ natsuin: 'arrived', bytes })
  return 0
}

/** Ends a download that nothing comes of any more. */
class Patience {
  readonly #controller = new AbortController()
  #timer = setTimeout(() => this.#controller.abort(), IDLE_MS)

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  renew(): void {
    this.end()
    this.#timer = setTimeout(() => this.#controller.abort(), IDLE_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function tell(message: FromFetcher): void {
  // The frame has no origin of its own and may not know its parent's; only the approval page embeds it.
  window.parent.postMessage(message, '*')
}
