import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { LogName } from '@natsuin/protocol/log'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { createSqliteStore, openSqliteStore } from './sqlite-store.ts'
import { describeStore } from './store.suite.ts'
import { StoreError } from './store.ts'

const FOLDERS = temporaryFolder()

describeStore('SQLite', async () => {
  const folder = mkdtempSync(join(FOLDERS, 'store-'))
  const path = join(folder, 'sam.db')
  return {
    create: async () => createSqliteStore(path),
    open: async () => openSqliteStore(path),
    tamper: async sql => {
      const database = new DatabaseSync(path)
      database.exec(sql('records', 'leaves'))
      database.close()
    },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})

describe('SQLite store', () => {
  const fresh = () => join(mkdtempSync(join(FOLDERS, 'store-')), 'sam.db')
  const leaf = { index: 0, leaf: Uint8Array.of(1), hash: new Uint8Array(32) }
  const log: LogName = 'activity/a'
  const group = { log, tail: undefined, members: [], rows: [leaf], subtrees: [], expired: 0 }

  it('is not made by opening it', () => {
    assert.throws(
      () => openSqliteStore(fresh()),
      error => error instanceof StoreError && error.code === 'store-missing',
    )
  })

  it('of another release is not opened (T-DUR-11)', async () => {
    const path = fresh()
    await createSqliteStore(path).close()
    using database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 2')
    assert.throws(() => openSqliteStore(path), { code: 'store-version' })
  })

  it('is open to its owner alone, with the files beside it', async () => {
    const path = fresh()
    const store = createSqliteStore(path)
    await store.commit(group)
    const files = readdirSync(dirname(path)).map(name => join(dirname(path), name))
    assert.ok(files.length > 1)
    for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, file)
    await store.close()
  })

  it('notices another file in place of its own, which would swallow what it writes', async () => {
    const path = fresh()
    const store = createSqliteStore(path)
    assert.deepEqual(await store.commit(group), { outcome: 'committed' })
    copyFileSync(path, `${path}.yesterday`)
    renameSync(`${path}.yesterday`, path)
    const next = { ...group, tail: await store.tail(log), rows: [{ ...leaf, index: 1 }] }
    assert.deepEqual(await store.commit(next), { outcome: 'log-differs' })
    await store.close()
  })

  it('is open to one process, or connection, at a time; the next one may have it', async () => {
    const path = fresh()
    const isInUse = (error: unknown) => error instanceof StoreError && error.code === 'store-in-use'
    const store = createSqliteStore(path)
    assert.throws(() => openSqliteStore(path), isInUse)
    await store.commit(group)
    await store.close()
    const next = openSqliteStore(path)
    assert.throws(() => openSqliteStore(path), isInUse)
    await next.close()
  })

  it('rolls a group back whole when the database fails in the middle of it', async () => {
    const path = fresh()
    const store = createSqliteStore(path)
    const twice = { ...group, rows: [leaf, leaf] }
    await assert.rejects(store.commit(twice))
    assert.equal(await store.tail(log), undefined)
    assert.deepEqual(await store.commit(group), { outcome: 'committed' })
    await store.close()
  })
})
