/** Asynchronous requests on a real database: taken up again, once, by whoever comes, and bounded. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@natsuin/protocol/refusal'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { DocumentRefused } from '../documents/refusal.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { forgetExpired } from '../storage/expired.ts'
import { migrate } from '../storage/migrations.ts'
import { repositoriesOver } from '../storage/repositories.ts'
import { createResponseFiles } from './response-files.ts'
import { createResponses, type ResponseParts, type Responses, type ResponseWorker } from './responses.ts'
import { createSealer } from './sealer.ts'

const folder = temporaryFolder()
const sealer = createSealer(new Uint8Array(randomBytes(32)))
const ALICE = { clientId: 'desk', signers: ['alice'] }
let now = Date.parse('2026-06-01T12:00:00Z')
let databases = 0
let database: Database
beforeEach(async () => {
  databases += 1
  database = openDatabase({ sqlite: join(folder, `server-${databases}.db`) })
  await migrate(database)
})
afterEach(() => database.close())

function open(worker: ResponseWorker, parts: Partial<ResponseParts> = {}): Responses {
  const { responses } = repositoriesOver(database)
  return createResponses({
    responses,
    files: createResponseFiles(responses, sealer),
    sealer,
    clock: () => new Date(now),
    workers: { work: worker },
    notify: async () => {},
    onFault: () => {},
    ...parts,
  })
}

const accept = (to: Responses, members: object = {}) =>
  to.accept({
    clientId: 'desk',
    signerId: 'alice',
    request: { kind: 'work', n: 7 },
    paths: [],
    validitySeconds: 60,
    responseUri: undefined,
    ...members,
  })

async function ended(from: Responses, responseId: string, asker = ALICE) {
  for (let asked = 0; asked < 500; asked++) {
    const finished = await from.find(responseId, asker)
    if (finished !== undefined) return finished
    await setTimeout(10)
  }
  return assert.fail('it did not end')
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

describe('asynchronous requests', () => {
  it('are worked on with the documents that came with them, and give those that were made', async () => {
    const document = randomBytes(1_200_000)
    const path = join(folder, 'in')
    writeFileSync(path, document)
    const responses = open(async ({ request, restore, keep }) => {
      const [restored, made] = [join(folder, 'restored'), join(folder, 'made')]
      await restore(0, restored)
      writeFileSync(made, readFileSync(restored).reverse())
      await keep([made, restored])
      return { members: { n: request['n'] }, documents: 2 }
    })
    const finished = await ended(responses, await accept(responses, { paths: [path] }))
    assert.deepEqual([finished.members, finished.documents], [{ n: 7 }, 2])
    assert.deepEqual(await bytesOf(finished.document(1)), document)
    assert.deepEqual(await bytesOf(finished.document(0)), document.reverse())
    await responses.close()
  })

  it('S-06 are taken up by another process when one stops in the middle, under the same id for the SAM', async () => {
    const ids: string[] = []
    // A process that is gone looks at no clock any more.
    const stopped = new Date(now)
    const first = open(
      ({ requestId }) => {
        ids.push(requestId)
        return new Promise(() => {})
      },
      { clock: () => stopped },
    )
    const responseId = await accept(first)
    while (ids.length === 0) await setTimeout(5)
    const second = open(async ({ requestId }) => {
      ids.push(requestId)
      return { members: {}, documents: 0 }
    })
    second.start()
    await setTimeout(50)
    assert.equal(ids.length, 1, 'not while somebody is at work on it')
    now += 10_000
    await ended(second, responseId)
    assert.equal(ids[1], ids[0])
    await second.close()
  })

  it('end with what they were refused with, and with a fault that says nothing', async () => {
    const refusals: readonly (readonly [Error, object])[] = [
      [new Refusal('sad-spent'), { code: 'sad-spent' }],
      [new DocumentRefused('document-unfit', 'not-a-pdf'), { code: 'document-unfit', detail: 'not-a-pdf' }],
      [new TypeError('secret'), { message: 'an asynchronous request ended with a fault' }],
    ]
    for (const [thrown, expected] of refusals) {
      const responses = open(() => Promise.reject(thrown))
      await assert.rejects(ended(responses, await accept(responses)), expected)
      await responses.close()
    }
  })

  it('are tried again after an outage', async () => {
    let tries = 0
    const responses = open(async () => {
      tries += 1
      if (tries === 1) throw new Refusal('peer-unavailable')
      return { members: {}, documents: 0 }
    })
    responses.start()
    const responseId = await accept(responses, { validitySeconds: 86_400 })
    // More than once: a first try that is not over yet claims it anew.
    while (tries < 2) {
      now += 10_000
      await setTimeout(20)
    }
    await ended(responses, responseId)
    await responses.close()
  })

  it('tell the client again who was not told, and nobody else knows of them', async () => {
    const told: string[] = []
    const notify = async (uri: string, body: Uint8Array) => {
      told.push(`${uri} ${Buffer.from(body)}`)
      if (told.length === 1) throw new Error('away')
    }
    const responses = open(async () => ({ members: {}, documents: 0 }), { notify })
    const responseId = await accept(responses, { responseUri: 'https://app.example/done' })
    await ended(responses, responseId)
    while (told.length < 2) await setTimeout(20)
    assert.deepEqual(told, Array(2).fill(`https://app.example/done {"responseID":"${responseId}"}`))
    for (const asker of [
      { ...ALICE, clientId: 'other' },
      { ...ALICE, signers: ['bob'] },
    ])
      await assert.rejects(responses.find(responseId, asker), { code: 'response-unknown' })
    await responses.close()
  })

  it('rest longer after each outage, a minute at most', async () => {
    const tryOnce = async (expectedPause: number) => {
      const responses = open(() => Promise.reject(new Refusal('peer-unavailable')))
      responses.start()
      let pause = 0
      for (let asked = 0; asked < 500 && pause !== expectedPause; asked++) {
        await setTimeout(10)
        const row = await database.tables
          .selectFrom('responses')
          .select('claimed_until')
          .executeTakeFirstOrThrow()
        pause = row.claimed_until - now
      }
      assert.equal(pause, expectedPause)
      await responses.close()
    }
    const first = open(() => Promise.reject(new Refusal('peer-unavailable')))
    await accept(first, { validitySeconds: 10_000 })
    await first.close()
    now += 40_000
    await tryOnce(20_000)
    now += 1_000_000
    await tryOnce(60_000)
  })

  it('of one client never take all of the work, whatever validity it asks for', async () => {
    const begun: string[] = []
    const release = Promise.withResolvers<void>()
    const responses = open(async ({ clientId }) => {
      begun.push(clientId)
      await release.promise
      return { members: {}, documents: 0 }
    })
    responses.start()
    for (let i = 0; i < 5; i++) await accept(responses, { validitySeconds: 10 })
    await accept(responses, { clientId: 'other' })
    for (let asked = 0; asked < 500 && !begun.includes('other'); asked++) await setTimeout(10)
    assert.deepEqual(begun, ['desk', 'desk', 'other'])
    release.resolve()
    await responses.close()
  })

  it('are worked on while clients that were told stay silent, and tell so many at once', async () => {
    const told: string[] = []
    const release = Promise.withResolvers<void>()
    const notify = async (uri: string) => {
      told.push(uri)
      await release.promise
    }
    const responses = open(async () => ({ members: {}, documents: 0 }), { notify })
    responses.start()
    const clients = ['desk', 'desk', 'desk', 'a', 'b', 'c', 'd']
    for (const clientId of clients) {
      const responseId = await accept(responses, { clientId, responseUri: `https://${clientId}.example/` })
      await ended(responses, responseId, { ...ALICE, clientId })
    }
    for (let asked = 0; asked < 500 && told.length < 6; asked++) await setTimeout(10)
    assert.deepEqual(
      told.toSorted(),
      ['a', 'b', 'c', 'd', 'desk', 'desk'].map(clientId => `https://${clientId}.example/`),
    )
    release.resolve()
    await responses.close()
    const rows = await database.tables.selectFrom('responses').select('is_untold').execute()
    assert.deepEqual(
      rows.map(row => row.is_untold),
      Array(7).fill(0),
    )
  })

  it('let go of what was asked for when they have ended', async () => {
    const responses = open(async () => ({ members: {}, documents: 0 }))
    responses.start()
    const request = { kind: 'work', documents: 'x'.repeat(100_000) }
    const finished = await ended(responses, await accept(responses, { request }))
    assert.equal(finished.kind, 'work')
    const { sealed_request: kept } = await database.tables
      .selectFrom('responses')
      .select('sealed_request')
      .executeTakeFirstOrThrow()
    assert.ok(kept.length < 1000, `${kept.length} bytes`)
    await responses.close()
  })

  it('T-DOS-09 of one client are kept up to a limit, whatever became of them', async () => {
    const responses = open(async () => ({ members: {}, documents: 0 }))
    responses.start()
    const row = {
      client_id: 'desk',
      signer_id: 'alice',
      sealed_request: new Uint8Array(),
      state: 'refused',
      sealed_answer: new Uint8Array(),
      is_untold: 0,
      claimed_until: 0,
      accepted_at: now,
      expires_at: now / 1000 + 60,
    }
    const rows = Array.from({ length: 999 }, (_, n) => ({ ...row, response_digest: `digest-${n}` }))
    await database.tables.insertInto('responses').values(rows).execute()
    await ended(responses, await accept(responses))
    await assert.rejects(accept(responses), { code: 'documents-busy' })
    await accept(responses, { clientId: 'other' })
    now += 61_000
    await accept(responses)
    await responses.close()
  })

  it('T-DOS-09 are forgotten at once, and so many of one client may wait', async () => {
    const waiting = open(() => new Promise(() => {}))
    const path = join(folder, 'short')
    writeFileSync(path, 'secret')
    for (let i = 0; i < 200; i++) await accept(waiting, { paths: i === 0 ? [path] : [] })
    await assert.rejects(accept(waiting), { code: 'documents-busy' })
    await accept(waiting, { clientId: 'other' })
    now += 61_000
    await forgetExpired(database.tables, now / 1000)
    assert.deepEqual(await database.tables.selectFrom('response_pieces').selectAll().execute(), [])
    assert.deepEqual(await database.tables.selectFrom('responses').selectAll().execute(), [])
  })
})
