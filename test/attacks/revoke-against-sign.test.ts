/** Revocation against signing: once it is acknowledged, nothing more is delivered, ever (T-SAD-25, G4, INV-4). */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { byPasskey, enrolSigner, type Signer } from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import {
  approval,
  approved,
  assertRefused,
  databaseOf,
  openStage,
  outcomeOf,
  reconnected,
  type Stage,
  seenItems,
  signs,
  useOf,
  withDatabase,
} from './stage.ts'

const CALLS = 60

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

interface Timed {
  readonly at: number
  readonly outcome: string
}

async function timed(call: Promise<unknown>): Promise<Timed> {
  const outcome = await call.then(
    () => 'delivered',
    (error: { code?: string }) => String(error.code),
  )
  return { at: performance.now(), outcome }
}

async function raceAgainst(victim: Signer, delay: number) {
  const items = await seenItems(...Array.from({ length: CALLS }, (_, i) => `${i}.pdf`))
  const sad = await approved(stage, victim, items)
  const begun: Promise<Timed>[] = []
  const revoking = setTimeout(delay).then(() =>
    timed(
      stage.sam.call('credentials/revoke', { credentialId: victim.credentialId, reason: 'keyCompromise' }),
    ),
  )
  for (const item of items) {
    begun.push(timed(stage.sam.call('sign', useOf(sad, [item]))))
    await setTimeout(0)
  }
  const [revoked, ...calls] = await Promise.all([revoking, ...begun])
  return { revoked, calls, sad, items }
}

describe('revocation', () => {
  it('wins: what is delivered was delivered before it was acknowledged (T-SAD-25, T-REV-01)', async () => {
    const delays = Array.from({ length: rounds('revocation') }, (_, i) => 5 + 25 * (i % 4))
    const seen = new Set<string>()
    for (const [i, delay] of delays.entries()) {
      const victim = await enrolSigner(stage.deployment, { commonName: `Victim ${i}` })
      const { revoked, calls, sad, items } = await raceAgainst(victim, delay)
      assert.equal(revoked.outcome, 'delivered')
      for (const { outcome, at } of calls) {
        seen.add(outcome)
        // An answer that was released before the acknowledgement may be read just after it.
        if (outcome === 'delivered') assert.ok(at <= revoked.at + 1, `delivered ${at - revoked.at} ms after`)
        else assert.equal(outcome, 'credential-revoked')
      }
      for (const item of items.slice(0, 3)) {
        await assertRefused(stage, 'credential-revoked', () => stage.sam.call('sign', useOf(sad, [item])))
      }
    }
    assert.deepEqual(seen, new Set(['delivered', 'credential-revoked']), 'the race was one')
  })

  it('refuses tickets, approvals and stored answers too', async () => {
    const victim = await enrolSigner(stage.deployment, { commonName: 'Last victim' })
    const { credentialId } = victim
    const items = await seenItems('contract.pdf')
    const kept = useOf(await approved(stage, victim, items), items, { requestId: 'once' })
    const pending = await approval(stage, victim, items)
    await stage.sam.call('sign', kept)
    await stage.sam.call('credentials/revoke', { credentialId, reason: 'unspecified' })
    const ticket = { credentialId, clientId: 'application' }
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('tickets/approve', ticket))
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('approve', byPasskey(pending)))
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('sign', kept))
    await signs(stage, stage.alice)
  })

  it('holds after a restart, and against a database that never heard of it (T-SAD-27)', async () => {
    const victim = await enrolSigner(stage.deployment, { commonName: 'Forgotten victim' })
    const { credentialId } = victim
    const path = databaseOf(stage.deployment, 'sam')
    const row = withDatabase(path, database =>
      database
        .prepare("SELECT version, sealed FROM records WHERE kind = 'credential' AND id = ?")
        .get(credentialId),
    )
    await stage.sam.call('credentials/revoke', { credentialId, reason: 'unspecified' })
    withDatabase(path, database =>
      database
        .prepare("UPDATE records SET version = ?, sealed = ? WHERE kind = 'credential' AND id = ?")
        .run(row?.['version'] ?? null, row?.['sealed'] ?? null, credentialId),
    )
    const ticket = { credentialId, clientId: 'application' }
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('tickets/approve', ticket))
    stage = await reconnected(stage)
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('tickets/approve', ticket))
    await signs(stage, stage.alice)
  })
})

describe('revocation while a signature is under way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-failpoints-'))
  const failpoints = join(folder, 'failpoints.sock')
  /** The SAM waits at this point until it is told to go on. */
  let held: { readonly name: string; readonly reached: () => void; readonly goOn: Promise<void> } | undefined
  let gate: Server
  let watched: Stage
  before(async () => {
    gate = createServer(socket => {
      socket.on('data', async data => {
        if (data.toString().trim() === held?.name) {
          held.reached()
          await held.goOn
        }
        socket.end('\n')
      })
    }).listen(failpoints)
    watched = await openStage({ failpoints })
  })
  after(async () => {
    await watched.close()
    gate.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const name of ['granted', 'module-signed', 'completed']) {
    it(`keeps the value back when it comes after ${name} (G4) (T-REV-01)`, async () => {
      const victim = await enrolSigner(watched.deployment, { commonName: 'Victim' })
      const items = await seenItems('contract.pdf')
      const use = useOf(await approved(watched, victim, items), items, { requestId: 'once' })
      const reached = Promise.withResolvers<void>()
      const goOn = Promise.withResolvers<void>()
      held = { name, reached: reached.resolve, goOn: goOn.promise }
      const signing = outcomeOf(() => watched.sam.call('sign', use))
      await reached.promise
      held = undefined
      const { credentialId } = victim
      await watched.sam.call('credentials/revoke', { credentialId, reason: 'keyCompromise' })
      goOn.resolve()
      assert.equal(await signing, 'credential-revoked')
      await assertRefused(watched, 'credential-revoked', () => watched.sam.call('sign', use))
      await signs(watched, watched.alice)
    })
  }
})
