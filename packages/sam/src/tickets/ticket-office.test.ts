import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { finishJws, type GrantTicket, jwsSigningInput, peekJws, ticket } from '@natsuin/protocol/approval'
import { foundPlace, type HandClock, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused, assertRefuses } from '../fixture/refusals.ts'
import type { Sam } from '../sam.ts'
import { TicketBook } from './ticket-book.ts'
import { TicketOffice } from './ticket-office.ts'

const PARTICULARS = { purpose: 'grant', level: 3, officer: { id: 'o-1', name: 'Officer' } } as const

describe('the ticket office (sole-control 3)', () => {
  let place: Place
  let sam: Sam
  let clock: HandClock
  before(async () => {
    place = await foundPlace()
    clock = place.clock
    sam = (await openPlace(place)).sam
  })

  const office = (changed: Partial<Sam['identity']> = {}) => {
    const book = new TicketBook({ maxTickets: 100, maxFailures: 10 })
    return new TicketOffice({ ...sam.identity, ...changed }, sam.key, sam.time, book)
  }
  const issue = (by: TicketOffice = sam.tickets) => by.issue<GrantTicket>(60, PARTICULARS)
  const payloadOf = (jws: string) => peekJws(jws, 'natsuin-ticket', ticket)

  it('says in a ticket who issued it, when, and until when', async () => {
    const { nonce, issuedAt, expiresAt, ...said } = payloadOf(await issue())
    assert.deepEqual(said, { v: 1, ...PARTICULARS, ...sam.identity })
    assert.equal(nonce.length, 32)
    assert.deepEqual([issuedAt, expiresAt - issuedAt], [Math.floor(clock.wall() / 1000), 60])
  })

  it('takes back what it issued, once', async () => {
    const jws = await issue()
    const opened = await sam.tickets.open(jws, 'grant')
    assert.deepEqual(sam.tickets.spend(opened), { nonce: opened.nonce, expiresAt: opened.expiresAt })
    await assertRefused('ticket-spent', sam.tickets.open(jws, 'grant'))
    assertRefuses('ticket-spent', () => sam.tickets.spend(opened))
  })

  it('takes back none for another purpose', async () => {
    await assertRefused('ticket-purpose', sam.tickets.open(await issue(), 'approve'))
  })

  it('takes back none of another deployment, instance or boot', async () => {
    for (const changed of [{ deployment: 'Other' }, { instance: 'sam-2' }, { bootId: 'before' }]) {
      await assertRefused('ticket-foreign', sam.tickets.open(await issue(office(changed)), 'grant'))
    }
  })

  it('takes back none that is not in its memory, though the SAM key signed it', async () => {
    await assertRefused('ticket-invalid', sam.tickets.open(await issue(office()), 'grant'))
  })

  it('takes back none that another key signed, or that was signed for something else', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const text = JSON.parse(
      Buffer.from((await issue()).split('.')[1] ?? '', 'base64url').toString(),
    ) as object
    const input = jwsSigningInput('natsuin-ticket', text)
    const signature = sign('sha256', utf8(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const forged = finishJws(input, new Uint8Array(signature))
    await assertRefused('ticket-invalid', sam.tickets.open(forged, 'grant'))
    const attestation = await sam.key.sign('natsuin-key-attestation', text)
    await assertRefused('ticket-invalid', sam.tickets.open(attestation, 'grant'))
  })

  it('takes back none with a flipped character', async () => {
    const jws = await issue()
    for (let at = 0; at < jws.length - 1; at += 7) {
      const flipped = jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1)
      await assertRefused('ticket-invalid', sam.tickets.open(flipped, 'grant'))
    }
    await sam.tickets.open(jws, 'grant')
  })

  it('takes back none from the second of its expiry on', async () => {
    const [early, late] = [await issue(), await issue()]
    clock.pass(59)
    await sam.tickets.open(early, 'grant')
    clock.pass(1)
    await assertRefused('ticket-expired', sam.tickets.open(late, 'grant'))
    assert.equal((await sam.tickets.genuine(late, 'grant')).purpose, 'grant')
  })

  it('issues none at level 3 when the clocks have parted, and does below', async () => {
    clock.setBy(60)
    await assertRefused('time-untrusted', issue())
    await sam.tickets.issue<GrantTicket>(60, { ...PARTICULARS, level: 2 })
  })
})
