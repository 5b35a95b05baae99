/** The one suite that every store passes. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { hashLeaf } from '../audit/merkle-tree.ts'
import { type Group, type GroupMember, type LogTail, type Store, StoreError } from './store.ts'

const LOG = 'activity/a'

/** A place for one store that outlives the connection to it. */
export interface StorePlace {
  create(): Promise<Store>
  open(): Promise<Store>
  /** Runs SQL beside the store, as somebody with write access to the database would; told the names of its tables. */
  tamper(sql: (records: string, leaves: string) => string): Promise<void>
  remove(): Promise<void>
}

const bytes = (length = 32) => new Uint8Array(randomBytes(length))
const record = (id: string, version: number) => ({ kind: 'credential', id, version, sealed: bytes(100) })
const member = (given: Partial<GroupMember> = {}): GroupMember => ({ records: [], nonces: [], ...given })

export function describeStore(name: string, createPlace: () => Promise<StorePlace>): void {
  describe(`store: ${name}`, () => {
    let place: StorePlace
    let store: Store
    before(async () => {
      place = await createPlace()
      store = await place.create()
    })
    after(async () => {
      await store?.close()
      await place?.remove()
    })

    /** A group with one leaf a member, after the newest row. */
    async function group(members: readonly GroupMember[], members2: Partial<Group> = {}): Promise<Group> {
      const tail = await store.tail(LOG)
      const from = (tail?.index ?? -1) + 1
      const rows = members.map((_, i) => {
        const leaf = utf8(`leaf ${from + i}`)
        return { index: from + i, leaf, hash: hashLeaf(leaf) }
      })
      return { log: LOG, tail, members, rows, subtrees: [], expired: 0, ...members2 }
    }
    const commit = async (...members: readonly GroupMember[]) => store.commit(await group(members))
    const unmet = (...members: readonly number[]) => ({ outcome: 'conflict', members })

    it('is made once', async () => {
      await assert.rejects(
        place.create(),
        error => error instanceof StoreError && error.code === 'store-exists',
      )
    })

    it('begins empty', async () => {
      assert.equal(await store.tail(LOG), undefined)
      assert.deepEqual(await store.rows(LOG, 0, 10), [])
      assert.equal(await store.read({ kind: 'credential', id: 'none' }), undefined)
    })

    it('returns records and rows as they were written, also to the next process', async () => {
      const written = record('kept', 1)
      const first = await group([member({ records: [written] })])
      assert.deepEqual(await store.commit(first), { outcome: 'committed' })
      await store.close()
      store = await place.open()
      assert.deepEqual(await store.read(written), written)
      assert.deepEqual(await store.rows(LOG, 0, 10), first.rows)
      const [row] = first.rows
      assert.deepEqual(await store.tail(LOG), { index: row?.index, hash: row?.hash })
    })

    it('keeps logs apart, each with an end of its own', async () => {
      const before = await store.tail(LOG)
      const leaf = utf8('leaf of another log')
      const row = { index: 0, leaf, hash: hashLeaf(leaf), head: bytes() }
      const subtrees = [{ level: 8, index: 0, hash: bytes() }]
      const other = { ...(await group([])), log: 'state', tail: undefined, rows: [row], subtrees } as const
      assert.deepEqual(await store.commit(other), { outcome: 'committed' })
      assert.deepEqual(await store.rows('state', 0, 10), [row])
      assert.deepEqual(await store.tail('state'), { index: 0, hash: row.hash })
      assert.deepEqual(await store.hashes('state', 8, 0, 1), [subtrees[0]?.hash])
      assert.deepEqual(await store.tail(LOG), before)
      assert.deepEqual(await store.hashes(LOG, 8, 0, 1), [])
    })

    it('lets one of several writers who begin at one end go on, and tells the others', async () => {
      const groups = await Promise.all(
        Array.from({ length: 5 }, (_, i) => group([member({ records: [record(`raced-${i}`, 1)] })])),
      )
      const outcomes = await Promise.all(groups.map(one => store.commit(one)))
      const written = outcomes.flatMap(({ outcome }, i) => (outcome === 'committed' ? [i] : []))
      assert.equal(written.length, 1)
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'log-differs').length, 4)
      for (const i of groups.keys()) {
        const found = await store.read({ kind: 'credential', id: `raced-${i}` })
        assert.equal(found !== undefined, written.includes(i))
      }
    })

    it('knows which nonces were spent', async () => {
      const nonce = { nonce: bytes(), expiresAt: 9000 }
      assert.equal(await store.isSpent(nonce.nonce), false)
      await store.commit(await group([member({ nonces: [nonce] })]))
      assert.equal(await store.isSpent(nonce.nonce), true)
    })

    it('lets one of several writers make a record or spend a nonce, each in a log of his own', async () => {
      const nonce = { nonce: bytes(), expiresAt: 9000 }
      const wanted = { made: { records: [record('wanted', 1)] }, spent: { nonces: [nonce] } }
      for (const [name, what] of Object.entries(wanted)) {
        const groups = await Promise.all(
          Array.from({ length: 5 }, async (_, i) => {
            const log = `activity/${name}-${i}` as const
            const leaf = utf8(log)
            const rows = [{ index: 0, leaf, hash: hashLeaf(leaf) }]
            return { ...(await group([member(what)])), log, tail: undefined, rows }
          }),
        )
        const outcomes = await Promise.all(groups.map(one => store.commit(one)))
        assert.equal(outcomes.filter(({ outcome }) => outcome === 'committed').length, 1, name)
        assert.equal(outcomes.filter(({ outcome }) => outcome === 'conflict').length, 4, name)
      }
    })

    it('keeps records of one id and several kinds apart', async () => {
      const other = { ...record('kept', 1), kind: 'signer' }
      await commit(member({ records: [other] }))
      assert.deepEqual(await store.read(other), other)
    })

    it('takes version 1 of a record once', async () => {
      assert.deepEqual(await commit(member({ records: [record('once', 1)] })), { outcome: 'committed' })
      const before = await store.read({ kind: 'credential', id: 'once' })
      assert.deepEqual(await commit(member({ records: [record('once', 1)] })), unmet(0))
      assert.deepEqual(await store.read({ kind: 'credential', id: 'once' }), before)
    })

    it('takes the version that follows, and no other', async () => {
      await commit(member({ records: [record('grows', 1)] }))
      assert.deepEqual(await commit(member({ records: [record('grows', 3)] })), unmet(0))
      assert.deepEqual(await commit(member({ records: [record('grows', 2)] })), { outcome: 'committed' })
      assert.deepEqual(await commit(member({ records: [record('grows', 2)] })), unmet(0))
      assert.deepEqual(await commit(member({ records: [record('absent', 2)] })), unmet(0))
    })

    it('lets members of one group follow each other', async () => {
      const last = record('chain', 3)
      const chain = [record('chain', 1), record('chain', 2), last].map(one => member({ records: [one] }))
      assert.deepEqual(await commit(...chain), { outcome: 'committed' })
      assert.deepEqual(await store.read(last), last)
    })

    it('lets go of the leaves before one, and of no others, with the group that says so', async () => {
      const log = 'activity/forgetful'
      const kept = (await store.rows(LOG, 0, 1000)).length
      for (let index = 0; index < 4; index += 1) {
        const leaf = utf8(`leaf ${index}`)
        const rows = [{ index, leaf, hash: hashLeaf(leaf) }]
        const given = {
          log,
          tail: await store.tail(log),
          members: [member()],
          rows,
          subtrees: [],
          expired: 0,
        } as const
        await store.commit({ ...given, ...(index === 3 && { forgetBefore: 2 }) })
      }
      const left = await store.rows(log, 0, 10)
      assert.deepEqual(
        left.map(row => row.index),
        [2, 3],
      )
      assert.equal((await store.rows(LOG, 0, 1000)).length, kept)
    })

    it('erases records with the group that says so, and no others', async () => {
      const [gone, stays] = [record('gone', 1), record('stays', 1)]
      await commit(member({ records: [gone, stays] }))
      await store.commit(await group([member()], { erased: [gone] }))
      assert.equal(await store.read(gone), undefined)
      assert.ok(await store.read(stays))
    })

    it('spends a nonce once, and forgets it only when it has expired', async () => {
      const spent = { nonce: bytes(), expiresAt: 1000 }
      assert.deepEqual(await commit(member({ nonces: [spent] })), { outcome: 'committed' })
      assert.deepEqual(await commit(member({ nonces: [spent] })), unmet(0))
      assert.deepEqual(await commit(member({ nonces: [spent] }), member({ nonces: [spent] })), unmet(0, 1))
      const fresh = member({ nonces: [{ nonce: bytes(), expiresAt: 5000 }] })
      await store.commit(await group([fresh], { expired: 1000 }))
      assert.deepEqual(await commit(member({ nonces: [spent] })), unmet(0))
      const later = member({ nonces: [{ nonce: bytes(), expiresAt: 5000 }] })
      await store.commit(await group([later], { expired: 1001 }))
      assert.deepEqual(await commit(member({ nonces: [spent] })), { outcome: 'committed' })
    })

    it('names the members whose conditions do not hold, and writes nothing of the group', async () => {
      const [good, bad] = [record('good', 1), record('bad', 7)]
      const before = await store.tail(LOG)
      const outcome = await commit(
        member({ records: [good] }),
        member({ records: [bad] }),
        member({ nonces: [{ nonce: bytes(), expiresAt: 9000 }] }),
      )
      assert.deepEqual(outcome, unmet(1))
      assert.equal(await store.read(good), undefined)
      assert.deepEqual(await store.tail(LOG), before)
    })

    it('writes nothing when the log does not end where the writer left it', async () => {
      await commit(member())
      const stale: readonly (LogTail | undefined)[] = [
        undefined,
        { index: 0, hash: bytes() },
        { index: ((await store.tail(LOG))?.index ?? 0) + 1, hash: bytes() },
        { index: (await store.tail(LOG))?.index ?? 0, hash: bytes() },
      ]
      for (const tail of stale) {
        const given = await group([member({ records: [record('never', 1)] })], { tail })
        assert.deepEqual(await store.commit(given), { outcome: 'log-differs' })
      }
      assert.equal(await store.read({ kind: 'credential', id: 'never' }), undefined)
    })

    it('notices rows that somebody took away or added', async () => {
      await commit(member())
      const given = await group([member()])
      await place.tamper((_, leaves) => `DELETE FROM ${leaves} WHERE idx = (SELECT max(idx) FROM ${leaves})`)
      assert.deepEqual(await store.commit(given), { outcome: 'log-differs' })
    })

    it('notices a record whose version somebody set', async () => {
      await commit(member({ records: [record('edited', 1)] }))
      await place.tamper(records => `UPDATE ${records} SET version = 5 WHERE id = 'edited'`)
      assert.deepEqual(await commit(member({ records: [record('edited', 2)] })), unmet(0))
    })

    it('returns hashes of leaves and of stored subtrees by their place', async () => {
      const subtrees = [
        { level: 8, index: 0, hash: bytes() },
        { level: 8, index: 1, hash: bytes() },
        { level: 16, index: 0, hash: bytes() },
      ]
      await store.commit(await group([member()], { subtrees }))
      assert.deepEqual(
        await store.hashes(LOG, 8, 0, 2),
        subtrees.slice(0, 2).map(({ hash }) => hash),
      )
      assert.deepEqual(await store.hashes(LOG, 8, 1, 1), [subtrees[1]?.hash])
      const rows = await store.rows(LOG, 0, 3)
      assert.deepEqual(
        await store.hashes(LOG, 0, 0, 3),
        rows.map(({ hash }) => hash),
      )
    })
  })
}
