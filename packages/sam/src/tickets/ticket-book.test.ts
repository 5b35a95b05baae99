import { describe, it } from 'node:test'
import { assertRefuses } from '../fixture/refusals.ts'
import { TicketBook } from './ticket-book.ts'

const LIMITS = { maxTickets: 3, maxFailures: 2 }

describe('the book of tickets (sole-control 3)', () => {
  it('knows a ticket until it is spent', () => {
    const book = new TicketBook(LIMITS)
    book.issue('a', 100, 0)
    book.checkOpen('a', 100, 0)
    book.spend('a')
    assertRefuses('ticket-spent', () => book.checkOpen('a', 100, 0))
    assertRefuses('ticket-spent', () => book.spend('a'))
  })

  it('knows no ticket that it did not issue', () => {
    const book = new TicketBook(LIMITS)
    assertRefuses('ticket-invalid', () => book.checkOpen('a', 100, 0))
    assertRefuses('ticket-invalid', () => book.spend('a'))
  })

  it('lets a ticket live until the second of its expiry', () => {
    const book = new TicketBook(LIMITS)
    book.issue('a', 100, 0)
    book.checkOpen('a', 100, 99)
    assertRefuses('ticket-expired', () => book.checkOpen('a', 100, 100))
  })

  it('takes a ticket as spent after so many wrong answers', () => {
    const book = new TicketBook(LIMITS)
    book.issue('a', 100, 0)
    book.fail('a')
    book.checkOpen('a', 100, 0)
    book.fail('a')
    assertRefuses('ticket-spent', () => book.checkOpen('a', 100, 0))
  })

  it('forgets the oldest when it is full, and never revives one that was spent', () => {
    const book = new TicketBook(LIMITS)
    for (const nonce of ['a', 'b', 'c']) book.issue(nonce, 100, 0)
    book.spend('a')
    book.issue('d', 100, 0)
    assertRefuses('ticket-invalid', () => book.checkOpen('a', 100, 0))
    for (const nonce of ['b', 'c', 'd']) book.checkOpen(nonce, 100, 0)
  })

  it('makes room for new ones by what has expired', () => {
    const book = new TicketBook(LIMITS)
    for (const nonce of ['a', 'b', 'c']) book.issue(nonce, 100, 0)
    book.issue('d', 200, 100)
    book.issue('e', 200, 100)
    book.issue('f', 200, 100)
    for (const nonce of ['d', 'e', 'f']) book.checkOpen(nonce, 200, 100)
  })
})
