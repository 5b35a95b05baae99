import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { peekCheckpoint } from '@natsuin/protocol/log'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { classOf } from '@natsuin/testing/deployment'
import {
  type Administered,
  administered,
  amend,
  amending,
  approvalBy,
  problemsOf,
  propose,
} from '../fixture/administrators.ts'
import {
  ALICE,
  approve,
  enrolRequest,
  enrolSigner,
  invite,
  newGrant,
  seenItem,
  signRequestFor,
  vouch,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place, registerPasskey } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { eventsOf } from '../fixture/watched.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

type World = Place & OpenPlace & Administered

let world: World
beforeEach(async () => {
  world = await open(await foundPlace())
})
afterEach(() => world.store.close())

async function open(place: Place): Promise<World> {
  const opened = await openPlace(place)
  return { ...place, ...opened, ...administered(opened) }
}

const person = (id: string) => world.people[id] ?? assert.fail(`there is no ${id}`)
const approves = async (proposal: { requestId: string }, id: string) =>
  world.channel.administer(await approvalBy(world, proposal, person(id)))

describe('an amendment (sole-control 8)', () => {
  const added = amending({ kind: 'class-set', class: classOf(1, { id: 'new' }) })

  it('takes effect with the approval of as many security officers as have to agree', async () => {
    const proposal = await propose(world, added)
    assert.equal(proposal.needed, 2)
    assert.deepEqual(
      proposal.approvers.map(({ id }) => id),
      ['s-1', 's-2', 's-3'],
    )
    assert.deepEqual(await approves(proposal, 's-1'), { approvals: 1, needed: 2, done: false })
    assert.equal(world.sam.roster.version, 1)
    assert.deepEqual(await approves(proposal, 's-3'), { approvals: 2, needed: 2, done: true })
    assert.equal(world.sam.roster.version, 2)
    assert.ok(world.sam.roster.classes.some(({ id }) => id === 'new'))
  })

  it('is a leaf of the state log, and on the copy outside, before it is said that it is done', async () => {
    await amend(world, ...added.changes)
    const { size } = peekCheckpoint(readFileSync(join(world.checkpointDirectory, 'state.txt'), 'utf8'))
    assert.equal(size, world.sam.logs.state.size)
    const [row] = await world.store.rows('state', size - 1, 1)
    assert.ok(row)
    assert.deepEqual(eventsOf({ rows: [row] }), ['roster-amended'])
  })

  it('is in force after a restart, and can be read with who approved it', async () => {
    await amend(world, ...added.changes)
    await amend(world, { kind: 'quorum-set', quorum: 3 })
    const { roster, digest } = await world.channel['roster/read']({})
    await world.store.close()
    world = await open(world)
    assert.deepEqual(await world.channel['roster/read']({}), { roster, digest })
    const { amendments } = await world.channel['roster/amendments']({})
    assert.deepEqual(
      amendments.map(({ version, approvers, request }) => [
        version,
        approvers.length,
        request.roster.version,
      ]),
      [
        [2, 2, 1],
        [3, 2, 2],
      ],
    )
  })

  it('that brings the first class of imported keys makes the key that they are encrypted for', async () => {
    await assertRefused('import-unavailable', world.sap['keys/import-key']({}))
    await amend(world, { kind: 'class-set', class: classOf(2, { id: 'imported', keys: 'imported' }) })
    const { statement } = await world.sap['keys/import-key']({})
    await amend(world, { kind: 'class-set', class: classOf(1, { id: 'more', keys: 'imported' }) })
    assert.notEqual((await world.sap['keys/import-key']({})).statement, statement)
  })

  it('makes every other request that starts from the same roster void', async () => {
    const [one, other] = [await propose(world, added), await propose(world, added)]
    await approves(other, 's-1')
    const late = await approvalBy(world, other, person('s-2'))
    await approves(one, 's-1')
    await approves(one, 's-2')
    await assertRefused('roster-changed', approvalBy(world, other, person('s-3')))
    await assertRefused('roster-changed', world.channel.administer(late))
  })

  it('is one of two that are approved at the same moment', async () => {
    const proposals = [await propose(world, added), await propose(world, added)]
    for (const proposal of proposals) await approves(proposal, 's-1')
    const last = [
      await approvalBy(world, proposals[0] ?? assert.fail(), person('s-2')),
      await approvalBy(world, proposals[1] ?? assert.fail(), person('s-3')),
    ]
    const answers = await Promise.allSettled(last.map(one => world.channel.administer(one)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.equal(world.sam.roster.version, 2)
    const { proposals: told } = await world.channel['proposals/list']({})
    assert.deepEqual(told.map(({ state, failure }) => failure ?? state).sort(), ['done', 'roster-changed'])
  })

  it('is not proposed when it could not take effect, and everything that is wrong is said', async () => {
    const problems = await problemsOf(
      world,
      amending(
        { kind: 'class-set', class: classOf(3, { id: 'new', bases: ['unseen'] }) },
        { kind: 'quorum-set', quorum: 4 },
      ),
    )
    assert.deepEqual(problems, [
      'quorum: fewer security officers than have to agree; only a new genesis leads on from there',
      'class new: level 3 refuses unseen',
    ])
    assert.deepEqual(await problemsOf(world, added, 1441), ['minutes: requests wait for 24 hours at most'])
    assert.deepEqual((await world.channel['proposals/list']({})).proposals, [])
  })

  it('is not proposed when too few may approve it', async () => {
    await amend(world, { kind: 'person-remove', personId: 's-3' })
    assert.deepEqual(await problemsOf(world, amending({ kind: 'person-remove', personId: 's-2' })), [
      'quorum: fewer security officers than have to agree; only a new genesis leads on from there',
    ])
    const own = amending({ kind: 'passkey-add', personId: 's-1', registration: registerPasskey('s-1') })
    assert.deepEqual(await problemsOf(world, own), [
      'approvals: 2 people have to approve this, and only 1 may; nobody approves what is about himself',
    ])
  })

  it('can be withdrawn while it waits', async () => {
    const proposal = await propose(world, added)
    await world.channel['proposals/withdraw'](proposal)
    await assertRefused('request-unknown', approvalBy(world, proposal, person('s-1')))
  })

  it('is forgotten by a restart', async () => {
    const proposal = await propose(world, added)
    const answered = await approvalBy(world, proposal, person('s-1'))
    await world.store.close()
    world = await open(world)
    await assertRefused('ticket-foreign', world.channel.administer(answered))
    await assertRefused('request-unknown', approvalBy(world, proposal, person('s-1')))
  })

  it('that the database did not take failed, and may be proposed again', async () => {
    const proposal = await propose(world, added)
    await approves(proposal, 's-1')
    const last = await approvalBy(world, proposal, person('s-2'))
    const append = world.sam.logs.state.append
    world.sam.logs.state.append = () => Promise.reject(new Error('disk full'))
    await assert.rejects(world.channel.administer(last), /disk full/)
    world.sam.logs.state.append = append
    const { proposal: told } = await world.channel['proposals/read'](proposal)
    assert.deepEqual([told.state, told.failure, world.sam.roster.version], ['failed', 'fault', 1])
    await amend(world, ...added.changes)
  })
})

describe('who approves a change (T-ADM-02)', () => {
  const harmless = amending({ kind: 'client-set', client: { id: 'third', name: 'A Third Application' } })

  it('is a security officer; of what names no person and lowers no bar, also a system administrator', async () => {
    const { approvers } = await propose(world, harmless)
    assert.deepEqual(
      approvers.map(({ id }) => id),
      ['s-1', 's-2', 's-3', 'admin'],
    )
    const mixed = amending(...harmless.changes, { kind: 'quorum-set', quorum: 2 })
    const proposal = await propose(world, mixed)
    await assertRefused('role-refused', approvalBy(world, proposal, person('admin')))
    for (const id of ['auditor', 'o-1']) {
      await assertRefused('role-refused', approvalBy(world, proposal, person(id)))
    }
    await assertRefused('person-unknown', approvalBy(world, proposal, { ...person('s-1'), id: 'nobody' }))
  })

  it('counts once, in whatever order his approvals come', async () => {
    const proposal = await propose(world, harmless)
    const [one, two] = [
      await approvalBy(world, proposal, person('s-1')),
      await approvalBy(world, proposal, person('s-1')),
    ]
    const answers = await Promise.allSettled([one, two].map(answer => world.channel.administer(answer)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    await assertRefused('request-approved-already', approvalBy(world, proposal, person('s-1')))
    assert.equal(world.sam.roster.version, 1)
    assert.deepEqual(await approves(proposal, 's-2'), { approvals: 2, needed: 2, done: true })
  })

  it('is never the one whom it is about', async () => {
    const proposal = await propose(world, amending({ kind: 'person-remove', personId: 's-3' }))
    assert.deepEqual(
      proposal.approvers.map(({ id }) => id),
      ['s-1', 's-2'],
    )
    await assertRefused('request-about-oneself', approvalBy(world, proposal, person('s-3')))
  })

  it('has until the request runs out, and until his ticket does', async () => {
    const proposal = await propose(world, harmless, 10)
    const answered = await approvalBy(world, proposal, person('s-1'))
    world.clock.pass(300)
    await assertRefused('ticket-expired', world.channel.administer(answered))
    await approves(proposal, 's-1')
    world.clock.pass(299)
    const late = await approvalBy(world, proposal, person('s-2'))
    world.clock.pass(1)
    await assertRefused('request-expired', world.channel.administer(late))
    await assertRefused('request-expired', approvalBy(world, proposal, person('s-2')))
    assert.equal(world.sam.roster.version, 1)
  })
})

describe('power that an amendment takes away (T-ADM-08)', () => {
  it('is gone at the next call: an officer, his open ticket, his passkey', async () => {
    const officer = person('o-1')
    const { grant } = newGrant(world, ALICE, 1)
    const [waiting, another] = [await vouch(world, officer, grant), await vouch(world, officer, grant)]
    await world.sap['grants/submit']({ approvals: [another] })
    await amend(world, { kind: 'person-remove', personId: 'o-1' })
    await assertRefused('person-unknown', world.sap['grants/submit']({ approvals: [waiting] }))
    await assertRefused('person-unknown', vouch(world, officer, grant))
    await world.store.close()
    world = await open(world)
    await assertRefused('person-unknown', vouch(world, officer, newGrant(world, ALICE, 1).grant))
  })

  it('is gone at the next call: one of two passkeys', async () => {
    const [lost] = world.sam.roster.people.find(({ id }) => id === 'o-1')?.passkeys ?? []
    assert.ok(lost)
    const officer = person('o-1')
    const registration = registerPasskey('o-1', officer.device)
    await amend(world, { kind: 'passkey-add', personId: 'o-1', registration })
    const { grant } = newGrant(world, ALICE, 1)
    assert.equal((await world.sap['tickets/grant']({ officerId: 'o-1' })).allow.length, 2)
    await amend(world, { kind: 'passkey-remove', personId: 'o-1', credentialId: lost.credentialId })
    assert.equal((await world.sap['tickets/grant']({ officerId: 'o-1' })).allow.length, 1)
    await world.sap['grants/submit']({ approvals: [await vouch(world, officer, grant)] })
  })

  it('is gone while the amendment is still on its way to the disk', async () => {
    const officer = person('o-1')
    const { grant } = newGrant(world, ALICE, 1)
    const waiting = await vouch(world, officer, grant)
    const { promise, resolve } = Promise.withResolvers<void>()
    const append = world.sam.logs.state.append.bind(world.sam.logs.state)
    world.sam.logs.state.append = async entry => {
      await promise
      return append(entry)
    }
    const recorded = world.sam.logs.activity.size + 2
    const amended = amend(world, { kind: 'person-remove', personId: 'o-1' })
    while (world.sam.logs.activity.size < recorded) await setImmediate()
    await assertRefused('person-unknown', world.sap['grants/submit']({ approvals: [waiting] }))
    resolve()
    await amended
  })

  it('is gone at the next call: an application, also for what was approved for it', async () => {
    const alice = await enrolSigner(world)
    const item = await seenItem()
    const approved = await approve(world, alice, [item])
    await amend(world, { kind: 'client-remove', clientId: 'app' })
    await assertRefused('client-unknown', approve(world, alice, [item]))
    await assertRefused('client-unknown', world.sap.sign(signRequestFor(approved, [item.dtbsr])))
  })

  it('is gone at the next call: a level', async () => {
    const alice = await enrolSigner(world, { level: 3 })
    const bob = await enrolSigner(world, { level: 2 })
    await amend(world, { kind: 'class-remove', classId: 'level-3' }, { kind: 'level-set', maxLevel: 2 })
    const item = await seenItem()
    await assertRefused('credential-inactive', approve(world, alice, [item]))
    await approve(world, bob, [item])
  })

  it('is gone for a grant whose class went or became another', async () => {
    const first = await invite(world, ALICE, 1)
    const second = await invite(world, ALICE, 2)
    await amend(
      world,
      { kind: 'class-remove', classId: 'level-1' },
      { kind: 'class-set', class: classOf(2, { id: 'level-2', keyType: 'ec-p384' }) },
    )
    await assertRefused('class-unknown', enrolRequest(world, first, createSoftwareAuthenticator()))
    const request = await enrolRequest(world, second, createSoftwareAuthenticator())
    await assertRefused('class-changed', world.sap.enrol(request))
  })
})

describe('the roster that is stored (T-ADM-07)', () => {
  const edit = (sql: string) => {
    const database = new DatabaseSync(world.storeFile, { timeout: 5000 })
    database.exec(sql)
    database.close()
  }
  const next = { kind: 'quorum-set', quorum: 3 } as const

  for (const [what, sql] of Object.entries({
    'was edited': "UPDATE records SET sealed = zeroblob(length(sealed)) WHERE kind = 'roster' AND id = '2'",
    'was put back to the one before':
      "UPDATE records SET sealed = (SELECT sealed FROM records WHERE kind = 'roster' AND id = '1') WHERE kind = 'roster' AND id = '2'",
    'was taken away': "DELETE FROM records WHERE kind = 'roster' AND id = '2'",
  })) {
    it(`when it ${what}, serves nobody who needs a role while the SAM runs, and lets none start`, async () => {
      await amend(world, { kind: 'quorum-set', quorum: 2 })
      const proposal = await propose(world, amending(next))
      const alice = await enrolSigner(world)
      edit(sql)
      await assertRefused('record-altered', vouch(world, person('o-1'), newGrant(world, ALICE, 1).grant))
      await assertRefused('record-altered', approvalBy(world, proposal, person('s-1')))
      await assertRefused('record-altered', propose(world, amending(next)))
      // What is in memory is not touched.
      await approve(world, alice, [await seenItem()])
      await world.store.close()
      const store = openSqliteStore(world.storeFile)
      await assertRefused('record-altered', openPlace(world, { store }))
      world = { ...world, store }
    })
  }
})
