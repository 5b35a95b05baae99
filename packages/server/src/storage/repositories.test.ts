import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { sql } from 'kysely'
import { openDatabase } from './database.ts'
import { repositoriesSuite } from './repositories.suite.ts'

let directory: string
let postgres: Postgres
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'natsuin-storage-'))
  postgres = await startPostgres({ fsync: false })
})
after(async () => {
  await postgres.stop()
  await rm(directory, { recursive: true })
})

repositoriesSuite('node:sqlite', async () => ({ sqlite: join(directory, 'suite.db') }))
repositoriesSuite('PostgreSQL', async () => ({ postgres: { url: await postgres.createDatabase('suite') } }))

describe('the embedded database', () => {
  it('writes ahead and syncs each commit', async () => {
    const path = join(directory, 'pragmas.db')
    const database = openDatabase({ sqlite: path })
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database.tables)
    const synchronous = await sql<{ synchronous: number }>`pragma synchronous`.execute(database.tables)
    await database.close()
    const FULL = 2
    assert.deepEqual([journal.rows[0]?.journal_mode, synchronous.rows[0]?.synchronous], ['wal', FULL])
  })
})
