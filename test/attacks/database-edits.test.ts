/**
 * Whoever writes to both databases raises, resets, moves and exchanges what he likes (T-SAD-26, T-KEY-12, INV-8).
 *
 * Each edit is tried and taken back; after it, the same request with the database as it was succeeds.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { SQLInputValue } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { byPasskey, enrolSigner, type Signer } from '@natsuin/testing/deployment'
import { describeServerTables } from './server-tables.suite.ts'
import {
  approval,
  approved,
  assertRefused,
  assertSignatures,
  databaseOf,
  flipped,
  openStage,
  outcomeOf,
  type Stage,
  seenItems,
  signs,
  ticketFor,
  useOf,
  withDatabase,
} from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

type Row = Readonly<Record<string, SQLInputValue>>

const sam = <T>(work: Parameters<typeof withDatabase<T>>[1]) =>
  withDatabase(databaseOf(stage.deployment, 'sam'), work)

function readRecord(kind: string, id: string): Row {
  const row = sam(database =>
    database.prepare('SELECT * FROM records WHERE kind = ? AND id = ?').get(kind, id),
  )
  assert.ok(row, `${kind} ${id}`)
  return row
}

function writeRecord(row: Row): void {
  const { kind = null, id = null, version = null, sealed = null } = row
  sam(database =>
    database.prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)').run(kind, id, version, sealed),
  )
}

function deleteRecord(kind: string, id: string): void {
  sam(database => database.prepare('DELETE FROM records WHERE kind = ? AND id = ?').run(kind, id))
}

/** With the row replaced, or gone; then as it was. */
async function withRecord(before: Row, now: Row | undefined, attempt: () => Promise<void>): Promise<void> {
  if (now === undefined) deleteRecord(String(before['kind']), String(before['id']))
  else writeRecord(now)
  try {
    await attempt()
  } finally {
    writeRecord(before)
  }
}

const sealedOf = (row: Row) => {
  const { sealed } = row
  assert.ok(sealed instanceof Uint8Array)
  return sealed
}

const authenticatorOf = async (signer: Signer) => {
  const [id = new Uint8Array()] = (await ticketFor(stage, signer)).allow
  return createHash('sha256').update(id).digest('base64url')
}

describe('with the databases as they are', () => {
  it('both sign', async () => {
    await signs(stage, stage.alice)
    await signs(stage, stage.mallory)
  })
})

describe('a record of the SAM that was edited', () => {
  const edits: readonly (readonly [string, (row: Row, other: Row) => Row | undefined])[] = [
    ['with its first bit changed', row => ({ ...row, sealed: flipped(sealedOf(row), 0) })],
    ['with its last bit changed', row => ({ ...row, sealed: flipped(sealedOf(row)) })],
    [
      'with a bit in the middle changed',
      row => ({ ...row, sealed: flipped(sealedOf(row), sealedOf(row).length >> 1) }),
    ],
    ['cut short', row => ({ ...row, sealed: sealedOf(row).slice(0, -1) })],
    ['emptied', row => ({ ...row, sealed: new Uint8Array() })],
    ['of another version', row => ({ ...row, version: Number(row['version']) + 1 })],
    ['with Mallory’s in its place (T-KEY-12)', (row, other) => ({ ...row, sealed: sealedOf(other) })],
    [
      'with Mallory’s in its place, version and all (T-KEY-12)',
      (row, other) => ({ ...other, id: row['id'] ?? null }),
    ],
  ]
  for (const kind of ['credential', 'signer'] as const) {
    for (const [what, edit] of edits) {
      it(`(${kind}) ${what} is refused`, async () => {
        const idOf = ({ credentialId, signerId }: Signer) => (kind === 'credential' ? credentialId : signerId)
        const [own, other] = [readRecord(kind, idOf(stage.alice)), readRecord(kind, idOf(stage.mallory))]
        const items = await seenItems('contract.pdf')
        const pending = await approval(stage, stage.alice, items)
        await withRecord(own, edit(own, other), async () => {
          await assertRefused(stage, 'record-altered', () => ticketFor(stage, stage.alice))
          await assertRefused(stage, 'record-altered', () => stage.sam.call('approve', byPasskey(pending)))
        })
        const sad = await stage.sam.call('approve', byPasskey(pending))
        await assertSignatures(
          stage,
          stage.alice,
          items,
          (await stage.sam.call('sign', useOf(sad, items))).signatures,
        )
      })
    }
  }

  it('(counter) is refused or does not matter: the authenticator’s counter cannot be set back (T-WA-06)', async () => {
    for (const edit of ['older', 'deleted'] as const) {
      const erin = await enrolSigner(stage.deployment, { commonName: 'Erin', countryName: 'JP' })
      const id = await authenticatorOf(erin)
      await signs(stage, erin)
      const older = readRecord('counter', id)
      await signs(stage, erin)
      const items = await seenItems('contract.pdf')
      const copied = await approval(stage, erin, items, { deviations: { counter: 1 } })
      await withRecord(readRecord('counter', id), edit === 'older' ? older : undefined, () =>
        assertRefused(stage, 'counter-regression', () => stage.sam.call('approve', byPasskey(copied))),
      )
    }
    await signs(stage, stage.alice)
  })

  it('(grant) that was set back to unspent is not enrolled with again', async () => {
    const [{ grantId = '' } = {}] = stage.leaves('enrolled')
    const own = readRecord('grant', grantId)
    for (const version of [1, 2, 3]) {
      await withRecord(own, { ...own, version }, async () => {
        const code = await outcomeOf(() => stage.sam.call('tickets/enrol', { grantId }))
        assert.ok(['record-altered', 'grant-spent'].includes(code), code)
      })
    }
    await assertRefused(stage, 'grant-spent', () => stage.sam.call('tickets/enrol', { grantId }))
  })

  it('(every kind) is nowhere readable: no name, no key, no certificate in clear', () => {
    const rows = sam(database => database.prepare('SELECT sealed FROM records').all())
    const all = Buffer.concat(rows.map(sealedOf))
    for (const text of ['Alice Victim', 'Mallory', 'authenticators', 'wrapped']) {
      assert.equal(all.includes(text), false, text)
    }
  })
})

describe('the count of a SAD', () => {
  it('is not in the database, whatever is written there (T-SAD-26)', async () => {
    const items = await seenItems('first.pdf', 'second.pdf')
    const sad = await approved(stage, stage.alice, items)
    const fresh = readRecord('sad', sad.sadId)
    await stage.sam.call('sign', useOf(sad, items))
    const spent = readRecord('sad', sad.sadId)
    assert.notDeepEqual(spent, fresh)
    const other = await approved(stage, stage.alice, items)
    const others = readRecord('sad', other.sadId)
    const attempts = [
      fresh,
      undefined,
      { ...spent, version: 1 },
      { ...others, id: sad.sadId },
      { ...spent, version: 99 },
    ]
    for (const now of attempts) {
      await withRecord(spent, now, () =>
        assertRefused(stage, 'sad-spent', () => stage.sam.call('sign', useOf(sad, items))),
      )
    }
    await stage.sam.call('sign', useOf(other, items))
  })

  it('set forward on disk stops the SAD, and signs nothing twice', async () => {
    const items = await seenItems('first.pdf', 'second.pdf')
    const sad = await approved(stage, stage.alice, items)
    const own = readRecord('sad', sad.sadId)
    await withRecord(own, { ...own, version: 7 }, () =>
      assertRefused(stage, 'record-altered', () => stage.sam.call('sign', useOf(sad, items.slice(0, 1)))),
    )
    await signs(stage, stage.alice)
  })

  it('does not come back with the record of an activation', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    const use = useOf(sad, items, { requestId: 'once' })
    const { activationId, signatures } = await stage.sam.call('sign', use)
    const own = readRecord('activation', activationId)
    await withRecord(own, undefined, () =>
      assertRefused(stage, 'sad-spent', () => stage.sam.call('sign', use)),
    )
    await withRecord(own, { ...own, sealed: flipped(sealedOf(own)) }, () =>
      assertRefused(stage, 'record-altered', () => stage.sam.call('sign', use)),
    )
    await withRecord(own, { ...own, version: 1 }, () =>
      assertRefused(stage, 'record-altered', () => stage.sam.call('sign', use)),
    )
    assert.deepEqual((await stage.sam.call('sign', use)).signatures, signatures)
  })
})

describe('a spent ticket', () => {
  it('stays spent when its row is deleted (T-SAD-26)', async () => {
    const answered = await approval(stage, stage.alice, await seenItems('contract.pdf'))
    await stage.sam.call('approve', byPasskey(answered))
    sam(database => database.exec('DELETE FROM nonces'))
    await assertRefused(stage, 'ticket-spent', () => stage.sam.call('approve', byPasskey(answered)))
    await signs(stage, stage.alice)
  })
})

describeServerTables({
  stage: () => stage,
  edit: sql => withDatabase(databaseOf(stage.deployment, 'server'), database => database.exec(sql)),
})
