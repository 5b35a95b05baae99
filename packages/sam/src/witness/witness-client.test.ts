/** Witnesses that do not do what C2SP tlog-witness says: the log goes by none of it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type AddCheckpoint,
  cosignatureLine,
  cosignedText,
  finishCheckpoint,
  readAddCheckpoint,
} from '@natsuin/protocol/log'
import { WitnessClient } from './witness-client.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const spki = publicKey.export({ type: 'spki', format: 'der' })
const key = { name: 'witness.example/w1', publicKey: new Uint8Array(spki.subarray(-32)) }
const head = (size: number) => ({
  origin: 'natsuin.example/log',
  size,
  rootHash: new Uint8Array(32).fill(size),
})
const checkpointOf = (size: number) => finishCheckpoint(head(size), new Uint8Array(32), new Uint8Array(70))

const cosign = (checkpoint: string, by = privateKey) =>
  cosignatureLine(key, 1000, sign(null, utf8(cosignedText(checkpoint, 1000)), by), nodePlatform)

let server: Server
let url: string
/** What it was asked, and what it answers. */
let asked: AddCheckpoint[]
let answer: (request: AddCheckpoint, response: ServerResponse) => void | Promise<void>

before(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const read = readAddCheckpoint(Buffer.concat(chunks).toString('utf8'))
      asked.push(read)
      void answer(read, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
})
after(() => void server.close())
beforeEach(() => {
  asked = []
})

const says = (status: number, body: string) => (_: AddCheckpoint, response: ServerResponse) =>
  void response.writeHead(status).end(body)
const proveFrom = async (size: number) => [new Uint8Array(32).fill(size)]
const ask = (client = new WitnessClient({ url, key }), size = 9) =>
  client.cosign(checkpointOf(size), proveFrom)

describe('what is asked of a witness', () => {
  it('begins with nothing, goes on from the size that it names, and then from the last one', async () => {
    answer = async ({ oldSize, checkpoint }, response) => {
      if (oldSize === 0) says(409, '4\n')({ oldSize, proof: [], checkpoint }, response)
      else response.end(await cosign(checkpoint))
    }
    const client = new WitnessClient({ url, key })
    for (const size of [9, 12]) {
      const { outcome } = await ask(client, size)
      assert.equal(outcome, 'cosigned')
    }
    assert.deepEqual(
      asked.map(({ oldSize, proof }) => [oldSize, proof.length]),
      [
        [0, 0],
        [4, 1],
        [9, 1],
      ],
    )
  })

  it('is not asked for ever when the size keeps changing', async () => {
    let size = 0
    answer = (request, response) => says(409, `${++size}\n`)(request, response)
    assert.equal((await ask()).outcome, 'unavailable')
    assert.ok(asked.length < 5)
  })
})

describe('what a witness answers', () => {
  it('tells another history and a longer one apart from everything else', async () => {
    answer = says(422, '')
    assert.deepEqual(await ask(), { outcome: 'knows-other' })
    answer = says(409, '10\n')
    assert.deepEqual(await ask(), { outcome: 'knows-more', size: 10 })
  })

  it('counts for nothing when it is no cosignature of its own over this head', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey
    const good = await cosign(checkpointOf(9))
    for (const body of [
      '',
      'nothing',
      good.slice(0, -10),
      good.replace(key.name, 'witness.example/w2'),
      await cosign(checkpointOf(8)),
      await cosign(checkpointOf(9), stranger),
    ]) {
      answer = says(200, body)
      assert.equal((await ask()).outcome, 'unavailable', body)
    }
    answer = says(200, good)
    assert.equal((await ask()).outcome, 'cosigned')
  })

  it('counts for nothing in another form, of another length, or from elsewhere', async () => {
    for (const [status, body] of [
      [500, ''],
      [403, ''],
      [409, 'many\n'],
      [409, ''],
      [200, 'x'.repeat(100_000)],
    ] as const) {
      answer = says(status, body)
      assert.equal((await ask()).outcome, 'unavailable', `${status}`)
    }
    answer = (_, response) => void response.writeHead(302, { location: `${url}/elsewhere` }).end()
    assert.equal((await ask()).outcome, 'unavailable')
    assert.equal(asked.length, 6)
  })

  it('only its own lines are put under the checkpoint', async () => {
    const good = await cosign(checkpointOf(9))
    answer = says(200, `— somebody.else AAAA\n${good}no line\n`)
    const answered = await ask()
    assert.equal(answered.outcome === 'cosigned' && answered.lines, good)
  })

  it('is not waited for, for ever', async () => {
    answer = () => {}
    assert.equal((await ask()).outcome, 'unavailable')
  })
})
