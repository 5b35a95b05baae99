/** A commit whose answer got lost: the journal finds out what became of it, on a real PostgreSQL (threats 23, T-DUR-03). */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Seal } from '@natsuin/crypto-module'
import { type ActivityLeaf, activityLeaf } from '@natsuin/protocol/log'
import { type Detour, type Manner, openDetour, passes } from '@natsuin/testing/detour'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { HeadSeal } from '../audit/head-seal.ts'
import { Journal, NotCommitted } from '../audit/journal.ts'
import { emptyLog } from '../audit/read-log.ts'
import { createPostgresStore } from './postgres-store.ts'
import type { Store } from './store.ts'

const seal = new HeadSeal(await Seal.derive({ mac: async () => new Uint8Array(32).fill(7) }, 'seal', 'tests'))
const leaf: ActivityLeaf = { event: 'settled', at: 0, activationId: 'one', outcome: 'failed' }
const isCommit = (part: Buffer) => part.includes('COMMIT\0')

describe('a commit that broke off (T-DUR-03)', () => {
  let postgres: Postgres
  let detour: Detour
  let store: Store
  let journal: Journal<ActivityLeaf>
  const closed: string[] = []
  const folder = temporaryFolder()

  before(async () => {
    postgres = await startPostgres({ settings: { deadlock_timeout: '10s' } })
    const direct = new URL(await postgres.createDatabase('sam'))
    const socket = join(String(direct.searchParams.get('host')), '.s.PGSQL.5432')
    detour = await openDetour(join(folder, '.s.PGSQL.5432'), socket)
    direct.searchParams.set('host', folder)
    store = await createPostgresStore(direct.href)
    journal = new Journal({
      source: { store, log: 'activity/a', origin: 'natsuin.example/tests', shape: activityLeaf, seal },
      end: emptyLog(),
      writers: 'one',
      certain: () => 0,
      onRecords: () => {},
      onClosed: reason => closed.push(reason),
      wait,
    })
  })
  after(async () => {
    await store?.close()
    await detour?.close()
    await postgres?.stop()
  })

  const leaves = async () => Number(await postgres.run('SELECT count(*) FROM natsuin_sam.leaves', 'sam'))
  const MANNERS: Readonly<Record<string, { readonly manner: () => Manner; readonly took: boolean }>> = {
    'before it reached the database did not take place': {
      manner: () => (part, side) => (side === 'asks' && isCommit(part) ? 'cut' : 'pass'),
      took: false,
    },
    'before its answer came back took place': {
      manner() {
        let asked = false
        return (part, side) => {
          if (side === 'answers') return asked ? 'cut' : 'pass'
          asked ||= isCommit(part)
          return 'pass'
        }
      },
      took: true,
    },
  }

  for (const [what, { manner, took }] of Object.entries(MANNERS)) {
    it(`${what}, and is said to have done so; the next one follows it`, async () => {
      const before = await leaves()
      detour.behave(manner())
      const asked = Promise.allSettled([journal.append({ leaves: [leaf] })])
      // Nobody gets through to ask, for a while.
      await wait(300)
      detour.behave(passes)
      const [outcome] = await asked
      assert.equal(outcome.status, took ? 'fulfilled' : 'rejected')
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof NotCommitted)
      assert.equal(await leaves(), before + (took ? 1 : 0))
      assert.equal(await journal.append({ leaves: [leaf] }), before + (took ? 1 : 0))
      assert.deepEqual(closed, [])
    })
  }

  it('and whose transaction still waits in the database is waited for, not taken to have failed', async () => {
    const before = await leaves()
    const seen = Promise.withResolvers<void>()
    // The client is gone, and the database is asked to commit only later.
    let late: (() => void) | undefined
    detour.behave((part, side) => {
      if (side !== 'asks' || !isCommit(part)) return 'pass'
      seen.resolve()
      return new Promise(resolve => {
        late = () => resolve('pass')
      })
    })
    const asked = journal.append({ leaves: [leaf] })
    await seen.promise
    detour.behave(passes)
    const second = store.attemptsEnded({
      log: 'activity/a',
      tail: undefined,
      members: [],
      rows: [{ index: before, leaf: new Uint8Array(1), hash: new Uint8Array(32) }],
      subtrees: [],
      expired: 0,
    })
    const isFirst = await Promise.race([second.then(() => true), wait(500, false)])
    assert.equal(isFirst, false, 'whoever asks waits for the transaction that is under way')
    late?.()
    assert.equal(await asked, before)
    await second
  })
})
