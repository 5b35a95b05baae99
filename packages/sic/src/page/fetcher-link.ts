/**
 * What the approval page and the frame that fetches documents say to each other.
 *
 * The frame alone may connect to other places than `server`, so it has no origin and knows nothing: it gets an
 * address, and gives back what is there. What it gives is as good as a file from anywhere.
 */

/** Page → frame. */
export type ToFetcher =
  /** Is somebody there? Answered with `fetcher-ready`, which a frame says once by itself. */
  { readonly natsuin: 'greet' } | FetchOrder

export interface FetchOrder {
  readonly natsuin: 'fetch'
  readonly id: number
  readonly url: string
  readonly maxBytes: number
}

/** Frame → page. */
export type FromFetcher =
  | { readonly natsuin: 'fetcher-ready' }
  /** Bytes that arrived since it was last said. */
  | { readonly natsuin: 'arrived'; readonly bytes: number }
  | { readonly natsuin: 'fetched'; readonly id: number; readonly blob: Blob }
  | { readonly natsuin: 'not-fetched'; readonly id: number; readonly reason: FetchFailure }

export type FetchFailure = 'unreachable' | 'refused' | 'too-large'
