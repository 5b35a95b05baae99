import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Leaf } from '@natsuin/protocol/log'
import { Refusal } from '@natsuin/protocol/refusal'
import type { CommitOutcome, Group, LogTail, Store } from '../store/store.ts'
import { Journal, NotCommitted } from './journal.ts'
import { MerkleTree } from './merkle-tree.ts'

/** A store in memory that does what a case says; it keeps the groups that it was given. */
function scripted(...script: readonly ((group: Group) => CommitOutcome | Promise<CommitOutcome>)[]) {
  const groups: Group[] = []
  let tail: LogTail | undefined
  const committed = (group: Group): CommitOutcome => {
    tail = group.rows.at(-1) ?? tail
    return { outcome: 'committed' }
  }
  const setTail = (row: LogTail | undefined) => {
    tail = row
  }
  const store: Store = {
    commit: async group => {
      groups.push(group)
      return (script[groups.length - 1] ?? committed)(group)
    },
    tail: async () => tail,
    read: async () => undefined,
    rows: async () => [],
    hashes: async () => [],
    close: async () => {},
  }
  const closed: string[] = []
  const journal = new Journal({
    store,
    origin: 'natsuin.example/tests',
    tree: new MerkleTree(),
    newest: undefined,
    now: () => 0,
    onRecords: () => {},
    onClosed: reason => closed.push(reason),
  })
  return { journal, store, groups, closed, committed, setTail }
}

const leaf = (bootId: string): Leaf => ({ event: 'closed', at: 0, bootId })
const entry = (bootId = 'boot') => ({ leaves: [leaf(bootId)] })
const isRefusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const sizes = (groups: readonly Group[]) => groups.map(({ members }) => members.length)

describe('the journal', () => {
  it('commits together what arrives in one turn, and tells each where its first leaf stands', async () => {
    const { journal, groups } = scripted()
    const two = { leaves: [leaf('a'), leaf('b')] }
    assert.deepEqual(
      await Promise.all([journal.append(entry()), journal.append(two), journal.append(entry())]),
      [0, 1, 3],
    )
    assert.deepEqual(sizes(groups), [3])
    assert.equal(journal.head.size, 4)
  })

  it('gathers what arrives during a commit for the next one', async () => {
    const gate = Promise.withResolvers<void>()
    const { journal, groups, committed } = scripted(async group => {
      await gate.promise
      return committed(group)
    })
    const first = journal.append(entry())
    await new Promise(setImmediate)
    const others = [1, 2, 3].map(() => journal.append(entry()))
    gate.resolve()
    assert.deepEqual(await Promise.all([first, ...others]), [0, 1, 2, 3])
    assert.deepEqual(sizes(groups), [1, 3])
  })

  it('grows its tree only once the commit has happened', async () => {
    const gate = Promise.withResolvers<void>()
    const { journal, committed } = scripted(async group => {
      await gate.promise
      return committed(group)
    })
    const appended = journal.append(entry())
    await new Promise(setImmediate)
    assert.equal(journal.head.size, 0)
    gate.resolve()
    await appended
    assert.equal(journal.head.size, 1)
  })

  it('judges each alone: one whose conditions do not hold does not sink the others', async () => {
    const { journal, groups } = scripted(() => ({ outcome: 'conflict', members: [1] }))
    const [one, two, three] = [entry(), entry(), entry()].map(given => journal.append(given))
    await assert.rejects(two ?? Promise.resolve(), isRefusal('record-altered'))
    assert.deepEqual(await Promise.all([one, three]), [0, 1])
    assert.deepEqual(sizes(groups), [3, 2])
  })

  it('seals records with the place that their leaf has in the end', async () => {
    const { journal, groups } = scripted(() => ({ outcome: 'conflict', members: [0] }))
    const first = journal.append(entry())
    const records = (at: number) => [{ kind: 'k', id: 'i', version: 1, sealed: Uint8Array.of(at) }]
    const second = journal.append({ ...entry(), records })
    await assert.rejects(first)
    assert.equal(await second, 0)
    assert.deepEqual(groups.at(-1)?.members[0]?.records[0]?.sealed, Uint8Array.of(0))
  })

  it('closes for good when the log is not as it was left', async () => {
    const { journal, groups, closed } = scripted(() => ({ outcome: 'log-differs' }))
    const both = [journal.append(entry()), journal.append(entry())]
    for (const one of both) await assert.rejects(one, isRefusal('log-unavailable'))
    await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
    assert.equal(groups.length, 1)
    assert.equal(closed.length, 1)
  })

  describe('when a commit breaks off', () => {
    const breaksOff = () => {
      throw new Error('connection lost')
    }

    it('that took place is found out by reading back', async () => {
      const given = scripted(group => {
        given.setTail(group.rows.at(-1))
        return breaksOff()
      })
      assert.equal(await given.journal.append(entry()), 0)
      assert.equal(await given.journal.append(entry()), 1)
      assert.deepEqual(given.closed, [])
    })

    it('that did not take place is said not to have, and the journal goes on', async () => {
      const { journal, closed } = scripted(breaksOff)
      await assert.rejects(journal.append(entry()), NotCommitted)
      assert.equal(await journal.append(entry()), 0)
      assert.deepEqual(closed, [])
    })

    it('and nobody can say what became of it, closes the journal', async () => {
      const { journal, store, closed } = scripted(breaksOff)
      store.tail = async () => breaksOff()
      await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
      await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
      assert.equal(closed.length, 1)
    })

    it('and another’s rows are there, closes the journal', async () => {
      const other = scripted(breaksOff)
      other.setTail({ index: 0, hash: new Uint8Array(32) })
      await assert.rejects(other.journal.append(entry()), isRefusal('log-unavailable'))
      assert.equal(other.closed.length, 1)
    })
  })
})
