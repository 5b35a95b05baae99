import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startPostgres } from './postgres.ts'

const query = (url: string, sql: string) =>
  execFileSync('psql', [url, '--no-psqlrc', '--tuples-only', '--no-align', '-c', sql], {
    encoding: 'utf8',
  }).trim()

const folderOf = (url: string) => new URL(url).searchParams.get('host') ?? ''

describe('a throwaway PostgreSQL', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  before(async () => {
    postgres = await startPostgres({ settings: { max_connections: '17' } })
  })
  after(() => postgres.stop())

  it('answers at its URL, durable by default, with the settings that were asked for', () => {
    assert.equal(query(postgres.url, 'select current_user'), 'natsuin')
    assert.equal(query(postgres.url, 'show fsync'), 'on')
    assert.equal(query(postgres.url, 'show max_connections'), '17')
  })

  it('listens on no network address', () => {
    assert.equal(query(postgres.url, 'show listen_addresses'), '')
  })

  it('is there again after a restart and after kill -9, with what was committed', async () => {
    await postgres.run('create table kept (n int)')
    for (const how of ['fast', 'crash'] as const) {
      const { pid } = postgres
      await postgres.run('insert into kept values (1)')
      await postgres.restart(how, async () => assert.throws(() => query(postgres.url, 'select 1')))
      assert.notEqual(postgres.pid, pid)
    }
    assert.equal(await postgres.run('select count(*) from kept'), '2')
  })

  it('keeps databases apart', async () => {
    const [first, second] = [await postgres.createDatabase('first'), await postgres.createDatabase('second')]
    query(first, 'create table only_here ()')
    assert.equal(query(first, "select to_regclass('only_here')"), 'only_here')
    assert.equal(query(second, "select to_regclass('only_here')"), '')
  })
})

describe('the end of a throwaway PostgreSQL', () => {
  const gone = async (folder: string, pid: number) => {
    for (let tries = 0; tries < 200 && (existsSync(folder) || isAlive(pid)); tries++) await wait(50)
    assert.equal(existsSync(folder), false)
    assert.equal(isAlive(pid), false)
  }
  const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

  it('leaves nothing behind after stop, which may be called twice', async () => {
    const postgres = await startPostgres({ fsync: false })
    assert.equal(query(postgres.url, 'show fsync'), 'off')
    await postgres.stop()
    await postgres.stop()
    await gone(folderOf(postgres.url), postgres.pid)
  })

  it('comes by itself when the process that started it is killed', async () => {
    const script = `
      import { startPostgres } from ${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)}
      const { url, pid } = await startPostgres({ fsync: false })
      console.log(JSON.stringify({ url, pid }))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    const { url, pid } = JSON.parse(line)
    assert.equal(query(url, 'select 1'), '1')
    child.kill('SIGKILL')
    await gone(folderOf(url), pid)
  })

  it('comes with the log when the server does not start', async () => {
    await assert.rejects(
      startPostgres({ settings: { no_such_setting: '1' } }),
      /unrecognized configuration parameter/,
    )
  })
})
