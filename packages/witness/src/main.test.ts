/** The process witness, as its operator runs it and logs reach it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import {
  checkpointText,
  findCosignature,
  finishCheckpoint,
  readVkey,
  writeAddCheckpoint,
} from '@natsuin/protocol/log'
import { ProcessEnded, type RunningProcess, runCommand, startProcess } from '@natsuin/protocol/node/processes'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { originHash } from './newest.ts'

const ORIGIN = 'natsuin.example/log/state'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
const head = { origin: ORIGIN, size: 3, rootHash: new Uint8Array(32).fill(7) }
const signature = sign('sha256', utf8(checkpointText(head)), privateKey)
const checkpoint = finishCheckpoint(head, digestSync('sha256', spki), signature)

function configure(changes: object = {}): string {
  const folder = temporaryFolder()
  const configuration = {
    name: 'witness.example/w1',
    publicUrl: 'http://localhost',
    listen: { host: '127.0.0.1', port: 0 },
    keyFile: 'witness.pem',
    directory: 'cosigned',
    logs: [{ keyFile: 'sam-key.txt', origins: [ORIGIN] }],
    ...changes,
  }
  writeFileSync(join(folder, 'sam-key.txt'), toBase64url(spki))
  const file = join(folder, 'witness.json')
  writeFileSync(file, JSON.stringify(configuration))
  return file
}

const run = (command: string, file: string) =>
  runCommand({ name: 'witness', args: [command, '--config', file] })
const isEnded = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ProcessEnded)
  assert.match(error.message, pattern)
  return true
}

describe('the process witness', () => {
  it('makes its key once, for its own user only', async () => {
    const file = configure()
    const { vkey } = await run('init', file)
    await readVkey(String(vkey), nodePlatform)
    assert.equal(statSync(file.replace('.json', '.pem')).mode & 0o777, 0o600)
    await assert.rejects(run('init', file), ProcessEnded)
  })

  it('says what is wrong with its configuration, and does not start', async () => {
    for (const [changes, pattern] of [
      [{ logs: [] }, /logs/],
      [{ logs: [{ keyFile: 'sam-key.txt', origins: [ORIGIN, ORIGIN] }] }, /twice/],
      [{ logs: [{ keyFile: 'witness.json', origins: [ORIGIN] }] }, /not a key/],
      [{ name: 'with a space' }, /name/],
    ] as const) {
      await assert.rejects(run('check', configure(changes)), isEnded(pattern))
    }
    const file = configure()
    await assert.rejects(
      startProcess({ name: 'witness', args: ['start', '--config', file] }),
      isEnded(/keyFile/),
    )
    assert.deepEqual(await run('check', file), { checked: true })
  })
})

describe('the addresses of a witness (C2SP tlog-witness)', () => {
  let witness: RunningProcess
  let url: string
  const file = configure()
  before(async () => {
    await run('init', file)
    witness = await startProcess({ name: 'witness', args: ['start', '--config', file] })
    url = `http://localhost:${Number(witness.ready['port'])}`
  })
  after(() => witness.stop())

  const add = (body: string) => fetch(`${url}/add-checkpoint`, { method: 'POST', body })
  const request = (oldSize: number) => writeAddCheckpoint({ oldSize, proof: [], checkpoint })

  it('cosign, show what was cosigned, and say what they know', async () => {
    const monitor = `${url}/${originHash(ORIGIN)}/checkpoint`
    assert.equal((await fetch(monitor)).status, 404)
    const cosigned = await add(request(0))
    assert.equal(cosigned.status, 200)
    const line = await cosigned.text()
    const key = await readVkey(String(witness.ready['vkey']), nodePlatform)
    assert.ok(await findCosignature(checkpoint + line, key, nodePlatform))
    assert.equal(await (await fetch(monitor)).text(), checkpoint + line)
    const conflict = await add(request(1))
    assert.equal(conflict.status, 409)
    assert.equal(conflict.headers.get('content-type'), 'text/x.tlog.size')
    assert.equal(await conflict.text(), '3\n')
  })

  it('are the only ones, and take no more than a request', async () => {
    assert.equal((await add('nothing')).status, 400)
    assert.equal((await add('x'.repeat(70_000))).status, 413)
    for (const path of ['/', '/checkpoint', `/${'0'.repeat(64)}/checkpoint`, '/add-checkpoint']) {
      assert.equal((await fetch(url + path)).status, 404, path)
    }
  })
})
