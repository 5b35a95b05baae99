import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { toBase64url } from '@natsuin/pki/encoding'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

describe('the sic process', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'natsuin-sic-'))
    await writeFile(join(folder, 'index.html'), 'page')
  })
  after(() => rm(folder, { recursive: true }))

  const configured = async (changes: object = {}): Promise<string> => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const samKey = toBase64url(publicKey.export({ type: 'spki', format: 'der' }))
    const config = {
      listen: { host: '127.0.0.1', port: 0 },
      origin: 'http://approve.localhost:8081',
      bundle: '.',
      deployment: { samKeyFile: 'sam-key.txt', serverOrigin: 'http://localhost:8080', deployment: 'Example' },
      ...changes,
    }
    await writeFile(join(folder, 'sam-key.txt'), samKey)
    const file = join(folder, 'sic.json')
    await writeFile(file, JSON.stringify(config))
    return file
  }

  const run = (...args: readonly string[]) =>
    spawn(process.execPath, ['--conditions=natsuin-source', MAIN, ...args], { stdio: 'pipe' })

  const firstLine = async (child: ChildProcess): Promise<unknown> => {
    assert.ok(child.stdout)
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
    return undefined
  }

  const exitCode = async (child: ChildProcess): Promise<unknown> =>
    child.exitCode ?? (await once(child, 'exit'))[0]

  it('says when it is ready, and stops on SIGTERM', async () => {
    const child = run('start', '--config', await configured())
    const ready = await firstLine(child)
    assert.partialDeepStrictEqual(ready, { ready: true, url: 'http://approve.localhost:8081' })
    child.kill('SIGTERM')
    assert.equal(await exitCode(child), 0)
  })

  it('stops with its parent when it is told to', async () => {
    const child = run('start', '--config', await configured(), '--exit-with-parent')
    await firstLine(child)
    child.stdin.end()
    assert.equal(await exitCode(child), 0)
  })

  it('says that its port is taken, and exits with 3', async () => {
    const first = run('start', '--config', await configured())
    const ready = await firstLine(first)
    assert.ok(typeof ready === 'object' && ready !== null && 'port' in ready)
    const { port } = ready
    const second = run('start', '--config', await configured({ listen: { host: '127.0.0.1', port } }))
    assert.deepEqual(await firstLine(second), { error: 'address-in-use', port })
    assert.equal(await exitCode(second), 3)
    first.kill('SIGTERM')
    assert.equal(await exitCode(first), 0)
  })

  it('does not start with a configuration that is wrong, and says what is', async () => {
    const child = run('start', '--config', await configured({ origin: 'http://localhost:8081', extra: 1 }))
    const said = Buffer.concat(await child.stderr.toArray()).toString()
    assert.equal(await exitCode(child), 2)
    assert.match(said, /extra: there is no such setting/)
  })
})
