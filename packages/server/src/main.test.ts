import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ProcessEnded, runCommand, startProcess } from '@natsuin/testing/deployment'
import { startPostgres } from '@natsuin/testing/postgres'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-server-'))
after(() => rmSync(directory, { recursive: true }))

let counter = 0
/** A configuration of its own; peers that are not there are looked for only when they are needed. */
function configure(members: object = {}, port = 0): string {
  const own = join(directory, `${counter++}`)
  const configuration = {
    name: 'Test',
    region: 'JP',
    description: '',
    publicUrl: 'http://localhost:8080',
    listen: { host: '127.0.0.1', port },
    store: { sqlite: `${own}.db` },
    sam: { socket: `${own}-sam.sock` },
    authorities: { socket: `${own}-authorities.sock` },
    approvalOrigin: 'http://approve.localhost:8081',
    secretsDirectory: `${own}-secrets`,
    clients: [],
    ...members,
  }
  writeFileSync(`${own}.json`, JSON.stringify(configuration))
  return `${own}.json`
}

const run = (command: string, file: string) =>
  runCommand({ name: 'server', args: [command, '--config', file] })
const start = (file: string) => startProcess({ name: 'server', args: ['start', '--config', file] })
const ended = (code: number | null, answer: object) => (error: unknown) => {
  assert.ok(error instanceof ProcessEnded)
  assert.equal(error.exitCode, code)
  assert.deepEqual({ ...error.answer, ...answer }, error.answer)
  return true
}

describe('the process server', () => {
  it('makes its secrets once, for its own user only, and refuses to make them again', async () => {
    const file = configure()
    assert.deepEqual(await run('init', file), { initialised: true })
    const secrets = file.replace('.json', '-secrets')
    assert.equal(statSync(secrets).mode & 0o777, 0o700)
    assert.equal(statSync(join(secrets, 'secrets.json')).mode & 0o777, 0o600)
    await assert.rejects(run('init', file), ended(2, { error: 'configuration' }))
  })

  it('does not start without secrets', async () => {
    await assert.rejects(start(configure()), ended(2, { error: 'configuration' }))
  })

  it('names every problem of its configuration and does not start', async () => {
    const file = configure({ region: 'nowhere', publicUrl: 'x' })
    await assert.rejects(start(file), (error: ProcessEnded) => {
      const { problems } = error.answer as { problems: string[] }
      return problems.length >= 2
    })
  })

  it('checks its configuration and makes nothing', async () => {
    const file = configure()
    assert.deepEqual(await run('check', file), { checked: true })
    assert.ok(!existsSync(file.replace('.json', '-secrets')))
    await assert.rejects(run('check', configure({ region: 'nowhere' })), ended(2, { error: 'configuration' }))
  })

  it('says that it is ready in one line, and ends with 0 when it is asked to', async () => {
    const file = configure()
    await run('init', file)
    const process = await start(file)
    assert.deepEqual(process.ready, { ready: true, url: 'http://localhost:8080' })
    await process.stop()
    assert.equal(await process.exited, 0)
  })

  it('says which port is taken and ends with 3', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const file = configure({}, port)
    await run('init', file)
    await assert
      .rejects(start(file), ended(3, { error: 'address-in-use', port }))
      .finally(() => taken.close())
  })

  it('migrates and starts on PostgreSQL, its URL in a file', async () => {
    const postgres = await startPostgres({ fsync: false })
    after(() => postgres.stop())
    writeFileSync(join(directory, 'url'), postgres.url, { mode: 0o600 })
    const file = configure({ store: { postgres: { urlFile: 'url' } } })
    assert.deepEqual(await run('migrate', file), { migrated: true })
    await run('init', file)
    const process = await start(file)
    await process.stop()
    assert.equal(await process.exited, 0)
  })
})
