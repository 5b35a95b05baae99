/** Time-stamps over HTTP: RFC 3161, 3.4, by the exchange that the other protocols use too. */
import type { Exchange } from '../revocation/exchange.ts'
import type { TimeStampExchange } from './time-stamp-by.ts'

/** The `exchange` of `timeStampBy` for the authority at this address. */
export function timeStampExchange(url: string, exchange: Exchange): TimeStampExchange {
  return body => exchange({ ...TIME_STAMP, url, body })
}

const TIME_STAMP = {
  contentType: 'application/timestamp-query',
  accept: 'application/timestamp-reply',
  maxBytes: 64 * 1024,
}
