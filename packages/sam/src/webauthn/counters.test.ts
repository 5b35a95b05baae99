import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { foundPlace, openPlace } from '../fixture/place.ts'
import { assertRefuses } from '../fixture/refusals.ts'
import type { Sam } from '../sam.ts'
import { Counters } from './counters.ts'

const NOW = 1_800_000_000
/** Of a ticket issued after the newest answer was taken. */
const LATER = NOW + 1

describe('signature counters (WebAuthn Level 3, 6.1.1)', () => {
  let sam: Sam
  before(async () => {
    sam = (await openPlace(await foundPlace())).sam
  })

  const loaded = async (counter: number) => {
    const authenticator = { credentialId: new Uint8Array(randomBytes(16)), counter }
    await sam.counters.load(authenticator)
    return authenticator
  }
  const store = async (credentialId: Uint8Array, value: number) => {
    const records = sam.counters.advance(credentialId, value, NOW)
    await sam.logs.activity.append({ leaves: [], records: () => records })
  }

  it('must grow from what was registered', async () => {
    const { credentialId } = await loaded(7)
    for (const claimed of [0, 6, 7]) {
      assertRefuses('counter-regression', () => sam.counters.check(credentialId, claimed, LATER))
    }
    sam.counters.check(credentialId, 8, LATER)
  })

  it('must grow from what was taken over last', async () => {
    const { credentialId } = await loaded(0)
    sam.counters.check(credentialId, 5, LATER)
    sam.counters.advance(credentialId, 5, NOW)
    assertRefuses('counter-regression', () => sam.counters.check(credentialId, 5, LATER))
    assertRefuses('counter-regression', () => sam.counters.check(credentialId, 0, LATER))
    sam.counters.check(credentialId, 6, LATER)
  })

  it('of an authenticator that does not count stay zero, and cost no record', async () => {
    const { credentialId } = await loaded(0)
    sam.counters.check(credentialId, 0, LATER)
    assert.deepEqual(sam.counters.advance(credentialId, 0, NOW), [])
    sam.counters.check(credentialId, 0, LATER)
  })

  it('are known to the next process', async () => {
    const authenticator = await loaded(0)
    await store(authenticator.credentialId, 9)
    const next = new Counters(sam.records)
    await next.load(authenticator)
    assertRefuses('counter-regression', () => next.check(authenticator.credentialId, 9, LATER))
    next.check(authenticator.credentialId, 10, LATER)
  })

  it('are what is on disk again after a write that did not happen', async () => {
    const authenticator = await loaded(0)
    await store(authenticator.credentialId, 3)
    sam.counters.advance(authenticator.credentialId, 4, NOW)
    sam.counters.forget(authenticator.credentialId)
    await sam.counters.load(authenticator)
    sam.counters.check(authenticator.credentialId, 4, LATER)
    assertRefuses('counter-regression', () => sam.counters.check(authenticator.credentialId, 3, LATER))
  })
})
