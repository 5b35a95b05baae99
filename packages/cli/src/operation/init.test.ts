import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { connect, PeerFault, serve } from '@natsuin/protocol/node'
import { record } from '@natsuin/protocol/shape'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { collectAnswers, WrongAnswers } from './answer.ts'
import { makeInternalAuthority } from './internal-authority.ts'

const NATSUIN = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()
let counter = 0

function natsuin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [NATSUIN, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Initialises a directory of its own, asked nothing. */
function initialise(...flags: readonly string[]) {
  const directory = join(folder, `${counter++}`)
  return { directory, ...natsuin('init', '--directory', directory, '--yes', ...flags) }
}

const PRODUCTION = ['--server-url', 'https://sign.example.org', '--max-level', '3', '--module', 'pkcs11']

describe('natsuin init', () => {
  it('writes a configuration of each process that can be founded, and says what comes next', () => {
    const { directory, status, stdout, stderr } = initialise()
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /1\. natsuin check/)
    const checked = natsuin('check', '--directory', directory)
    assert.deepEqual([checked.stdout, checked.stderr], ['✔ sam\n✔ authorities\n✔ server\n✔ sic\n', ''])
    assert.equal(checked.status, 0)
  })

  it('never writes over what is there', () => {
    const { directory } = initialise()
    const before = readFileSync(join(directory, 'sam/sam.json'))
    const again = natsuin('init', '--directory', directory, '--yes', '--name', 'Another')
    assert.equal(again.status, 1)
    assert.match(again.stderr, /is there already; nothing was written/)
    assert.deepEqual(readFileSync(join(directory, 'sam/sam.json')), before)
    const other = join(folder, 'other')
    mkdirSync(join(other, 'internal-ca'), { recursive: true })
    assert.equal(natsuin('init', '--directory', other, '--yes').status, 1)
  })

  it('takes answers from a file, and flags before it', () => {
    const answers = join(folder, 'answers.json')
    writeFileSync(answers, JSON.stringify({ name: 'From file', country: 'DE' }))
    const { directory } = initialise('--answers', answers, '--country', 'FR')
    const { name, country } = JSON.parse(
      readFileSync(join(directory, 'authorities/authorities.json'), 'utf8'),
    )
    assert.deepEqual([name, country], ['From file', 'FR'])
  })

  it('says everything that is wrong with the answers at once, and writes nothing', () => {
    const { directory, status, stderr } = initialise(
      '--country',
      'Japan',
      '--max-level',
      '4',
      '--sam-host',
      'x',
    )
    assert.equal(status, 2)
    assert.deepEqual(
      stderr
        .trimEnd()
        .split('\n')
        .map(line => line.split(':')[0]),
      ['country', 'max-level', 'sam-host'],
    )
    assert.ok(!existsSync(directory))
  })

  it('has no secret in any configuration, and an empty file, which nothing starts with, for each (T-SEC-07)', () => {
    const { directory, status } = initialise(
      ...PRODUCTION,
      '--database',
      'postgres',
      '--users',
      'one',
      '--max-level',
      '1',
    )
    assert.equal(status, 0)
    for (const file of ['sam/pin', 'sam/store.url', 'authorities/pin', 'server/store.url']) {
      const { size, mode } = statSync(join(directory, file))
      assert.deepEqual([size, mode & 0o777], [0, 0o600], file)
    }
    const { stderr, status: checked } = natsuin('check', '--directory', directory)
    assert.equal(checked, 1)
    for (const setting of ['store.postgres.urlFile', 'module.pkcs11.pinFile']) {
      assert.match(stderr, new RegExp(`${setting.replaceAll('.', '\\.')}: \\S+ is empty`))
    }
  })

  it('says how it is used', () => {
    const { status, stdout } = natsuin('init', '--help')
    assert.equal(status, 0)
    for (const word of ['--answers', '--yes', '--server-url', '--module', '--hosts'])
      assert.ok(stdout.includes(word))
    assert.equal(natsuin('init', '--colour', 'red').status, 2)
    assert.equal(natsuin('check', '--directory', join(folder, 'nowhere')).status, 2)
    assert.equal(natsuin('check', 'sham', '--directory', initialise().directory).status, 2)
  })

  it('makes an authority and certificates for processes on several machines', () => {
    const { directory, status, stdout } = initialise('--hosts', 'several', '--sam-host', '10.0.0.2')
    assert.equal(status, 0)
    assert.match(stdout, /take internal-ca\/ca-key\.pem offline/)
    assert.deepEqual(readdirSync(join(directory, 'internal-ca')).toSorted(), ['ca-key.pem', 'ca.pem'])
    for (const owner of ['sam', 'authorities', 'server']) {
      const { status: verified } = spawnSync('openssl', [
        'verify',
        '-x509_strict',
        '-CAfile',
        join(directory, owner, 'internal-ca.pem'),
        join(directory, owner, `${owner}-peer.pem`),
      ])
      assert.equal(verified, 0, owner)
      assert.equal(statSync(join(directory, owner, `${owner}-peer-key.pem`)).mode & 0o777, 0o600)
    }
    const { status: checked, stderr } = natsuin(
      'check',
      'sam',
      'authorities',
      'server',
      '--directory',
      directory,
    )
    assert.deepEqual([checked, stderr], [0, ''])
  })
})

describe('answers', () => {
  const wrongWith = async (given: Record<string, string>): Promise<readonly string[]> => {
    try {
      await collectAnswers(given)
    } catch (error) {
      assert.ok(error instanceof WrongAnswers)
      return error.problems
    }
    return []
  }

  it('default to one machine on localhost, and to names beside that of the server', async () => {
    const local = await collectAnswers({})
    assert.deepEqual([local['approval-url'], local['tls']], ['http://approve.localhost:8081', 'none'])
    const real = await collectAnswers({ 'server-url': 'https://sign.example.org' })
    assert.equal(real['approval-url'], 'https://approve.example.org')
    assert.equal(real['authorities-url'], 'http://pki.example.org')
    assert.deepEqual([real['tls'], real['proxies']], ['proxy', '127.0.0.1'])
  })

  it('are refused where they would give up what they are for', async () => {
    const cases: Record<string, Record<string, string>> = {
      'server-url': { 'server-url': 'http://sign.example.org' },
      'approval-url': { 'server-url': 'https://a.example', 'approval-url': 'https://a.example' },
      tls: { 'server-url': 'https://a.example', tls: 'none' },
      proxies: { 'server-url': 'https://a.example', proxies: '10.0.0.0/8' },
      module: { 'max-level': '2', module: 'software' },
      users: { 'max-level': '2', module: 'pkcs11', users: 'one' },
      'authorities-token': { module: 'pkcs11', 'sam-token': 'x', 'authorities-token': 'x' },
    }
    for (const [name, given] of Object.entries(cases)) {
      assert.deepEqual(
        (await wrongWith(given)).map(problem => problem.split(':')[0]),
        [name],
        name,
      )
    }
    assert.deepEqual(await wrongWith({ 'server-url': 'https://a.b', tls: 'files' }), [])
  })

  it('are asked for one after the other, again when wrong, and only where they matter', async () => {
    const asked: string[] = []
    const replies: Record<string, string[]> = { 'Its country': ['Japan', '', 'DE'] }
    const answers = await collectAnswers({ name: 'X' }, async (text, byDefault) => {
      asked.push(text)
      const [beginning] = Object.keys(replies).filter(
        one => text.startsWith(one) || text.startsWith('  expected'),
      )
      return (beginning === undefined ? undefined : replies[beginning]?.shift()) ?? byDefault
    })
    assert.equal(answers['country'], 'DE')
    assert.ok(!asked.some(text => text.startsWith('Name of the service')))
    assert.ok(!asked.some(text => text.startsWith('Label')))
  })
})

describe('the internal authority', () => {
  const methods = { greet: { request: record({}), response: record({}) } }

  it('lets server ask, and nobody who is to answer', async () => {
    const peers = [
      { owner: 'sam', host: '127.0.0.1' },
      { owner: 'authorities', host: '127.0.0.1' },
      { owner: 'server' },
    ]
    const { authority, peers: made } = await makeInternalAuthority('Test', peers as never, new Date())
    const identity = (owner: 'sam' | 'authorities' | 'server') => ({
      certificate: made.get(owner)?.certificate ?? '',
      key: made.get(owner)?.key ?? '',
      authority: authority.certificate,
    })
    const serving = await serve({
      methods,
      handlers: { greet: async () => ({}) },
      address: { host: '127.0.0.1', port: 0, tls: identity('sam') },
      onFault: () => {},
    })
    const askAs = async (owner: 'sam' | 'authorities' | 'server') => {
      const address = { host: '127.0.0.1', port: serving.port ?? 0, tls: identity(owner) }
      const connection = connect({ methods, refusals: ['malformed'], address })
      return connection.call('greet', {}).finally(() => connection.close())
    }
    assert.deepEqual(await askAs('server'), {})
    for (const owner of ['sam', 'authorities'] as const) await assert.rejects(askAs(owner), PeerFault)
    await serving.close()
  })

  it('names hosts by name and by either kind of address', async () => {
    for (const host of ['sam.internal', '10.0.0.2', 'fd00::1:2']) {
      const { peers } = await makeInternalAuthority('Test', [{ owner: 'sam', host }], new Date())
      const { stdout } = spawnSync('openssl', ['x509', '-noout', '-ext', 'subjectAltName'], {
        input: peers.get('sam')?.certificate ?? '',
        encoding: 'utf8',
      })
      assert.match(stdout, new RegExp(host === 'fd00::1:2' ? 'FD00:0:0:0:0:0:1:2' : host))
    }
  })
})
