import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type Command, UsageError } from '../command.ts'
import { check } from '../operation/check.ts'
import { init } from '../operation/init.ts'
import { clientAdd } from './add.ts'
import { clientList } from './list.ts'
import { clientRemove } from './remove.ts'
import { clientRotate } from './rotate.ts'

const COMMANDS = { add: clientAdd, list: clientList, rotate: clientRotate, remove: clientRemove }
const folder = temporaryFolder()
const directory = join(folder, 'natsuin')
const clients = join(directory, 'server', 'clients')
const PORTAL = ['--name', '契約ポータル', '--redirect', 'https://portal.example/back']

/** As `natsuin` runs it. */
async function run(command: Command, ...args: readonly string[]) {
  const [out, error]: [string[], string[]] = [[], []]
  const terminal = {
    out: (text: string) => void out.push(text),
    error: (text: string) => void error.push(text),
  }
  const status = await command.run(args, terminal).catch((reason: unknown) => {
    if (!(reason instanceof UsageError)) throw reason
    error.push(reason.message)
    return 2
  })
  const [stdout = '', stderr = ''] = [out, error].map(lines => lines.map(line => `${line}\n`).join(''))
  return { status, stdout, stderr }
}

const client = (verb: keyof typeof COMMANDS, ...args: readonly string[]) =>
  run(COMMANDS[verb], ...args, '--directory', directory)

/** @throws when it is refused */
async function add(id: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await client('add', '--id', id, ...PORTAL, ...args)
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
}

const written = (id: string) => JSON.parse(readFileSync(join(clients, `${id}.json`), 'utf8'))
const secretIn = (name: string) => readFileSync(join(clients, name), 'utf8').trim()

function newKey(name: string): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const file = join(folder, name)
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  return file
}

const serverSays = () => run(check, 'server', '--directory', directory)

describe('natsuin client', () => {
  before(async () => {
    const { status } = await run(init, '--directory', directory, '--yes', '--client-id', 'first')
    assert.equal(status, 0)
  })

  it('lists what natsuin init registered, in a directory that the server reads', async () => {
    const { status, stdout } = await client('list')
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^first {2}first {2}\(standard, public\)\n {2}back to http:\/\/localhost:8090\/callback\n/,
    )
    assert.equal((await serverSays()).status, 0)
  })

  it('registers an application with a secret that is shown once, and kept where the server alone reads it', async () => {
    const said = await add('with-secret', '--secret', '--profile', 'csc-v1', '--acts-for', 'seal-1')
    assert.deepEqual(written('with-secret'), {
      client_id: 'with-secret',
      name: '契約ポータル',
      profile: 'csc-v1',
      redirect_uris: ['https://portal.example/back'],
      actsFor: ['seal-1'],
      secretFile: 'with-secret.1.secret',
    })
    const secret = secretIn('with-secret.1.secret')
    assert.match(secret, /^[\w-]{43}$/)
    assert.ok(said.includes(secret))
    assert.equal(statSync(join(clients, 'with-secret.1.secret')).mode & 0o777, 0o600)
    assert.ok(
      !(await client('list')).stdout.includes(secret) &&
        !(await client('list', '--json')).stdout.includes(secret),
    )
    assert.equal((await serverSays()).status, 0)
  })

  it('says what the roster of the SAM needs, as one types it', async () => {
    const key = newKey('portal.pem')
    const said = await add(
      'with-key',
      '--key',
      `k-1=${key}`,
      '--origin',
      'https://portal.example',
      '--profile',
      'fapi2',
    )
    assert.ok(
      said.includes(
        `natsuin sam propose client-set --id with-key --name '契約ポータル' --add-key k-1=${key} --origin https://portal.example --reason '…'`,
      ),
    )
    const { jwks, ...rest } = written('with-key')
    assert.deepEqual(Object.keys(rest), ['client_id', 'name', 'profile', 'redirect_uris'])
    assert.deepEqual([jwks.keys.length, jwks.keys[0].kid, jwks.keys[0].d], [1, 'k-1', undefined])
    assert.equal((await serverSays()).status, 0)
  })

  it('leaves nothing of an application that the server refuses, and says why in its words', async () => {
    const before = readdirSync(clients)
    const wrong = {
      'exactly one of': ['--public', '--secret'],
      'profile fapi2': ['--secret', '--profile', 'fapi2'],
      'is not taken': ['--public', '--redirect', 'http://portal.example/'],
      'expected one of': ['--public', '--specs', '3.0.0.0'],
    }
    for (const [why, flags] of Object.entries(wrong)) {
      const { status, stderr } = await client('add', '--id', 'refused', ...PORTAL, ...flags)
      assert.equal(status, 1, why)
      assert.ok(stderr.includes(why), stderr)
    }
    assert.deepEqual(readdirSync(clients), before)
  })

  it('registers nobody twice, and never writes outside its directory', async () => {
    assert.equal((await client('add', '--id', 'first', ...PORTAL, '--public')).status, 1)
    assert.equal((await client('add', '--id', '../first', ...PORTAL, '--public')).status, 2)
    assert.equal((await client('rotate', '--id', '../server')).status, 2)
    assert.equal((await client('remove', '--id', 'nobody')).status, 2)
  })

  it('gives another secret while the one before counts, until the next or until it is ended', async () => {
    await add('rotated', '--secret')
    const [first, second, third] = ['rotated.1.secret', 'rotated.2.secret', 'rotated.3.secret']
    const said = await client('rotate', '--id', 'rotated')
    assert.equal(said.status, 0)
    assert.ok(said.stdout.includes(secretIn('rotated.2.secret')))
    const { secretFile, previousSecretFile } = written('rotated')
    assert.deepEqual([secretFile, previousSecretFile], [second, first])
    assert.match((await client('list')).stdout, /rotated {2}.*two secrets/)
    await client('rotate', '--id', 'rotated')
    assert.deepEqual([written('rotated').secretFile, written('rotated').previousSecretFile], [third, second])
    assert.ok(!existsSync(join(clients, 'rotated.1.secret')))
    assert.equal((await serverSays()).status, 0)
    await client('rotate', '--id', 'rotated', '--end')
    assert.deepEqual(
      [written('rotated').secretFile, written('rotated').previousSecretFile],
      [third, undefined],
    )
    assert.deepEqual(
      readdirSync(clients).filter(name => name.startsWith('rotated.') && name.endsWith('.secret')),
      ['rotated.3.secret'],
    )
    assert.equal((await client('rotate', '--id', 'first')).status, 2)
  })

  it('gives another key beside the one before, and ends one that the server can do without', async () => {
    await add('keyed', '--key', `k-1=${newKey('one.pem')}`)
    const added = await client('rotate', '--id', 'keyed', '--add-key', `k-2=${newKey('two.pem')}`)
    assert.match(added.stdout, /keyed has these keys: k-1, k-2/)
    assert.equal((await client('rotate', '--id', 'keyed', '--remove-key', 'k-1')).status, 0)
    assert.deepEqual(
      written('keyed').jwks.keys.map(({ kid }: { kid: string }) => kid),
      ['k-2'],
    )
    const last = await client('rotate', '--id', 'keyed', '--remove-key', 'k-2')
    assert.equal(last.status, 1)
    assert.equal(written('keyed').jwks.keys.length, 1)
  })

  it('removes an application with its secrets', async () => {
    await add('gone', '--secret')
    await client('rotate', '--id', 'gone')
    const { status, stdout } = await client('remove', '--id', 'gone')
    assert.equal(status, 0)
    assert.match(stdout, /natsuin sam propose client-remove --id gone/)
    assert.deepEqual(
      readdirSync(clients).filter(name => name.startsWith('gone')),
      [],
    )
  })

  it('says how it is used', async () => {
    for (const { help, usage } of Object.values(COMMANDS)) {
      assert.match(help, /--directory DIR[\s\S]*Exit status:/)
      assert.match(usage, /\[--directory DIR\]$/)
    }
    assert.equal((await client('add', '--id', 'x', '--colour', 'red')).status, 2)
    assert.equal((await run(clientList, '--directory', join(folder, 'nowhere'))).status, 2)
  })
})
