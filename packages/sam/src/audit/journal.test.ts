import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Seal } from '@natsuin/crypto-module'
import { type ActivityLeaf, activityLeaf } from '@natsuin/protocol/log'
import { Refusal } from '@natsuin/protocol/refusal'
import { type CommitOutcome, type Group, isSameTail, type LogRow, type Store } from '../store/store.ts'
import { HeadSeal } from './head-seal.ts'
import { Journal, NotCommitted } from './journal.ts'
import { emptyLog } from './read-log.ts'

const ORIGIN = 'natsuin.example/tests/state'
const mac = async () => new Uint8Array(32).fill(7)
const seal = new HeadSeal(await Seal.derive({ mac }, 'seal', 'tests'))

type Script = readonly ((group: Group) => CommitOutcome | Promise<CommitOutcome>)[]

/** A store in memory that does what a case says; it keeps the groups that it was given. */
function scripted(...script: Script) {
  const groups: Group[] = []
  const log: LogRow[] = []
  const committed = (group: Group): CommitOutcome => {
    log.push(...group.rows)
    return { outcome: 'committed' }
  }
  const store: Store = {
    commit: async group => {
      groups.push(group)
      return (script[groups.length - 1] ?? committed)(group)
    },
    tail: async () => log.at(-1),
    read: async () => undefined,
    isSpent: async () => false,
    rows: async (_, from, count) => log.slice(from, from + count),
    hashes: async () => [],
    sams: undefined,
    attemptsEnded: async () => {},
    close: async () => {},
  }
  const closed: string[] = []
  const told: ActivityLeaf[] = []
  const open = (writers: 'one' | 'many') =>
    new Journal({
      source: { store, log: 'activity/a', origin: ORIGIN, shape: activityLeaf, seal },
      end: emptyLog(),
      writers,
      certain: () => 0,
      onLeaf: leaf => told.push(leaf),
      onRecords: () => {},
      onClosed: reason => closed.push(reason),
      wait: () => new Promise(setImmediate),
    })
  return { journal: open('one'), open, store, groups, log, told, closed, committed }
}

const leaf = (activationId: string): ActivityLeaf => ({
  event: 'settled',
  at: 0,
  activationId,
  outcome: 'failed',
})
const entry = (activationId = 'one') => ({ leaves: [leaf(activationId)] })
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

  it('tells when everything that was appended is settled', async () => {
    const { journal } = scripted()
    void journal.append(entry())
    await journal.drained()
    assert.equal(journal.head.size, 1)
    await journal.drained()
  })

  it('writes nothing that had not begun when it was closed', async () => {
    const { journal, groups } = scripted()
    const late = journal.append(entry())
    journal.close()
    await assert.rejects(late, isRefusal('log-unavailable'))
    assert.deepEqual([groups, journal.isClosed], [[], true])
  })

  it('judges each alone: one whose conditions do not hold does not sink the others', async () => {
    const { journal, groups } = scripted(() => ({ outcome: 'conflict', members: [1] }))
    const [one, two, three] = [entry(), entry(), entry()].map(given => journal.append(given))
    await assert.rejects(two ?? Promise.resolve(), isRefusal('record-altered'))
    assert.deepEqual(await Promise.all([one, three]), [0, 1])
    assert.deepEqual(sizes(groups), [3, 2])
  })

  it('reads records again where others may write them, and sends the entry with what is there', async () => {
    const { journal, groups } = scripted(() => ({ outcome: 'conflict', members: [1] }))
    let version = 1
    const records = () => [{ kind: 'k', id: 'i', version, sealed: new Uint8Array() }]
    const reread = async () => {
      version = 7
    }
    const both = [journal.append(entry()), journal.append({ ...entry(), records, reread })]
    assert.deepEqual(await Promise.all(both), [0, 1])
    assert.equal(groups.at(-1)?.members[1]?.records[0]?.version, 7)
  })

  it('refuses what does not hold any more after its records were read again', async () => {
    const { journal } = scripted(() => ({ outcome: 'conflict', members: [0] }))
    const reread = () => Promise.reject(new Refusal('counter-regression'))
    await assert.rejects(journal.append({ ...entry(), reread }), isRefusal('counter-regression'))
  })

  it('takes a record for altered that is another one however often it is read', async () => {
    const conflict = () => ({ outcome: 'conflict', members: [0] }) as const
    const { journal, groups } = scripted(...Array.from({ length: 20 }, () => conflict))
    await assert.rejects(journal.append({ ...entry(), reread: async () => {} }), isRefusal('record-altered'))
    assert.ok(groups.length < 10)
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
        given.committed(group)
        return breaksOff()
      })
      assert.equal(await given.journal.append(entry()), 0)
      assert.equal(await given.journal.append(entry()), 1)
      assert.deepEqual(given.closed, [])
    })

    it('that was to write no leaf did not take place where the log ends as before', async () => {
      const { journal } = scripted(() => assert.fail('the connection broke'))
      await assert.rejects(journal.append({ leaves: [] }), NotCommitted)
      assert.deepEqual([await journal.append(entry()), journal.isClosed], [0, false])
    })

    it('that did not take place is said not to have, and the journal goes on', async () => {
      const { journal, closed } = scripted(breaksOff)
      await assert.rejects(journal.append(entry()), NotCommitted)
      assert.equal(await journal.append(entry()), 0)
      assert.deepEqual(closed, [])
    })

    it('is asked for until the database says what became of it, and nothing is written meanwhile (T-DUR-03)', async () => {
      for (const took of [true, false]) {
        let reading: Promise<void> | undefined
        const { journal, store, groups, log, closed } = scripted(group => {
          if (took) log.push(...group.rows)
          reading = assert.rejects(journal.catchUp(), isRefusal('log-unavailable'))
          return breaksOff()
        })
        const { tail, rows } = store
        store.tail = store.rows = async () => breaksOff()
        const asked = journal.append(entry())
        while (groups.length === 0) await new Promise(setImmediate)
        await new Promise(resolve => setTimeout(resolve, 20))
        await reading
        await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
        await assert.rejects(journal.catchUp(), isRefusal('log-unavailable'))
        Object.assign(store, { tail, rows })
        if (took) assert.equal(await asked, 0)
        else await assert.rejects(asked, NotCommitted)
        assert.equal(await journal.append(entry()), took ? 1 : 0)
        assert.deepEqual(closed, [])
      }
    })

    it('by a journal that is closed while it waits, is told to be unknown', async () => {
      const { journal, store } = scripted(breaksOff)
      store.tail = async () => breaksOff()
      const asked = assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
      await new Promise(resolve => setTimeout(resolve, 20))
      journal.close()
      await asked
    })

    it('because the disk fails, closes the journal: nothing is tried again in this process (T-DUR-04)', async () => {
      const { journal, groups, closed } = scripted(() => {
        throw Object.assign(new Error('disk I/O error'), { errcode: 1034 })
      })
      await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
      await assert.rejects(journal.append(entry()), isRefusal('log-unavailable'))
      assert.deepEqual([groups.length, closed.length], [1, 1])
    })

    it('and another’s rows are there, closes the journal', async () => {
      const other = scripted(breaksOff)
      other.log.push({ index: 0, leaf: new Uint8Array(), hash: new Uint8Array(32) })
      await assert.rejects(other.journal.append(entry()), isRefusal('log-unavailable'))
      assert.equal(other.closed.length, 1)
    })
  })
})

describe('a log that several write (T-AUD-04)', () => {
  /** One end as a store would judge it, for journals that each know their own. */
  const honest: Script = Array.from({ length: 20 }, () => () => ({ outcome: 'committed' as const }))
  function shared() {
    const given = scripted(...honest)
    given.store.commit = async group =>
      isSameTail(given.log.at(-1), group.tail) ? given.committed(group) : { outcome: 'log-differs' }
    return { ...given, ours: given.open('many'), theirs: given.open('many') }
  }
  const namesIn = (log: readonly LogRow[]) =>
    log.map(row => String(JSON.parse(Buffer.from(row.leaf).toString()).activationId))

  it('gets our leaves behind those that another SAM wrote first, which are taken over', async () => {
    const { ours, theirs, log, told } = shared()
    await theirs.append(entry('theirs'))
    told.length = 0
    assert.equal(await ours.append(entry('ours')), 1)
    assert.deepEqual(namesIn(log), ['theirs', 'ours'])
    assert.deepEqual(
      told.map(leaf => 'activationId' in leaf && leaf.activationId),
      ['theirs', 'ours'],
    )
    assert.equal(ours.size, 2)
  })

  it('is one line, however often they write at once', async () => {
    const { ours, theirs, log, closed } = shared()
    const places = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? ours : theirs).append(entry(`${i}`))),
    )
    assert.deepEqual(
      places.map(place => namesIn(log)[place]),
      [...Array(10).keys()].map(String),
    )
    assert.deepEqual(
      log.map(({ index }) => index),
      [...Array(10).keys()],
    )
    assert.deepEqual(closed, [])
  })

  it('gets nothing whose conditions the other’s leaves ended; what was sent with it is written', async () => {
    const { ours, theirs, log } = shared()
    await theirs.append(entry('theirs'))
    const stillHolds = () => {
      throw new Refusal('grant-spent')
    }
    const both = [ours.append({ ...entry('late'), stillHolds }), ours.append(entry('ours'))] as const
    await assert.rejects(both[0], isRefusal('grant-spent'))
    assert.equal(await both[1], 1)
    assert.deepEqual(namesIn(log), ['theirs', 'ours'])
  })

  it('is closed when its end is not one that a SAM sealed, and what stands there is not believed', async () => {
    const { ours, theirs, log, told, closed } = shared()
    await theirs.append(entry('theirs'))
    told.length = 0
    const [row] = log
    assert.ok(row)
    for (const forged of [{ ...row, head: new Uint8Array(60) }, withoutHead(row)]) {
      log.splice(0, 1, forged)
      await assert.rejects(ours.append(entry()), isRefusal('log-unavailable'))
    }
    assert.deepEqual(told, [])
    assert.equal(closed.length, 1)
  })

  it('is read on when somebody wants to know, without writing anything', async () => {
    const { ours, theirs, told } = shared()
    await theirs.append(entry('theirs'))
    told.length = 0
    await ours.catchUp()
    assert.equal(ours.size, 1)
    assert.equal(told.length, 1)
    await ours.catchUp()
    assert.equal(told.length, 1)
  })

  it('is closed when reading on finds that it lost leaves, and not when it could not be read', async () => {
    const { ours, store, log, closed } = shared()
    await ours.append(entry())
    const { rows } = store
    store.rows = () => Promise.reject(new Error('connection lost'))
    await assert.rejects(ours.catchUp(), isRefusal('log-unavailable'))
    store.rows = rows
    await ours.catchUp()
    assert.deepEqual(closed, [])
    log.pop()
    await assert.rejects(ours.catchUp(), isRefusal('log-unavailable'))
    assert.equal(closed.length, 1)
    await assert.rejects(ours.append(entry()), isRefusal('log-unavailable'))
    await assert.rejects(ours.catchUp(), isRefusal('log-unavailable'))
  })

  it('is left as it is when it could not be read on after another came first', async () => {
    const { ours, theirs, store, closed } = shared()
    await theirs.append(entry('theirs'))
    const { rows } = store
    store.rows = () => Promise.reject(new Error('connection lost'))
    await assert.rejects(ours.append(entry()), NotCommitted)
    store.rows = rows
    assert.equal(await ours.append(entry()), 1)
    assert.deepEqual(closed, [])
  })

  it('is closed when it lost leaves', async () => {
    const { ours, log, closed } = shared()
    await ours.append(entry())
    log.pop()
    await assert.rejects(ours.append(entry()), isRefusal('log-unavailable'))
    assert.equal(closed.length, 1)
  })

  it('and a commit that broke off, took place, and was followed by another’s, is found', async () => {
    const { ours, theirs, store, log, committed } = shared()
    const { commit } = store
    store.commit = async group => {
      store.commit = commit
      committed(group)
      await theirs.append(entry('theirs'))
      throw new Error('connection lost')
    }
    assert.equal(await ours.append(entry('ours')), 0)
    assert.equal(await ours.append(entry('next')), 2)
    assert.deepEqual(namesIn(log), ['ours', 'theirs', 'next'])
  })
})

function withoutHead({ index, leaf: bytes, hash }: LogRow): LogRow {
  return { index, leaf: bytes, hash }
}
