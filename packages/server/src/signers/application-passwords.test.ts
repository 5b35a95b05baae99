import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { bearerDigest } from '../signing/bearer.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrations.ts'
import { type Repositories, repositoriesOver } from '../storage/repositories.ts'
import { type ApplicationPasswords, createApplicationPasswords } from './application-passwords.ts'

const NOW = 1_800_000_000
const GRANT = { model: 'Grant', grant_digest: null, payload: '{}', expires_at: NOW + 60, consumed_at: null }

let database: Database
let all: Repositories
let passwords: ApplicationPasswords
before(async () => {
  database = openDatabase({ sqlite: `${temporaryFolder()}/server.db` })
  await migrate(database)
  all = repositoriesOver(database)
  passwords = createApplicationPasswords({ ...all, clock: () => new Date(NOW * 1000), onGuesses: () => {} })
  await all.accounts.ensure({ signer_id: 'alice', name: 'Alice', created_at: NOW })
})
after(() => database.close())

/** A log-in up to where its grant is there, and nothing lists it yet. */
async function begin(grantId: string) {
  const checked = await passwords.check('alice', await passwords.make('alice', 'Invoices'))
  await all.oauthRecords.put({ ...GRANT, id_digest: bearerDigest(grantId) })
  return checked
}
const grantOf = (grantId: string) => all.oauthRecords.find('Grant', bearerDigest(grantId))

describe('a log-in with an application password', () => {
  it('opens a grant, which ends with the password', async () => {
    const checked = await begin('kept')
    await passwords.opened(checked, 'kept', NOW + 60)
    assert.ok(await grantOf('kept'))
    await passwords.remove('alice', checked.password_id)
    assert.equal(await grantOf('kept'), undefined)
  })

  it('that is outrun by the removal of its password opens nothing', async () => {
    const checked = await begin('outrun')
    await passwords.remove('alice', checked.password_id)
    assert.ok(await grantOf('outrun'))
    await assert.rejects(passwords.opened(checked, 'outrun', NOW + 60), { code: 'log-in-refused' })
    assert.equal(await grantOf('outrun'), undefined)
  })
})
