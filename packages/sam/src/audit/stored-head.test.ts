import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { Seal } from '@natsuin/crypto-module'
import { nodePlatform } from '@natsuin/pki/node'
import { activityLeaf, activityLog, originOf, verifyCheckpoint } from '@natsuin/protocol/log'
import { foundPlace, LOG_ORIGIN, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { refuse } from '../refuse.ts'
import { createSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { HeadSeal } from './head-seal.ts'
import { Journal } from './journal.ts'
import { emptyLog, LogRejected } from './read-log.ts'
import { type StoredHeadsOptions, storedHeads } from './stored-head.ts'

type Witnesses = NonNullable<StoredHeadsOptions['witnesses']>

const LOG = activityLog('another')
const origin = originOf(LOG_ORIGIN, LOG)

describe('the head of a log that another SAM writes', () => {
  let place: Place
  let store: Store
  let seal: HeadSeal
  let file: string
  before(async () => {
    place = await foundPlace()
    file = `${place.folder}/another.db`
    store = createSqliteStore(file)
    const mac = async () => new Uint8Array(32).fill(7)
    seal = new HeadSeal(await Seal.derive({ mac }, 'seal', 'tests'))
    const journal = new Journal({
      source: { store, log: LOG, origin, shape: activityLeaf, seal },
      end: emptyLog(),
      writers: 'one',
      certain: () => 0,
      onRecords: () => {},
      onClosed: reason => assert.fail(reason),
      wait: async () => {},
    })
    const leaf = { event: 'settled', at: 0, activationId: 'one', outcome: 'failed' } as const
    await journal.append({ leaves: [leaf, leaf, leaf] })
  })
  after(() => store.close())

  const heads = (witnesses?: Witnesses) =>
    storedHeads({ store, key: place.key, logOrigin: LOG_ORIGIN, seal, witnesses })

  /** A witness that does what is said, and how often it was asked. */
  const asked: string[] = []
  const witness = (answer: (checkpoint: string) => string): Witnesses => ({
    cosign: async (_, checkpoint) => {
      asked.push(checkpoint)
      return answer(checkpoint)
    },
  })

  const isTheHead = async (checkpoint: string) => {
    const head = await verifyCheckpoint(checkpoint, place.key.spki, nodePlatform)
    assert.deepEqual([head?.origin, head?.size], [origin, 3])
  }

  it('is signed from what is stored', async () => isTheHead(await heads().sign(LOG)))

  it('carries the cosignatures of the witnesses, when they answer', async () => {
    const cosigned = await heads(witness(checkpoint => `${checkpoint}cosigned\n`)).sign(LOG)
    assert.match(cosigned, /cosigned\n$/)
  })

  it('goes without them when they do not', async () => {
    const away = witness(() => {
      throw refuse('log-unavailable')
    })
    await isTheHead(await heads(away).sign(LOG))
  })

  it('is read again when they have seen more, three times at most', async () => {
    asked.length = 0
    let seenMore = 1
    const ahead = witness(checkpoint => {
      if (seenMore-- > 0) throw new LogRejected('it has seen more')
      return `${checkpoint}cosigned\n`
    })
    assert.match(await heads(ahead).sign(LOG), /cosigned\n$/)
    assert.equal(asked.length, 2)
    seenMore = Number.POSITIVE_INFINITY
    await isTheHead(await heads(ahead).sign(LOG))
    assert.equal(asked.length, 4)
  })

  it('is not given when asking them is a defect', async () => {
    const broken = witness(() => {
      throw new TypeError('x is not a function')
    })
    await assert.rejects(heads(broken).sign(LOG), TypeError)
  })

  it('is not signed of a log that is not there, or whose end no SAM sealed (T-AUD-03)', async () => {
    await assertRefused('log-unavailable', heads().sign(activityLog('nobody')))
    {
      using database = new DatabaseSync(file, { timeout: 5000 })
      database.exec('UPDATE leaves SET head = randomblob(60) WHERE idx = 2')
    }
    await assertRefused('log-unavailable', heads().sign(LOG))
  })
})
