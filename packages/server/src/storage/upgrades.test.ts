/** The database of a server that is being upgraded: half-way, twice at once, and by a newer release (T-DUR-11). */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { rounds } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { sql } from 'kysely'
import { type DatabaseLocation, openDatabase } from './database.ts'
import { migrate } from './migrations.ts'
import { repositoriesOver } from './repositories.ts'

const MIGRATE_AND_DIE = new URL('../fixture/migrate-and-die.ts', import.meta.url).pathname

let postgres: Postgres
const folder = temporaryFolder()
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres.stop())

const KINDS: Readonly<Record<string, (name: string) => Promise<DatabaseLocation>>> = {
  'node:sqlite': async name => ({ sqlite: join(folder, `${name}.db`) }),
  PostgreSQL: async name => ({ postgres: { url: await postgres.createDatabase(name) } }),
}

async function migrated(location: DatabaseLocation): Promise<void> {
  const database = openDatabase(location)
  try {
    await migrate(database)
  } finally {
    await database.close()
  }
}

async function works(location: DatabaseLocation): Promise<void> {
  const database = openDatabase(location)
  const { accounts } = repositoriesOver(database)
  await accounts.ensure({ signer_id: 'alice', name: 'Alice', created_at: 1 })
  assert.equal(await accounts.countPasskeys('alice'), 0)
  await database.close()
}

for (const [kind, newLocation] of Object.entries(KINDS)) {
  describe(`a database (${kind}) that is brought to a newer schema (T-DUR-11)`, () => {
    it('by a process that is killed at any statement is brought there by the next one', async () => {
      const location = await newLocation('killed')
      let killed = 0
      for (let fatal = 1; fatal < 1000; fatal += rounds('migration')) {
        const argv = ['--conditions=natsuin-source', MIGRATE_AND_DIE, JSON.stringify(location), String(fatal)]
        const { signal, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
        if (signal !== 'SIGKILL') {
          assert.equal(stderr, '')
          break
        }
        killed += 1
      }
      assert.ok(killed >= 3, `${killed} kills`)
      await works(location)
    })

    it('is left alone by a release that is older', async () => {
      const location = await newLocation('newer')
      await migrated(location)
      const database = openDatabase(location)
      await sql`insert into kysely_migration values ('9999-of-a-newer-release', '2100-01-01')`.execute(
        database.tables,
      )
      await database.close()
      await assert.rejects(migrated(location), /could not be migrated/)
      await works(location)
    })
  })
}

describe('a database on PostgreSQL (T-DUR-11)', () => {
  it('is brought to the newer schema once by several servers that start at once', async () => {
    const location = { postgres: { url: await postgres.createDatabase('several') } }
    await Promise.all([1, 2, 3].map(() => migrated(location)))
    await works(location)
  })
})
