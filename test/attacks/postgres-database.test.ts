/**
 * The attacker writes to PostgreSQL as its owner: edits, exchanges, deletes, puts yesterday back (T-SAD-26, T-SAD-27,
 * T-KEY-12, T-AUD-02; sole-control 9). What he can try in a file is in database-edits and restored-database; here it is
 * shown that nothing of it depends on the store.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { byPasskey, enrolSigner, ProcessEnded, type Signer } from '@natsuin/testing/deployment'
import { PRODUCTION, type Stack } from '../e2e/stacks.ts'
import { describeServerTables } from './server-tables.suite.ts'
import {
  approval,
  approved,
  assertRefused,
  assertSignatures,
  openStage,
  outcomeOf,
  type Stage,
  seenItems,
  signs,
  startSam,
  stopSam,
  ticketFor,
  useOf,
  withPostgres,
} from './stage.ts'

let ground: Awaited<ReturnType<Stack['open']>>
let stage: Stage
before(async () => {
  ground = await PRODUCTION.open()
  stage = await openStage(ground.members)
})
after(async () => {
  await stage?.close()
  await ground?.close()
})

function run(sql: string): string {
  const { store } = stage.deployment.plan
  assert.ok(store !== 'sqlite')
  return withPostgres(store.sam, `SET search_path = natsuin_sam; SET client_min_messages = warning; ${sql}`)
}

/** With the row changed; then as it was. */
async function withEdit(where: string, set: string, attempt: () => Promise<void>): Promise<void> {
  run(`CREATE TABLE kept AS SELECT * FROM records WHERE ${where}; UPDATE records SET ${set} WHERE ${where}`)
  try {
    await attempt()
  } finally {
    run(`DELETE FROM records WHERE ${where}; INSERT INTO records SELECT * FROM kept; DROP TABLE kept`)
  }
}

/** All tables of the SAM as they are now, under a name. */
function keepAs(name: string): void {
  run(`DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}`)
  for (const table of tables()) run(`CREATE TABLE ${name}.${table} AS TABLE natsuin_sam.${table}`)
}

/** In one transaction, as a restored dump would be. */
function putBack(name: string): void {
  const each = tables().map(
    table => `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM ${name}.${table}`,
  )
  run(`BEGIN; ${each.join('; ')}; COMMIT`)
}

const tables = () =>
  run(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'natsuin_sam'`).split('\n')

describe('a record in PostgreSQL that was edited', () => {
  const edits = {
    'with its first bit changed': 'sealed = set_bit(sealed, 0, 1 - get_bit(sealed, 0))',
    'cut short': 'sealed = substring(sealed FROM 1 FOR length(sealed) - 1)',
    emptied: String.raw`sealed = '\x'`,
    'of another version': 'version = version + 1',
  }
  const isOf = (kind: string, { credentialId, signerId }: Signer) =>
    `kind = '${kind}' AND id = '${kind === 'credential' ? credentialId : signerId}'`

  for (const kind of ['credential', 'signer'] as const) {
    const others = () => `sealed = (SELECT sealed FROM records WHERE ${isOf(kind, stage.mallory)})`
    for (const [what, set] of [...Object.entries(edits), ['with Mallory’s in its place', others] as const]) {
      it(`(${kind}) ${what} is refused, and as it was it is taken (T-SAD-26, T-KEY-12)`, async () => {
        const items = await seenItems('contract.pdf')
        const pending = await approval(stage, stage.alice, items)
        await withEdit(isOf(kind, stage.alice), typeof set === 'string' ? set : set(), async () => {
          await assertRefused(stage, 'record-altered', () => ticketFor(stage, stage.alice))
          await assertRefused(stage, 'record-altered', () => stage.sam.call('approve', byPasskey(pending)))
        })
        const sad = await stage.sam.call('approve', byPasskey(pending))
        const { signatures } = await stage.sam.call('sign', useOf(sad, items))
        await assertSignatures(stage, stage.alice, items, signatures)
      })
    }
  }

  it('(SAD) gives no further signature, whatever is put in its place (T-SAD-26)', async () => {
    const items = await seenItems('first.pdf')
    const sad = await approved(stage, stage.alice, items)
    run(`CREATE TABLE fresh AS SELECT * FROM records WHERE kind = 'sad' AND id = '${sad.sadId}'`)
    await stage.sam.call('sign', useOf(sad, items))
    run(
      `DELETE FROM records WHERE kind = 'sad' AND id = '${sad.sadId}'; INSERT INTO records SELECT * FROM fresh`,
    )
    await assertRefused(stage, 'sad-spent', () => stage.sam.call('sign', useOf(sad, items)))
    run('DROP TABLE fresh')
    await signs(stage, stage.alice)
  })

  it('(ticket) stays spent when its row is deleted (T-SAD-26)', async () => {
    const answered = await approval(stage, stage.alice, await seenItems('contract.pdf'))
    await stage.sam.call('approve', byPasskey(answered))
    run('DELETE FROM nonces')
    await assertRefused(stage, 'ticket-spent', () => stage.sam.call('approve', byPasskey(answered)))
    await signs(stage, stage.alice)
  })
})

describeServerTables({
  stage: () => stage,
  edit: sql => {
    const { store } = stage.deployment.plan
    assert.ok(store !== 'sqlite')
    withPostgres(store.server, sql)
  },
})

describe('yesterday’s PostgreSQL', () => {
  /** After yesterday: a signature with its approval, and a revocation. */
  async function untilToday() {
    const victim = await enrolSigner(stage.deployment, { commonName: 'Revoked' })
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    keepAs('yesterday')
    await stage.sam.call('sign', useOf(sad, items))
    const { credentialId } = victim
    await stage.sam.call('credentials/revoke', { credentialId, reason: 'keyCompromise' })
    keepAs('today')
    return { victim, use: () => stage.sam.call('sign', useOf(sad, items)) }
  }
  async function backToToday(): Promise<void> {
    await stopSam(stage).catch(() => {})
    putBack('today')
    stage = await startSam(stage)
  }

  it('under a running SAM brings back no SAD and no credential, and forks no log (T-SAD-27)', async () => {
    const { victim, use } = await untilToday()
    putBack('yesterday')
    // The SAM may already have read that the log is not the one it wrote, which ends everything.
    const refusals = [await outcomeOf(use), await outcomeOf(() => ticketFor(stage, victim))]
    for (const [i, memory] of ['sad-spent', 'credential-revoked'].entries())
      assert.ok([memory, 'log-unavailable'].includes(refusals[i] ?? ''), refusals[i])
    const fresh = await seenItems('new.pdf')
    const before = run('SELECT count(*) FROM leaves')
    assert.equal(await outcomeOf(() => approved(stage, stage.alice, fresh)), 'log-unavailable')
    assert.equal(run('SELECT count(*) FROM leaves'), before)
    await backToToday()
    await assertRefused(stage, 'credential-revoked', () => ticketFor(stage, victim))
    await signs(stage, stage.alice)
  })

  it('is not started from (T-AUD-02)', async () => {
    const { victim } = await untilToday()
    await stopSam(stage)
    keepAs('today')
    putBack('yesterday')
    await assert.rejects(stage.deployment.restart('sam'), ProcessEnded)
    putBack('today')
    stage = await startSam(stage)
    await assertRefused(stage, 'credential-revoked', () => ticketFor(stage, victim))
    await signs(stage, stage.alice)
  })
})
