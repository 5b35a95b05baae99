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

async function ended(from: Responses, responseId: string) {
  for (let asked = 0; asked < 500; asked++) {
    const finished = await from.find(responseId, ALICE)
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
    const responseId = await accept(responses)
    while (tries === 0) await setTimeout(5)
    await setTimeout(20)
    now += 10_000
    await ended(responses, responseId)
    assert.equal(tries, 2)
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

  it('T-DOS-09 are forgotten, documents at once, and so many of one client may wait', async () => {
    const waiting = open(() => new Promise(() => {}))
    const path = join(folder, 'short')
    writeFileSync(path, 'secret')
    for (let i = 0; i < 200; i++) await accept(waiting, { paths: i === 0 ? [path] : [] })
    await assert.rejects(accept(waiting), { code: 'documents-busy' })
    await accept(waiting, { clientId: 'other' })
    now += 61_000
    await forgetExpired(database.tables, now / 1000)
    assert.deepEqual(await database.tables.selectFrom('response_pieces').selectAll().execute(), [])
    now += 24 * 3_600_000
    await forgetExpired(database.tables, now / 1000)
    assert.deepEqual(await database.tables.selectFrom('responses').selectAll().execute(), [])
  })
})
