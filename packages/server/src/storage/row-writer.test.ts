import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type RowTarget, sqliteRowWriter } from './row-writer.ts'

const TARGET: RowTarget = { table: 'notes', columns: { id: 'text', at: 'integer' } }
const path = join(temporaryFolder(), 'notes.db')
const database = new DatabaseSync(path)
database.exec('create table notes (id text primary key, at integer)')

describe('rows that are written on another thread', () => {
  it('are all there when it is closed, and none that comes later is taken for written', async () => {
    const writer = sqliteRowWriter(path)
    const written = Array.from({ length: 20 }, (_, i) => writer.insert(TARGET, [[`row ${i}`, i]]))
    const closed = writer.close()
    await assert.rejects(writer.insert(TARGET, [['late', 1]]), { code: 'store-unavailable' })
    await Promise.all([...written, closed])
    assert.equal(database.prepare('select count(*) as n from notes').get()?.['n'], 20)
  })
})
