/**
 * Yesterday's database, put back while the SAM runs and while it does not (T-SAD-27, T-AUD-03; sole-control 9).
 *
 * Nothing that was spent or revoked comes back, and the log is never forked: a SAM whose log is not the one it
 * wrote closes it, and does not start again until the right one is there.
 */
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import type { SeenItem } from '@natsuin/protocol/approval'
import { peekCheckpoint } from '@natsuin/protocol/log'
import type { SapResponse } from '@natsuin/protocol/sap'
import { enrolSigner, ProcessEnded, type Signer } from '@natsuin/testing/deployment'
import { giveWitness } from '@natsuin/testing/witness'
import {
  approved,
  assertRefused,
  databaseOf,
  openStage,
  outcomeOf,
  reconnected,
  type Stage,
  seenItems,
  signs,
  startSam,
  stopSam,
  useOf,
  withDatabase,
} from './stage.ts'

const FILES = ['', '-wal', '-shm'] as const

let stage: Stage
/** A signer whose credential is revoked after yesterday. */
let victim: Signer
/** An approval of yesterday that is used after it. */
let items: SeenItem[]
let sad: SapResponse<'approve'>

const path = () => databaseOf(stage.deployment, 'sam')
const yesterday = () => join(stage.deployment.directory, 'yesterday.db')
const today = () => join(stage.deployment.directory, 'today.db')

/** A whole copy of the database as it is now. */
function copyTo(target: string): void {
  rmSync(target, { force: true })
  withDatabase(path(), database => database.prepare('VACUUM INTO ?').run(target))
}

/** The file under the name, and nothing beside it of what was there. */
function putBack(source: string): void {
  for (const suffix of FILES) rmSync(path() + suffix, { force: true })
  copyFileSync(source, path())
}

const use = () => stage.sam.call('sign', useOf(sad, items))
const ticketOf = ({ credentialId }: Signer) =>
  stage.sam.call('tickets/approve', { credentialId, clientId: 'application' })

/** Newest signed heads of the two logs. */
async function headsOf({ sam }: Stage) {
  const { state, activity } = await sam.call('checkpoints', {})
  return { state: peekCheckpoint(state), activity: peekCheckpoint(activity) }
}

before(async () => {
  stage = await openStage()
})
after(() => stage.close())

beforeEach(async () => {
  victim = await enrolSigner(stage.deployment, { commonName: 'Revoked' })
  items = await seenItems('contract.pdf')
  sad = await approved(stage, stage.alice, items)
  copyTo(yesterday())
  await use()
  await stage.sam.call('credentials/revoke', { credentialId: victim.credentialId, reason: 'keyCompromise' })
})

describe('while the SAM runs, yesterday’s rows', () => {
  /** The attacker replaces the content under the open connection: the same file, older rows. */
  function overwriteRows(): void {
    withDatabase(path(), database => {
      database.prepare('ATTACH ? AS old').run(yesterday())
      database.exec('BEGIN IMMEDIATE')
      for (const table of ['records', 'nonces', 'leaves', 'subtrees']) {
        database.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM old.${table}`)
      }
      database.exec('COMMIT; DETACH old')
    })
  }

  beforeEach(() => copyTo(today()))
  afterEach(async () => {
    await stopSam(stage)
    putBack(today())
    stage = await startSam(stage)
    await signs(stage, stage.alice)
  })

  it('bring back no SAD and no credential, and the log is closed rather than forked (T-SAD-27)', async () => {
    const uses = stage.keyUses()
    const heads = await headsOf(stage)
    overwriteRows()
    assert.equal(await outcomeOf(use), 'sad-spent')
    assert.equal(await outcomeOf(() => ticketOf(victim)), 'credential-revoked')
    const fresh = await seenItems('new.pdf')
    assert.equal(await outcomeOf(() => approved(stage, stage.alice, fresh)), 'log-unavailable')
    assert.equal(await outcomeOf(() => approved(stage, stage.mallory, fresh)), 'log-unavailable')
    assert.deepEqual(await headsOf(stage), heads)
    const rows = withDatabase(path(), database => database.prepare('SELECT count(*) AS n FROM leaves').get())
    const known = heads.state.size + heads.activity.size
    assert.ok(Number(rows?.['n']) < known, 'nothing was written after the older rows')
    assert.ok(stage.keyUses().completed <= uses.completed)
  })

  it('in an exchanged file bring back nothing either', async () => {
    const { completed } = stage.keyUses()
    for (const suffix of FILES) {
      if (existsSync(path() + suffix)) renameSync(path() + suffix, `${path()}.gone${suffix}`)
    }
    copyFileSync(yesterday(), path())
    assert.equal(await outcomeOf(use), 'sad-spent')
    assert.equal(await outcomeOf(() => ticketOf(victim)), 'credential-revoked')
    const fresh = await seenItems('new.pdf')
    assert.equal(await outcomeOf(() => approved(stage, stage.alice, fresh)), 'log-unavailable')
    const rows = withDatabase(path(), database =>
      database.prepare("SELECT count(*) AS n FROM leaves WHERE CAST(leaf AS TEXT) LIKE '%completed%'").get(),
    )
    assert.ok(Number(rows?.['n']) < completed, 'the exchanged file grew by nothing')
    for (const suffix of FILES) rmSync(`${path()}.gone${suffix}`, { force: true })
  })
})

describe('while the SAM is down, yesterday’s database', () => {
  beforeEach(async () => {
    await stopSam(stage)
    copyTo(today())
  })
  afterEach(async () => {
    putBack(today())
    stage = await startSam(stage)
    await assertRefused(stage, 'credential-revoked', () => ticketOf(victim))
    await assertRefused(stage, 'sad-unknown', use)
    await signs(stage, stage.alice)
  })

  it('is not started from: its log does not reach the checkpoint outside (T-AUD-02)', async () => {
    putBack(yesterday())
    await assert.rejects(stage.deployment.restart('sam'), isRejectedLog)
  })

  it('is not started from with a leaf removed, changed, exchanged or put in between (T-AUD-01)', async () => {
    const edits = [
      `DELETE FROM leaves WHERE log = 'state' AND idx = (SELECT max(idx) FROM leaves WHERE log = 'state')`,
      `DELETE FROM leaves WHERE log <> 'state' AND idx = (SELECT max(idx) FROM leaves WHERE log <> 'state')`,
      'DELETE FROM leaves WHERE idx = 5',
      "DELETE FROM leaves WHERE log <> 'state'",
      `UPDATE leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), '"at":1', '"at":2') AS BLOB) WHERE idx = 5`,
      'UPDATE leaves SET hash = (SELECT hash FROM leaves AS l WHERE l.log = leaves.log AND l.idx = 4) WHERE idx = 5',
      "DELETE FROM leaves WHERE CAST(leaf AS TEXT) LIKE '%credential-revoked%'",
      "DELETE FROM records WHERE kind = 'roster'",
    ]
    for (const edit of edits) {
      withDatabase(path(), database => database.exec(edit))
      await assert.rejects(stage.deployment.restart('sam'), ProcessEnded, edit)
      putBack(today())
    }
  })

  it('is not started from with a log of the attacker’s own behind the same roster (T-AUD-03)', async () => {
    withDatabase(path(), database =>
      database.exec(`
        DELETE FROM leaves WHERE CAST(leaf AS TEXT) LIKE '%credential-revoked%';
        UPDATE leaves SET idx = idx + 100000;
      `),
    )
    await assert.rejects(stage.deployment.restart('sam'), isRejectedLog)
  })

  it('is not started from without the checkpoint outside, or with one of another key', async () => {
    const file = join(stage.deployment.directory, 'sam', 'checkpoints', 'state.txt')
    const kept = readFileSync(file)
    renameSync(file, `${file}.kept`)
    await assert.rejects(stage.deployment.restart('sam'), ProcessEnded)
    const forged = kept.toString('utf8').replace(/\n(\d+)\n/, '\n1\n')
    writeFileSync(file, forged)
    await assert.rejects(stage.deployment.restart('sam'), isRejectedLog)
    renameSync(`${file}.kept`, file)
  })
})

describe('with a witness, yesterday’s database and yesterday’s checkpoints outside', () => {
  const checkpoints = () => join(stage.deployment.directory, 'sam', 'checkpoints')

  it('are not started from, all of them as they were (T-AUD-02)', async () => {
    const witness = await giveWitness(stage.deployment)
    stage = await reconnected(stage)
    await stopSam(stage)
    copyTo(yesterday())
    cpSync(checkpoints(), `${checkpoints()}.yesterday`, { recursive: true })
    stage = await startSam(stage)
    const { credentialId } = await enrolSigner(stage.deployment, { commonName: 'Revoked' })
    await stage.sam.call('credentials/revoke', { credentialId, reason: 'keyCompromise' })
    await stopSam(stage)
    copyTo(today())
    cpSync(checkpoints(), `${checkpoints()}.today`, { recursive: true })
    putBack(yesterday())
    cpSync(`${checkpoints()}.yesterday`, checkpoints(), { recursive: true })
    await assert.rejects(stage.deployment.restart('sam'), isRejectedLog)
    putBack(today())
    cpSync(`${checkpoints()}.today`, checkpoints(), { recursive: true })
    stage = await startSam(stage)
    await signs(stage, stage.alice)
    await witness.stop()
  })
})

function isRejectedLog(error: unknown): boolean {
  assert.ok(error instanceof ProcessEnded)
  assert.match(
    error.message,
    /LogRejected|it has \d+ leaves|has seen \d+ leaves|another one than a head|missing or was changed|signed by this SAM/,
  )
  return true
}
