/**
 * Pages of a list: CSC API v1.0.4.0, 11.4. v2 has none.
 *
 * The token is the last credential of the page before, so that one that comes meanwhile shifts nothing. It is no secret:
 * whoever writes one himself sees what is his anyway.
 */
import { RequestRefused } from '../errors.ts'

interface Asked {
  readonly maxResults?: unknown
  readonly pageToken?: string
}

interface Listed {
  readonly credential_id: string
}

export interface Page<T> {
  readonly page: readonly T[]
  /** Not on the last. */
  readonly nextPageToken: string | undefined
}

/** @throws RequestRefused `page-token-invalid` */
export function pageOf<T extends Listed>(all: readonly T[], { maxResults, pageToken }: Asked): Page<T> {
  const first = pageToken === undefined ? 0 : 1 + placeOf(all, pageToken)
  const next = first + pageSize(maxResults)
  const page = all.slice(first, next)
  return { page, nextPageToken: next < all.length ? page.at(-1)?.credential_id : undefined }
}

function placeOf(all: readonly Listed[], pageToken: string): number {
  const place = all.findIndex(({ credential_id }) => credential_id === pageToken)
  if (place === -1) throw new RequestRefused('page-token-invalid')
  return place
}

/** What is no size is the server's own choice (SHALL not be an error): one page. */
function pageSize(asked: unknown): number {
  return typeof asked === 'number' && Number.isSafeInteger(asked) && asked > 0
    ? asked
    : Number.MAX_SAFE_INTEGER
}
