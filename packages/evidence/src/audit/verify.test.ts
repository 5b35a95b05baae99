import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type ActivityLeaf,
  activityLog,
  BLOCK_LEAVES,
  STATE_LOG,
  type StateLeaf,
} from '@natsuin/protocol/log'
import { rounds } from '@natsuin/testing/rounds'
import {
  ACTIVITY,
  bothLogs,
  bytesOf,
  CREDENTIAL,
  createSigningKey,
  exported,
  INSTANCE,
  signatureLeaves,
  streamed,
  type Written,
  writeLogs,
} from '../fixture/exported.ts'
import type { AuditQuestion, ExportedLog } from './question.ts'
import { verifyAudit } from './verify.ts'

const LEAVES = 10_000
const key = createSigningKey()
const written = writeLogs(key, LEAVES)
const whole = bothLogs(key, written)

const ask = (logs: readonly ExportedLog[], more: Partial<AuditQuestion> = {}) =>
  verifyAudit({ samKey: key.samKey, samKeyDigest: key.samKeyDigest, logs, platform: nodePlatform, ...more })

/** The logs as they are, the activity log with other leaves under the same head. */
const withLeaves = (activity: readonly Uint8Array[]): ExportedLog[] =>
  whole.map(log => (log.name === ACTIVITY ? { ...log, leaves: streamed(activity) } : log))

async function reasonOf(logs: readonly ExportedLog[], more: Partial<AuditQuestion> = {}) {
  const verdict = await ask(logs, more)
  return verdict.valid ? undefined : verdict.reason
}

/** What a SAM would have signed, had it written this. */
const signed = (changed: Partial<Written>) => bothLogs(key, { ...written, ...changed })

describe('an export of the logs (T-AUD-11)', () => {
  it('is in order when it is whole: how much there is of what, and until when', async () => {
    const verdict = await ask(whole)
    assert.ok(verdict.valid, JSON.stringify(verdict))
    const [state, activity] = verdict.facts.logs
    assert.deepEqual([state?.size, activity?.size], [written.state.length, LEAVES])
    assert.equal(activity?.events['sad-accepted'], 3333)
    assert.equal(activity?.open, 0)
    assert.equal(verdict.facts.compared, true)
  })

  it('says of each log by itself what can be said, when the state log is not there', async () => {
    const verdict = await ask(whole.filter(({ name }) => name === ACTIVITY))
    assert.ok(verdict.valid)
    assert.equal(verdict.facts.compared, false)
  })

  const count = rounds('sampledLeaves')
  const samples = Array.from({ length: count }, (_, i) => Math.floor((i * (LEAVES - 1)) / (count - 1)))
  const edits: Readonly<Record<string, (leaves: Uint8Array[], at: number) => void>> = {
    'with a byte changed': (leaves, at) => {
      const leaf = Uint8Array.from(leaves[at] ?? [])
      const digit = leaf.findIndex(byte => byte >= 0x30 && byte < 0x39)
      leaf[digit] = (leaf[digit] ?? 0) + 1
      leaves[at] = leaf
    },
    'with a leaf taken out': (leaves, at) => void leaves.splice(at, 1),
    'with two leaves exchanged': (leaves, at) => {
      const other = at === 0 ? 1 : at - 1
      ;[leaves[at], leaves[other]] = [leaves[other] ?? assert.fail(), leaves[at] ?? assert.fail()]
    },
    'with a leaf put in': (leaves, at) => void leaves.splice(at, 0, leaves[0] ?? assert.fail()),
  }
  for (const [what, edit] of Object.entries(edits)) {
    it(`is not, ${what}, wherever: the block where it is found is named (T-AUD-01)`, async () => {
      for (const at of samples) {
        const leaves = [...written.activity]
        edit(leaves, at)
        const verdict = await ask(withLeaves(leaves))
        assert.ok(!verdict.valid, `${what} at ${at}`)
        const { log, from, to } = verdict.place ?? assert.fail(verdict.detail)
        assert.equal(log, ACTIVITY)
        assert.ok(to - from <= BLOCK_LEAVES)
        // Two that were exchanged may stand on both sides of a border.
        assert.ok(from <= at && at <= to, `${what} at ${at}: ${from} to ${to}`)
      }
    })
  }

  it('is not with its end cut off, or with more than its head covers (T-AUD-02)', async () => {
    const { activity } = written
    assert.equal(await reasonOf(withLeaves(activity.slice(0, -3))), 'leaves-missing')
    assert.equal(await reasonOf(withLeaves([...activity, ...activity.slice(-1)])), 'leaves-surplus')
  })

  it('is not when it goes on from none of the heads that the state log names or that somebody kept (T-AUD-02, T-AUD-03)', async () => {
    const kept = [key.checkpoint(ACTIVITY, written.activity.slice(0, 9000))]
    assert.equal(await reasonOf(whole, { kept }), undefined)
    const shorter = signed({ activity: written.activity.slice(0, 8999) })
    assert.equal(await reasonOf(shorter, { kept }), 'leaves-missing')
    const other = writeLogs(key, 8000).activity.with(5, bytesOf(refusal(1)))
    const rewritten = [...other, ...written.activity.slice(8000)]
    assert.equal(await reasonOf(signed({ activity: rewritten }), { kept }), 'history-differs')
    const otherwiseBegun = written.activity.with(0, bytesOf(refusal(0)))
    assert.equal(await reasonOf(signed({ activity: otherwiseBegun })), 'history-differs')
  })

  it('is not when the SAM key is another one, or signed none of it', async () => {
    const other = createSigningKey()
    const logs = whole
    assert.equal(await reasonOf(logs, { samKeyDigest: other.samKeyDigest }), 'sam-key-not-pinned')
    assert.equal(await reasonOf(bothLogs(other, written)), 'checkpoint-not-genuine')
  })

  it('is not when a log is left out, there twice, or called by another name', async () => {
    const [state, activity] = whole
    assert.ok(state && activity)
    assert.equal(await reasonOf([state]), 'log-missing')
    assert.equal(await reasonOf([state, activity, activity]), 'log-of-another')
    assert.equal(await reasonOf([state, { ...activity, name: activityLog('sam-2') }]), 'log-of-another')
    const strange = exported(key, activityLog('sam-2'), written.activity)
    assert.equal(await reasonOf([state, activity, strange]), 'log-missing')
  })

  it('is not when no witness that the verifier names cosigned it', async () => {
    const vkeys = ['remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2']
    assert.equal(await reasonOf(whole, { witnesses: { vkeys } }), 'not-witnessed')
  })

  it('tells where the time went back, and takes the order from the leaves (T-AUD-10)', async () => {
    const activity = [...written.activity, bytesOf(refusal(-86_400_000)), bytesOf(refusal(-86_399_000))]
    const verdict = await ask(signed({ activity }))
    assert.ok(verdict.valid)
    assert.equal(verdict.facts.logs[1]?.timesBack, 1)
  })
})

const START = Date.parse('2026-06-01T12:00:00Z')
const refusal = (later: number): ActivityLeaf => ({
  event: 'refused',
  at: START + later,
  operation: 'sign',
  reason: 'sad-expired',
})

describe('logs that a SAM signed', () => {
  const small = writeLogs(key, 1)
  const size = small.state.length
  const [accepted, granted, completed] = signatureLeaves(0, size)
  assert.ok(accepted && granted?.event === 'granted' && completed?.event === 'completed')
  const gone: StateLeaf = { event: 'credential-revoked', at: START, credentialId: CREDENTIAL, reason: 'lost' }
  const settled: ActivityLeaf = {
    event: 'settled',
    at: START,
    activationId: 'activation-0',
    outcome: 'unknown',
  }
  const began: ActivityLeaf = { event: 'began', at: START, bootId: 'boot-2', stateSize: size }

  const judged = (leaves: readonly ActivityLeaf[], state: readonly StateLeaf[] = []) =>
    reasonOf(
      bothLogs(key, {
        state: [...small.state, ...state.map(bytesOf)],
        activity: [...small.activity, ...leaves.map(bytesOf)],
      }),
    )
  const known = <L extends { stateSize: number }>(leaf: L): L => ({ ...leaf, stateSize: size + 1 })

  const activities: Readonly<Record<string, readonly ActivityLeaf[]>> = {
    'that nobody approved what was granted': [granted],
    'that a restart did not void what was approved': [accepted, began, granted],
    'that one activation was granted twice': [accepted, granted, granted],
    'that it was granted again after its outcome': [accepted, granted, completed, granted],
    'that one activation has two outcomes (T-AUD-06)': [accepted, granted, completed, settled],
    'that something ended that was never granted': [accepted, completed],
    'that more was signed than was granted': [
      accepted,
      granted,
      { ...completed, signatureDigests: [...completed.signatureDigests, ...completed.signatureDigests] },
    ],
    'that a SAM forgot what it knew': [known(began), accepted],
    'that there is no such credential': [{ ...accepted, credentialId: 'another' } as ActivityLeaf],
  }
  for (const [what, leaves] of Object.entries(activities)) {
    it(`are not in order when they say ${what}`, async () => {
      assert.equal(await judged(leaves), 'records-contradict')
    })
  }

  it('are in order up to what was going on', async () => {
    assert.equal(await judged([accepted, granted, completed]), undefined)
    assert.equal(await judged([accepted, granted, began, settled]), undefined)
    assert.equal(await judged([accepted, granted]), undefined)
  })

  it('are not when a key was used that the SAM knew to be taken away', async () => {
    assert.equal(await judged([accepted, known(granted)], [gone]), 'records-contradict')
    assert.equal(await judged([accepted, granted, completed], [gone]), undefined)
    const closed: StateLeaf = { event: 'signer-closed', at: START, signerId: 'signer-1', grantId: 'grant-2' }
    assert.equal(await judged([accepted, known(granted)], [closed]), 'records-contradict')
  })

  it('are not when a key signed its certification request that the SAM knew to be taken away', async () => {
    const requested = (stateSize: number): ActivityLeaf => ({
      event: 'certificate-requested',
      at: START,
      stateSize,
      credentialId: CREDENTIAL,
      infoDigest: new Uint8Array(32),
      approvals: [new Uint8Array(32)],
    })
    assert.equal(await judged([requested(size)], [gone]), undefined)
    assert.equal(await judged([requested(size + 1)], [gone]), 'records-contradict')
  })

  it('are not when rotations of the master key do not follow each other', async () => {
    const labels = (master: string, replaces: string) => ({ at: START, master, replaces })
    const begun = (master: string, replaces: string): StateLeaf => ({
      event: 'master-key-rotation-begun',
      ...labels(master, replaces),
      approvals: [new Uint8Array(32)],
    })
    const ended = (master: string, replaces: string): StateLeaf => ({
      event: 'master-key-rotated',
      ...labels(master, replaces),
    })
    const whole = [begun('m-2', 'm-1'), ended('m-2', 'm-1'), begun('m-3', 'm-2')]
    assert.equal(await judged([], whole), undefined)
    for (const wrong of [ended('m-2', 'm-1'), begun('m-4', 'm-3'), ended('m-3', 'm-1')]) {
      assert.equal(await judged([], [...whole, wrong]), 'records-contradict')
    }
  })

  const genesis: StateLeaf = { event: 'genesis', at: START, rosterDigest: new Uint8Array(32) }
  const grant: StateLeaf = {
    event: 'grant-accepted',
    at: START,
    grantId: 'grant-1',
    rosterVersion: 1,
    approvals: [new Uint8Array(32)],
  }
  const amended: StateLeaf = {
    event: 'roster-amended',
    at: START,
    version: 3,
    rosterDigest: new Uint8Array(32),
    approvals: [new Uint8Array(32)],
  }
  const states: Readonly<Record<string, StateLeaf>> = {
    'a second genesis': genesis,
    'a grant that was accepted twice': grant,
    'a roster without the one before it': amended,
    'a revocation of what never was': { ...gone, credentialId: 'another' },
    'the head of another log for an activity log': {
      event: 'closed',
      at: START,
      instance: INSTANCE,
      bootId: 'boot-1',
      activity: key.checkpoint(STATE_LOG, small.state),
    },
  }
  for (const [what, leaf] of Object.entries(states)) {
    it(`are not when the state log has ${what}`, async () => {
      const reason = await judged([], [leaf])
      assert.ok(reason === 'records-contradict' || reason === 'log-of-another', reason)
    })
  }

  it('are not when a leaf is none of theirs', async () => {
    const strange = Buffer.from('{"event":"signed"}')
    const activity = [...small.activity, new Uint8Array(strange)]
    assert.equal(await reasonOf(bothLogs(key, { ...small, activity })), 'leaf-unreadable')
  })
})
