import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import {
  addAuthenticatorTicket,
  approveTicket,
  peekJws,
  registrationBytes,
  removeAuthenticatorTicket,
} from '@natsuin/protocol/approval'
import { leaf as leafShape, STATE_LOG } from '@natsuin/protocol/log'
import type { Log } from '@natsuin/protocol/node'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import {
  type AuthenticatorOptions,
  createSoftwareAuthenticator,
  type Deviations,
  newManufacturer,
  type SoftwareAuthenticator,
} from '@natsuin/testing/authenticator'
import {
  type Answered,
  addAuthenticatorStatementBytes,
  addDevice,
  answer,
  approveStatementBytes,
  byPasskey,
  challengeOf,
  classOf,
  removeAuthenticatorStatementBytes,
} from '@natsuin/testing/deployment'
import {
  ALICE,
  approval,
  approve,
  enrolSigner,
  invite,
  MALLORY,
  newGrant,
  type Signer,
  seenItem,
  signRequestFor,
  unseenItem,
  vouch,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, ORIGIN, openPlace, type Place, RP_ID } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'

type World = OpenPlace & Place

const newWorld = async (): Promise<World> => {
  const place = await foundPlace()
  return { ...place, ...(await openPlace(place)) }
}

const ticketToAdd = async ({ sap }: World, { signerId }: Pick<Signer, 'signerId'>) =>
  sap['tickets/add-authenticator']({ signerId })

/** The answer to a ticket to add `device`, approved with `by`. */
async function addition(
  world: World,
  signer: Pick<Signer, 'signerId'>,
  {
    device,
    by,
    ...how
  }: { device: SoftwareAuthenticator; by: SoftwareAuthenticator; deviations?: Deviations },
): Promise<Answered> {
  const { ticket } = await ticketToAdd(world, signer)
  return addDevice(
    ticket,
    { device, label: 'Second', origin: ORIGIN, ...how },
    { device: by, origin: ORIGIN },
  )
}

async function add(world: World, signer: Signer, by = signer.device) {
  const device = createSoftwareAuthenticator()
  const { authenticatorId: id } = await world.sap['authenticators/add'](
    await addition(world, signer, { device, by }),
  )
  return { device, id, signer: { ...signer, device } }
}

const idsOf = async ({ sap }: World, { signerId }: Signer) =>
  (await sap['authenticators/list']({ signerId })).authenticators.map(({ id }) => id)

async function removal(world: World, { signerId }: Signer, id: string, by: SoftwareAuthenticator) {
  const { ticket, allow } = await world.sap['tickets/remove-authenticator']({ signerId, authenticatorId: id })
  return answer(removeAuthenticatorStatementBytes(ticket), { device: by, origin: ORIGIN, allow })
}

const remove = async (world: World, signer: Signer, id: string, by: SoftwareAuthenticator) =>
  world.sap['authenticators/remove'](await removal(world, signer, id, by))

describe('a further authenticator (sole-control 6)', () => {
  let world: World
  let alice: Signer
  let mallory: Signer
  before(async () => {
    world = await newWorld()
    alice = await enrolSigner(world)
    mallory = await enrolSigner(world, { subject: MALLORY })
  })
  after(() => world.store.close())

  it('approves as the first one does, and so does the first one', async () => {
    const second = await add(world, alice)
    await approve(world, second.signer, [await seenItem()])
    await approve(world, alice, [await seenItem()])
    assert.ok((await idsOf(world, alice)).includes(second.id))
  })

  it('may add a third one itself', async () => {
    const second = await add(world, alice)
    const third = await add(world, alice, second.device)
    await approve(world, third.signer, [await seenItem()])
  })

  it('is asked for under a ticket that names the signer and nothing else', async () => {
    const { ticket, allow } = await ticketToAdd(world, alice)
    const { signer, level, attested } = peekJws(ticket, 'natsuin-ticket', addAuthenticatorTicket)
    assert.deepEqual({ signer, level }, { signer: { id: alice.signerId, name: 'Alice' }, level: 3 })
    assert.equal(attested, false)
    assert.ok(allow.length > 0)
    await assertRefused('signer-unknown', ticketToAdd(world, { signerId: 'nobody' }))
  })

  it('is added once: the same statement again has the same answer', async () => {
    const answered = await addition(world, alice, { device: createSoftwareAuthenticator(), by: alice.device })
    const first = await world.sap['authenticators/add'](answered)
    assert.deepEqual(await world.sap['authenticators/add'](answered), first)
    const ids = await idsOf(world, alice)
    assert.equal(ids.filter(id => id === first.authenticatorId).length, 1)
  })

  it('is in the log, with the one that approved it', async () => {
    const { device, id } = await add(world, alice)
    const [row] = await world.store.rows(STATE_LOG, world.sam.logs.state.size - 1, 1)
    assert.ok(row)
    const logged = readStrictJson(row.leaf, leafShape)
    assert.ok(logged.event === 'authenticator-added')
    const { signerId, authenticatorId: added, approvedBy } = logged
    assert.deepEqual({ signerId, added }, { signerId: alice.signerId, added: id })
    assert.ok((await idsOf(world, alice)).includes(approvedBy))
    assert.ok(device)
  })

  it('is told to the signer by the next ticket, together with how many there are', async () => {
    const erin = await enrolSigner(world)
    const told = async () => {
      const { ticket } = await world.sap['tickets/approve']({
        credentialId: erin.credentialId,
        clientId: 'app',
      })
      return peekJws(ticket, 'natsuin-ticket', approveTicket).signer.authenticators
    }
    const before = await told()
    world.clock.pass(100)
    const { id } = await add(world, erin)
    assert.deepEqual(await told(), { count: 2, changedAt: before.changedAt + 100 })
    world.clock.pass(100)
    await remove(world, erin, id, erin.device)
    assert.deepEqual(await told(), { count: 1, changedAt: before.changedAt + 200 })
  })

  it('T-WA-13: is not added by whoever has session, server and database, but none of the signer’s authenticators', async () => {
    const device = createSoftwareAuthenticator()
    // Approved with Mallory's own, with the new one itself, with a stranger.
    for (const by of [mallory.device, device, withKey(createSoftwareAuthenticator())]) {
      const answered = await addition(world, alice, { device, by })
      await assertRefused('authenticator-unknown', world.sap['authenticators/add'](answered))
    }
    // Under Mallory's own ticket it would be Mallory's.
    const own = await addition(world, mallory, { device, by: alice.device })
    await assertRefused('authenticator-unknown', world.sap['authenticators/add'](own))
    await world.sap['authenticators/add'](await addition(world, alice, { device, by: alice.device }))
  })

  it('T-WA-13: is not exchanged after it was approved', async () => {
    const { ticket } = await ticketToAdd(world, alice)
    const [good, other] = [createSoftwareAuthenticator(), createSoftwareAuthenticator()].map(device =>
      device.register({ rpId: RP_ID, origin: ORIGIN, challenge: challengeOf(registrationBytes(ticket)) }),
    )
    assert.ok(good && other)
    const approved = answer(addAuthenticatorStatementBytes(ticket, 'Second', good.registration), {
      device: alice.device,
      origin: ORIGIN,
    })
    const statement = addAuthenticatorStatementBytes(ticket, 'Second', other.registration)
    await assertRefused('challenge-mismatch', world.sap['authenticators/add']({ ...approved, statement }))
    await world.sap['authenticators/add'](approved)
  })

  it('is not the one of an answer to another ticket', async () => {
    const [one, two] = [await ticketToAdd(world, alice), await ticketToAdd(world, alice)]
    const device = createSoftwareAuthenticator()
    const challenge = challengeOf(registrationBytes(one.ticket))
    const { registration } = device.register({ rpId: RP_ID, origin: ORIGIN, challenge })
    const under = (ticket: string) =>
      answer(addAuthenticatorStatementBytes(ticket, 'Second', registration), {
        device: alice.device,
        origin: ORIGIN,
      })
    await assertRefused('challenge-mismatch', world.sap['authenticators/add'](under(two.ticket)))
    await world.sap['authenticators/add'](under(one.ticket))
  })

  const WRONG: readonly (readonly [string, Deviations, SapRefusal])[] = [
    ['registered in a frame', { crossOrigin: true }, 'cross-origin'],
    ['registered for another RP ID', { hashedRpId: 'localhost' }, 'rp-mismatch'],
    ['registered without user verification', { flags: { userVerified: false } }, 'user-not-verified'],
    ['the answer of another ceremony', { type: 'webauthn.get' }, 'ceremony-type'],
    [
      'one that can leave its device, at level 3',
      { flags: { backupEligible: true } },
      'authenticator-policy',
    ],
  ]
  for (const [what, deviations, code] of WRONG) {
    it(`is refused when it is ${what}: ${code}`, async () => {
      const device = createSoftwareAuthenticator()
      const wrong = await addition(world, alice, { device, by: alice.device, deviations })
      await assertRefused(code, world.sap['authenticators/add'](wrong))
      await world.sap['authenticators/add'](await addition(world, alice, { device, by: alice.device }))
    })
  }

  it('T-WA-09: is nobody else’s: not one that was enrolled, nor one that another signer added', async () => {
    const shared = createSoftwareAuthenticator()
    await world.sap['authenticators/add'](
      await addition(world, mallory, { device: shared, by: mallory.device }),
    )
    for (const device of [shared, mallory.device]) {
      const { ticket } = await ticketToAdd(world, alice)
      const stolen = sameKeyAgain(device, ticket)
      const answered = answer(addAuthenticatorStatementBytes(ticket, 'Mine', stolen), {
        device: alice.device,
        origin: ORIGIN,
      })
      await assertRefused('authenticator-registered', world.sap['authenticators/add'](answered))
    }
  })

  it('is one of twenty and no more, and those that were removed do not count', async () => {
    const rich = await enrolSigner(world, { level: 1 })
    const added: { id: string }[] = []
    for (let i = 1; i < 20; i++) added.push(await add(world, rich))
    await assertRefused('authenticators-too-many', add(world, rich))
    await remove(world, rich, added[0]?.id ?? '', rich.device)
    await add(world, rich)
    assert.equal((await idsOf(world, rich)).length, 20)
  })

  it('is added by one of two parallel answers to one ticket', async () => {
    const { ticket } = await ticketToAdd(world, alice)
    const answers = [1, 2].map(() =>
      addDevice(
        ticket,
        { device: createSoftwareAuthenticator(), label: 'Second', origin: ORIGIN },
        { device: alice.device, origin: ORIGIN },
      ),
    )
    const outcomes = await Promise.allSettled(answers.map(one => world.sap['authenticators/add'](one)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('is not a statement of another purpose, nor the other way round', async () => {
    const { ticket } = await ticketToAdd(world, alice)
    const { ticket: toApprove } = await world.sap['tickets/approve']({
      credentialId: alice.credentialId,
      clientId: 'app',
    })
    const device = createSoftwareAuthenticator()
    const by = { device: alice.device, origin: ORIGIN }
    const wrong = addDevice(toApprove, { device, label: 'x', origin: ORIGIN }, by)
    await assertRefused('ticket-purpose', world.sap['authenticators/add'](wrong))
    const removing = answer(removeAuthenticatorStatementBytes(ticket), by)
    await assertRefused('ticket-purpose', world.sap['authenticators/remove'](removing))
  })
})

describe('where a class lets further authenticators rest (threats T-WA-13)', () => {
  it('T-WA-13: one that was added approves nothing before the hours are over; the first one does', async () => {
    const place = await foundPlace({ founding: { classes: [classOf(1, { restHours: 24 })] } })
    const world = { ...place, ...(await openPlace(place)) }
    const alice = await enrolSigner(world, { level: 1 })
    await approve(world, alice, [unseenItem()])
    const second = await add(world, alice)
    world.clock.pass(24 * 3600 - 1)
    await assertRefused('authenticator-resting', approve(world, second.signer, [unseenItem()]))
    await approve(world, alice, [unseenItem()])
    world.clock.pass(1)
    await approve(world, second.signer, [unseenItem()])
    await world.store.close()
  })

  it('may be removed meanwhile, and remove another', async () => {
    const place = await foundPlace({ founding: { classes: [classOf(1, { restHours: 1 })] } })
    const world = { ...place, ...(await openPlace(place)) }
    const alice = await enrolSigner(world, { level: 1 })
    const [second, third] = [await add(world, alice), await add(world, alice)]
    await remove(world, alice, third.id, second.device)
    await remove(world, alice, second.id, alice.device)
    assert.equal((await idsOf(world, alice)).length, 1)
    await world.store.close()
  })
})

describe('where a class says which models it accepts', () => {
  it('T-WA-10: neither the first authenticator nor a further one is of another model', async () => {
    const [maker, other] = [newManufacturer('Accepted'), newManufacturer('Other')]
    const authenticators = { aaguids: [maker.aaguid], roots: [maker.root] }
    const place = await foundPlace({ founding: { classes: [classOf(1, { authenticators })] } })
    const world = { ...place, ...(await openPlace(place)) }
    const attester = maker.attester()
    for (const wrong of [{}, { attester: other.attester() }]) {
      await assertRefused('authenticator-not-attested', enrolSigner(world, { level: 1, ...wrong }))
    }
    const alice = await enrolSigner(world, { level: 1, attester })
    const { ticket } = await ticketToAdd(world, alice)
    assert.equal(peekJws(ticket, 'natsuin-ticket', addAuthenticatorTicket).attested, true)
    const adding = async (options: AuthenticatorOptions) => {
      const device = createSoftwareAuthenticator(options)
      return world.sap['authenticators/add'](await addition(world, alice, { device, by: alice.device }))
    }
    await assertRefused('authenticator-not-attested', adding({}))
    await assertRefused('authenticator-not-attested', adding({ attester: other.attester() }))
    await adding({ attester })
    await world.store.close()
  })
})

describe('an authenticator that is removed (sole-control 9)', () => {
  let world: World
  let alice: Signer
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())
  const enrolled = async () => {
    alice = await enrolSigner(world)
    return { alice, second: await add(world, alice) }
  }

  it('approves nothing any more, whichever of the two removed it', async () => {
    for (const by of ['other', 'itself'] as const) {
      const { alice, second } = await enrolled()
      await approve(world, second.signer, [await seenItem()])
      await remove(world, alice, second.id, by === 'itself' ? second.device : alice.device)
      const { ticket, allow } = await world.sap['tickets/approve']({
        credentialId: alice.credentialId,
        clientId: 'app',
      })
      assert.equal(allow.length, 1)
      assert.ok(ticket)
      const late = await approvalBy(world, alice, second.device)
      await assertRefused('authenticator-unknown', world.sap.approve(byPasskey(late)))
      await approve(world, alice, [await seenItem()])
    }
  })

  it('is named by the ticket', async () => {
    const { alice, second } = await enrolled()
    const { ticket } = await world.sap['tickets/remove-authenticator']({
      signerId: alice.signerId,
      authenticatorId: second.id,
    })
    const { authenticator } = peekJws(ticket, 'natsuin-ticket', removeAuthenticatorTicket)
    assert.equal(authenticator.id, second.id)
    assert.equal(authenticator.label, 'Second')
  })

  it('is never the last one', async () => {
    const lonely = await enrolSigner(world)
    const [only = ''] = await idsOf(world, lonely)
    await assertRefused('authenticator-last', remove(world, lonely, only, lonely.device))
    const { id } = await add(world, lonely)
    await remove(world, lonely, only, lonely.device)
    assert.deepEqual(await idsOf(world, lonely), [id])
  })

  it('takes what it approved with it, and leaves what another approved', async () => {
    const { alice, second } = await enrolled()
    const items = [await seenItem(), await seenItem()]
    const [dtbsr = new Uint8Array(), next = new Uint8Array()] = items.map(one => one.dtbsr)
    const [bySecond, byFirst] = [
      await approve(world, second.signer, items),
      await approve(world, alice, items),
    ]
    await world.sap.sign(signRequestFor(bySecond, [dtbsr]))
    await remove(world, alice, second.id, alice.device)
    await assertRefused('authenticator-unknown', world.sap.sign(signRequestFor(bySecond, [next])))
    await world.sap.sign(signRequestFor(byFirst, [next]))
  })

  it('stays removed when the signer’s record is put back, and over a restart', async () => {
    const { alice, second } = await enrolled()
    const old = await world.store.read({ kind: 'signer', id: alice.signerId })
    assert.ok(old)
    await add(world, alice)
    await remove(world, alice, second.id, alice.device)
    await closeSam(world.sam)
    await world.store.close()
    const database = new DatabaseSync(world.storeFile)
    const put = 'UPDATE records SET version = ?, sealed = ? WHERE kind = ? AND id = ?'
    database.prepare(put).run(old.version, old.sealed, old.kind, old.id)
    database.close()
    Object.assign(world, await openPlace(world))
    const late = await approvalBy(world, alice, second.device)
    await assertRefused('authenticator-unknown', world.sap.approve(byPasskey(late)))
    await approve(world, alice, [await seenItem()])
  })

  it('is not added again under its old key', async () => {
    const { alice, second } = await enrolled()
    await remove(world, alice, second.id, alice.device)
    const { ticket } = await ticketToAdd(world, alice)
    const again = answer(
      addAuthenticatorStatementBytes(ticket, 'Again', sameKeyAgain(second.device, ticket)),
      {
        device: alice.device,
        origin: ORIGIN,
      },
    )
    await assertRefused('authenticator-registered', world.sap['authenticators/add'](again))
  })

  it('T-WA-13: is not removed by a stranger, nor by another signer, nor by one that was removed', async () => {
    const { alice, second } = await enrolled()
    const mallory = await enrolSigner(world, { subject: MALLORY })
    const third = await add(world, alice)
    await remove(world, alice, third.id, alice.device)
    for (const device of [mallory.device, third.device]) {
      const { ticket } = await world.sap['tickets/remove-authenticator']({
        signerId: alice.signerId,
        authenticatorId: second.id,
      })
      const answered = answer(removeAuthenticatorStatementBytes(ticket), { device, origin: ORIGIN })
      await assertRefused('authenticator-unknown', world.sap['authenticators/remove'](answered))
    }
    await remove(world, alice, second.id, alice.device)
    const gone = world.sap['tickets/remove-authenticator']({
      signerId: alice.signerId,
      authenticatorId: second.id,
    })
    await assertRefused('authenticator-unknown', gone)
  })
})

describe('an authenticator of which there is a copy (threats T-WA-06)', () => {
  let world: World
  /** What the process told its operator. */
  const told: unknown[] = []
  before(async () => {
    const place = await foundPlace()
    const log: Log = (level, event, fields) => told.push({ level, event, ...fields })
    world = { ...place, ...(await openPlace(place, { log })) }
  })
  after(() => world.store.close())

  const claiming = async (signer: Signer, counter: number) => {
    world.clock.pass(1)
    const { ticket } = await world.sap['tickets/approve']({
      credentialId: signer.credentialId,
      clientId: 'app',
    })
    return byPasskey(await approvalUnder(ticket, signer.device, { counter }))
  }

  for (const [what, counters] of [
    ['the same value again', [5, 6, 6]],
    ['a smaller value', [5, 6, 3]],
    ['no value any more', [5, 0]],
  ] as const) {
    it(`T-WA-06: is suspended for ${what}, and somebody is told`, async () => {
      const alice = await enrolSigner(world)
      const last = counters.at(-1) ?? 0
      for (const counter of counters.slice(0, -1)) await world.sap.approve(await claiming(alice, counter))
      await assertRefused('counter-regression', world.sap.approve(await claiming(alice, last)))
      await assertRefused('authenticator-suspended', world.sap.approve(await claiming(alice, 100)))
      const [row] = await world.store.rows(STATE_LOG, world.sam.logs.state.size - 1, 1)
      assert.ok(row)
      assert.equal(readStrictJson(row.leaf, leafShape).event, 'authenticator-suspended')
      const [authenticatorId] = await idsOf(world, alice)
      const alert = { alert: 'authenticator-suspended', authenticatorId, reason: 'counter-regression' }
      assert.deepEqual(told.at(-1), { level: 'warn', event: 'alert', ...alert })
    })
  }

  it('T-WA-06: is not suspended for counters that never count', async () => {
    const alice = await enrolSigner(world)
    for (const counter of [0, 0, 0]) await world.sap.approve(await claiming(alice, counter))
  })

  it('is not suspended when an honest answer is only delivered late', async () => {
    const alice = await enrolSigner(world)
    const early = await approval(world, alice, [await seenItem()])
    const late = await approval(world, alice, [await seenItem()])
    world.clock.pass(10)
    await world.sap.approve(byPasskey(late))
    await assertRefused('counter-regression', world.sap.approve(byPasskey(early)))
    await approve(world, alice, [await seenItem()])
  })

  it('stays suspended over a restart, and is removed with another one of the signer’s', async () => {
    const alice = await enrolSigner(world)
    const second = await add(world, alice)
    await world.sap.approve(await claiming(alice, 50))
    await assertRefused('counter-regression', world.sap.approve(await claiming(alice, 50)))
    await closeSam(world.sam)
    await world.store.close()
    Object.assign(world, await openPlace(world))
    await assertRefused('authenticator-suspended', world.sap.approve(await claiming(alice, 60)))
    const { authenticators } = await world.sap['authenticators/list']({ signerId: alice.signerId })
    const [first] = authenticators
    assert.deepEqual(
      authenticators.map(({ state }) => state),
      ['suspended', 'active'],
    )
    // The good one alone is not to be removed: what is left could approve nothing.
    await assertRefused('authenticator-last', remove(world, alice, second.id, second.device))
    await remove(world, alice, first?.id ?? '', second.device)
    await approve(world, second.signer, [await seenItem()])
  })

  it('takes what it approved with it', async () => {
    const alice = await enrolSigner(world)
    const item = await seenItem()
    const sad = await approve(world, alice, [item])
    await assertRefused('counter-regression', world.sap.approve(await claiming(alice, 0)))
    await assertRefused('authenticator-suspended', world.sap.sign(signRequestFor(sad, [item.dtbsr])))
  })

  it('T-WA-06: one of two parallel answers with the same counter is accepted', async () => {
    const alice = await enrolSigner(world)
    const answers = [await claiming(alice, 7), await claiming(alice, 7)]
    const outcomes = await Promise.allSettled(answers.map(one => world.sap.approve(one)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('is an officer’s as well: he vouches for nobody any more', async () => {
    const place = await newWorld()
    const [officer] = place.officers
    assert.ok(officer)
    await invite(place, ALICE, 1)
    place.clock.pass(1)
    const { grant } = newGrant(place, ALICE, 1)
    const copied = await vouch(place, officer, grant, { counter: 1 })
    await assertRefused('counter-regression', place.sap['grants/submit']({ approvals: [copied] }))
    await assertRefused('authenticator-suspended', invite(place, ALICE, 1))
    await place.store.close()
  })
})

describe('recovery (threats T-WA-14)', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  const recover = async (replaces: string, level: 1 | 2 | 3, officers = level === 3 ? 2 : 1) => {
    const { grant } = newGrant(world, ALICE, level)
    const approvals: Answered[] = []
    for (const officer of world.officers.slice(0, officers)) {
      approvals.push(await vouch(world, officer, { ...grant, replaces }))
    }
    return world.sap['grants/submit']({ approvals })
  }

  it('T-WA-14: closes the old signer: nothing of his signs, neither what was approved nor what is asked for', async () => {
    const alice = await enrolSigner(world)
    const item = await seenItem()
    const sad = await approve(world, alice, [item])
    const asked = await approval(world, alice, [await seenItem()])
    const other = await enrolSigner(world, { subject: MALLORY })
    await recover(alice.signerId, 3)
    await assertRefused('credential-revoked', world.sap.sign(signRequestFor(sad, [item.dtbsr])))
    await assertRefused('credential-revoked', world.sap.approve(byPasskey(asked)))
    await assertRefused('credential-revoked', approve(world, alice, [await seenItem()]))
    await assertRefused('signer-unknown', ticketToAdd(world, alice))
    await approve(world, other, [await seenItem()])
  })

  it('T-WA-14: gives nobody the old key: who enrols anew is another signer with another key', async () => {
    const alice = await enrolSigner(world)
    await recover(alice.signerId, 3)
    const anew = await enrolSigner(world)
    assert.notEqual(anew.signerId, alice.signerId)
    assert.notEqual(anew.credentialId, alice.credentialId)
    const ticket = world.sap['tickets/approve']({ credentialId: alice.credentialId, clientId: 'app' })
    await assertRefused('credential-revoked', ticket)
  })

  it('T-WA-14: takes as many officers as the old signer’s level did', async () => {
    const alice = await enrolSigner(world, { level: 3 })
    await assertRefused('officers-too-few', recover(alice.signerId, 1))
    await approve(world, alice, [await seenItem()])
    await recover(alice.signerId, 1, 2)
    await assertRefused('credential-revoked', approve(world, alice, [await seenItem()]))
  })

  it('stays, when records are put back and over a restart', async () => {
    const alice = await enrolSigner(world, { level: 1 })
    await recover(alice.signerId, 1)
    await closeSam(world.sam)
    await world.store.close()
    Object.assign(world, await openPlace(world))
    await assertRefused('credential-revoked', approve(world, alice, [unseenItem()]))
  })

  it('is of a signer that there is', async () => {
    await assertRefused('signer-unknown', recover('nobody', 1))
  })
})

/** A device that has a credential for the approval origin. */
function withKey(device: SoftwareAuthenticator): SoftwareAuthenticator {
  device.register({ rpId: RP_ID, origin: ORIGIN, challenge: new Uint8Array(32) })
  return device
}

/** A registration of the key that the device has, as a device that lies about being new would make it. */
function sameKeyAgain(device: SoftwareAuthenticator, ticket: string) {
  const challenge = challengeOf(registrationBytes(ticket))
  return device.register({ rpId: RP_ID, origin: ORIGIN, challenge, sameKey: true }).registration
}

async function approvalBy(world: World, { credentialId }: Signer, device: SoftwareAuthenticator) {
  const { ticket } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
  return approvalUnder(ticket, device)
}

async function approvalUnder(ticket: string, device: SoftwareAuthenticator, deviations: Deviations = {}) {
  return answer(approveStatementBytes(ticket, [await seenItem()]), { device, origin: ORIGIN, deviations })
}
