/**
 * An exchange that ends after so many requests: certificates can be chained and cross-signed into graphs that name
 * any number of addresses, and one document must not make us ask them all.
 */
import { AdesRefusal } from '../refusal.ts'
import type { Exchange } from './exchange.ts'

/** @param exchanges  how many requests it makes before it refuses with `exchange-exhausted` */
export function withinBudget(exchange: Exchange, exchanges: number = MAX_EXCHANGES): Exchange {
  let left = exchanges
  return async request => {
    if (left === 0) throw new AdesRefusal('exchange-exhausted', `${exchanges} requests`)
    left -= 1
    return exchange(request)
  }
}

const MAX_EXCHANGES = 20
