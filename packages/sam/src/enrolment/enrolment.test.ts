import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { enrolTicket, peekJws } from '@natsuin/protocol/approval'
import type { SapRequest } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  answer,
  enrolStatementBytes,
  grantStatementBytes,
  register,
  showMeans,
} from '@natsuin/testing/deployment'
import { ALICE, enrolRequest, invite, MALLORY, newGrant, vouch } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

type World = OpenPlace & Place

async function newWorld(): Promise<World> {
  const place = await foundPlace()
  return { ...place, ...(await openPlace(place)) }
}

describe('vouching for a person (sole-control 6)', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  const officer = (i: number) => world.officers[i] ?? assert.fail('no such officer')
  const submit = (approvals: SapRequest<'grants/submit'>['approvals']) =>
    world.sap['grants/submit']({ approvals })

  it('does not count an officer who answers twice as two, and takes no second answer of his where one is enough', async () => {
    for (const level of [3, 1] as const) {
      const { grant } = newGrant(world, ALICE, level)
      const twice = [await vouch(world, officer(0), grant), await vouch(world, officer(0), grant)]
      await assertRefused('officers-too-few', submit(twice))
    }
  })

  it('spends no ticket of a submission that lost one of its tickets to another', async () => {
    const own = await newWorld()
    const { grant } = newGrant(own, ALICE, 3)
    // Of authenticators that do not count, only the ticket says that an answer was there before.
    const vouched = async (i: number) => {
      const { id, device } = own.officers[i] ?? assert.fail('no such officer')
      const { ticket } = await own.sap['tickets/grant']({ officerId: id })
      return answer(grantStatementBytes(ticket, grant), {
        device,
        origin: ORIGIN,
        deviations: { counter: 0 },
      })
    }
    const [first, shared, second] = [await vouched(0), await vouched(1), await vouched(0)]
    const ask = (approvals: SapRequest<'grants/submit'>['approvals']) =>
      own.sap['grants/submit']({ approvals })
    const [won, lost] = await Promise.allSettled([ask([first, shared]), ask([second, shared])])
    assert.deepEqual([won?.status, lost?.status], ['fulfilled', 'rejected'])
    await ask([second, await vouched(1)])
    await own.store.close()
  })

  it('is one and the same for all who vouch, to the last byte', async () => {
    const { grant } = newGrant(world, ALICE, 3)
    const others = [
      { ...grant, subject: MALLORY },
      { ...grant, enrolmentKey: newGrant(world, ALICE, 3).grant.enrolmentKey },
      { ...grant, proofing: { ...grant.proofing, method: 'video' } },
      { ...grant, nonce: new Uint8Array(16) },
      { ...grant, notAfter: grant.notAfter + 1 },
    ]
    for (const other of others) {
      const approvals = [await vouch(world, officer(0), grant), await vouch(world, officer(1), other)]
      await assertRefused('grants-differ', submit(approvals))
    }
  })
})

describe('enrolling, whatever server and database do (sole-control 6)', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  const requested = async (level: 1 | 2 | 3 = 3, options = {}) => {
    const invitation = await invite(world, ALICE, level)
    return {
      invitation,
      request: await enrolRequest(world, invitation, createSoftwareAuthenticator(options)),
    }
  }

  it('names the credential by its owner and the kind of its key', async () => {
    const { request } = await requested()
    const { credentialId } = await world.sap.enrol(request)
    assert.equal((await world.sam.records.need('credential', credentialId)).label, 'Alice · P-256')
  })

  it('takes a synced passkey below level 3 only', async () => {
    const synced = { backupEligible: true }
    await assertRefused('authenticator-policy', world.sap.enrol((await requested(3, synced)).request))
    await world.sap.enrol((await requested(2, synced)).request)
  })

  it('does not register an authenticator a second time, for whomever', async () => {
    const { request } = await requested()
    await world.sap.enrol(request)
    const { grantId, enrolmentKey } = await invite(world, MALLORY, 3)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const statement = enrolStatementBytes(ticket)
    // Attestation "none" signs nothing, so the same authenticator can be put under another challenge.
    const device = createSoftwareAuthenticator()
    const fresh = await register(statement, enrolmentKey, { device, origin: ORIGIN })
    const { attestationObject } = request.means.passkey
    const passkey = { ...fresh.means.passkey, attestationObject }
    const again = await showMeans(statement, { passkey }, enrolmentKey)
    await assertRefused('authenticator-registered', world.sap.enrol(again))
    const database = new DatabaseSync(world.storeFile)
    database.exec("DELETE FROM records WHERE kind = 'authenticator'")
    database.close()
    await assertRefused('authenticator-registered', world.sap.enrol(again))
    await world.sap.enrol(fresh)
  })

  it('shows the person whom the grant names, in the ticket', async () => {
    const { grantId } = await invite(world, ALICE, 2)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const { subject, level, credentialClass } = peekJws(ticket, 'natsuin-ticket', enrolTicket)
    assert.deepEqual(
      { subject, level, credentialClass },
      { subject: ALICE, level: 2, credentialClass: 'level-2' },
    )
  })
})
