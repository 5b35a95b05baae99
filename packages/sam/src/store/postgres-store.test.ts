import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { LogName } from '@natsuin/protocol/log'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import pg from 'pg'
import { RegisterInMemory } from '../fixture/register-in-memory.ts'
import { createPostgresStore, openPostgresStore } from './postgres-store.ts'
import { describeRegister } from './sam-register.suite.ts'
import { describeStore } from './store.suite.ts'
import { type Store, StoreError } from './store.ts'

let postgres: Postgres
let databases = 0
before(async () => {
  postgres = await startPostgres({ fsync: false })
})
/** Closed at the end. */
const stores: Store[] = []
after(async () => {
  await Promise.all(stores.map(store => store.close()))
  await postgres?.stop()
})

const newDatabase = () => postgres.createDatabase(`sam_${'x'.repeat(++databases)}`)

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

describeStore('PostgreSQL', async () => {
  const url = await newDatabase()
  return {
    create: () => createPostgresStore(url),
    open: () => openPostgresStore(url),
    tamper: sql => run(url, sql('natsuin_sam.records', 'natsuin_sam.leaves')),
    remove: async () => {},
  }
})

describeRegister('PostgreSQL', async () => {
  const store = await createPostgresStore(await newDatabase())
  stores.push(store)
  assert.ok(store.sams)
  return store.sams
})
describeRegister('in memory', async () => new RegisterInMemory())

describe('PostgreSQL store', () => {
  const leaf = { index: 0, leaf: Uint8Array.of(1), hash: new Uint8Array(32) }
  const log: LogName = 'activity/a'
  const group = { log, tail: undefined, members: [], rows: [leaf], subtrees: [], expired: 0 }

  it('is not made by opening it', async () => {
    const url = await newDatabase()
    await assert.rejects(
      openPostgresStore(url),
      error => error instanceof StoreError && error.code === 'store-missing',
    )
  })

  it('goes on with a new connection after the server ended the old one', async () => {
    const url = await newDatabase()
    const store = await createPostgresStore(url)
    await store.commit(group)
    await run(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'natsuin-sam' AND datname = current_database()",
    )
    const next = { ...group, tail: leaf, rows: [{ ...leaf, index: 1 }] }
    // Whoever meets the dead connection first is told; the one after has a new one.
    const outcomes = await Promise.allSettled([store.commit(next), store.commit(next)])
    const tail = await store.tail(log).catch(() => store.tail(log))
    assert.equal(tail?.index, 1, JSON.stringify(outcomes))
    await store.close()
  })

  it('of another release is not opened (T-DUR-11)', async () => {
    const url = await newDatabase()
    await (await createPostgresStore(url)).close()
    await run(url, "COMMENT ON SCHEMA natsuin_sam IS 'version 2'")
    await assert.rejects(openPostgresStore(url), { code: 'store-version' })
  })

  it('rolls a group back whole when the database fails in the middle of it', async () => {
    const store = await createPostgresStore(await newDatabase())
    const subtree = { level: 8, index: 0, hash: leaf.hash }
    const { outcome } = await store.commit({ ...group, subtrees: [subtree, subtree] })
    assert.equal(outcome, 'not-committed')
    assert.equal(await store.tail(log), undefined)
    assert.deepEqual(await store.commit(group), { outcome: 'committed' })
    await store.close()
  })
})
