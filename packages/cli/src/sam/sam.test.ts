/** The administrative commands as a person types them, at a running SAM: what is proposed, shown, approved, told. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fromBase64url } from '@natsuin/pki/encoding'
import { carriedRequest, readCarried, writeCarried } from '@natsuin/protocol/administration'
import {
  type AdministrativeChannel,
  administerStatementBytes,
  answer,
  approvalBy,
  type Deployment,
  loadDevice,
  openAdministration,
  registerPerson,
  saveDevice,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()

let deployment: Deployment
let channel: AdministrativeChannel

before(async () => {
  deployment = await startThrowaway()
  channel = openAdministration(deployment)
})

after(async () => {
  channel?.close()
  await deployment?.stop()
})

const socket = () => ['--socket', join(deployment.directory, 'sam-administration.sock')]

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [COMMAND, 'sam', ...args, ...socket()], { stdio: 'pipe' })
}

interface Said {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

async function ended(child: ChildProcess): Promise<Said> {
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  await closed
  return { status: child.exitCode, stdout, stderr }
}

async function textOf(stream: ChildProcess['stdout']): Promise<string> {
  assert.ok(stream)
  return Buffer.concat(await stream.toArray()).toString()
}

const natsuin = (...args: readonly string[]) => ended(start(...args))

/** What it prints, until it has printed this. */
async function until(child: ChildProcess, said: RegExp): Promise<string> {
  assert.ok(child.stdout)
  let text = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk)
    if (said.test(text)) return text
  }
  throw new Error(`ended without ${String(said)}:\n${text}`)
}

async function approve(requestId: string, personId: string): Promise<void> {
  await channel.call('administer', await approvalBy(deployment, channel, requestId, personId))
}

describe('natsuin sam', () => {
  it('shows the roster, and that it is the one of genesis', async () => {
    const { status, stdout } = await natsuin('roster')
    assert.equal(status, 0)
    for (const said of [
      'roster version 1',
      'security-officer-1  First security officer  (security-officer)',
      'level-1',
    ]) {
      assert.ok(stdout.includes(said), stdout)
    }
    assert.deepEqual(await natsuin('amendments'), {
      status: 0,
      stdout: 'The roster is the one of genesis.\n',
      stderr: '',
    })
    assert.deepEqual(await natsuin('proposals'), {
      status: 0,
      stdout: 'Nothing waits for approvals.\n',
      stderr: '',
    })
    assert.equal(JSON.parse((await natsuin('roster', '--json')).stdout).version, 1)
  })

  it('leads through a change: links for those who may approve, who did, and that it is in force', async () => {
    const child = start('propose', 'limits-set', '--grant-hours', '5', '--reason', 'shorter')
    const said = await until(child, /Waiting/)
    assert.match(said, /“shorter”\n {2}limits-set: grants 5 hours/)
    assert.match(said, /2 of these people have to approve it/)
    const [, requestId = ''] = /#administer=([\w-]+)&as=security-officer-1\n/.exec(said) ?? []
    await approve(requestId, 'security-officer-1')
    await until(child, /✔ First security officer approved it \(1 of 2\)/)
    await approve(requestId, 'security-officer-3')
    const { status, stdout } = await ended(child)
    assert.match(stdout, /✔ In force: the roster is version 2\./)
    assert.equal(status, 0)
    const log = (await natsuin('amendments')).stdout
    assert.match(
      log,
      /^version 2 .*“shorter”\n.*\n {2}approved by First security officer \(security-officer-1\), Third/,
    )
  })

  it('replaces the master key, and stays until the old one is destroyed', async () => {
    const { label } = await channel.call('master-key/read', {})
    const child = start('rotate-master-key', '--reason', 'yearly')
    const said = await until(child, /Waiting/)
    assert.ok(said.includes(`rotate-master-key: ${label} is replaced`), said)
    const [, requestId = ''] = /#administer=([\w-]+)&as=security-officer-1\n/.exec(said) ?? []
    for (const id of ['security-officer-1', 'security-officer-2']) await approve(requestId, id)
    const { status, stdout } = await ended(child)
    assert.match(
      stdout,
      /The master key is natsuin-master-[0-9a-f]{16}\. Every signer's key is under it\.\n$/,
    )
    assert.equal(status, 0)
    assert.equal((await natsuin('master-key')).stdout, stdout.split('\n').at(-2)?.concat('\n'))
  })

  it('admits somebody by the code of his registration, and takes him away again', async () => {
    const { stdout: link } = await natsuin('register', '--id', 'auditor-1', '--name', 'Auditor')
    assert.match(link, /#register=[\w-]+\n$/)
    const registration = registerPerson(deployment.directory, deployment.plan, 'auditor-1')
    const code = writeCarried({ personId: 'auditor-1', registration })
    const person = ['--id', 'auditor-1', '--name', 'Auditor', '--roles', 'system-auditor', '--code', code]
    await inForce('person-add', ...person)
    assert.match(
      (await natsuin('roster')).stdout,
      /auditor-1 {2}Auditor {2}\(system-auditor\)\n {6}passkey 1: /,
    )
    await inForce('person-remove', '--id', 'auditor-1')
    assert.doesNotMatch((await natsuin('roster')).stdout, /auditor-1/)
  })

  it('changes an application by what is said, and leaves the rest as it was', async () => {
    const before = await clientOf('application')
    await inForce('client-set', '--id', 'application', '--origin', 'https://desk.example')
    assert.deepEqual(await clientOf('application'), { ...before, origins: ['https://desk.example'] })
  })

  it('carries a request to somebody and his approval back, without the server', async () => {
    const { requestId } = await proposed('limits-set', '--request-hours', '3')
    const child = start('approve', requestId, 'security-officer-2')
    const asked = await new Promise<string>(resolve => {
      let text = ''
      child.stderr?.on('data', chunk => {
        text += String(chunk)
        if (text.includes('The code that came of it:')) resolve(text)
      })
    })
    const [, carried = ''] = /#carried=([\w-]+)\n/.exec(asked) ?? []
    const { ticket, request, allow } = readCarried(carried, carriedRequest)
    const device = loadDevice(deployment.directory, 'security-officer-2')
    const answered = answer(administerStatementBytes(ticket, request), {
      device,
      origin: deployment.urls.approval,
      allow,
    })
    saveDevice(deployment.directory, 'security-officer-2', device)
    child.stdin?.end(`${writeCarried(answered)}\n`)
    assert.deepEqual(await textOf(child.stdout), '✔ Approved by 1 of 2.\n')
    assert.equal((await natsuin('withdraw', requestId)).stdout, 'Withdrawn.\n')
    const { status, stderr } = await natsuin('approve', requestId, 'security-officer-1')
    assert.equal(status, 1)
    assert.match(stderr, /^The SAM knows no such request/)
  })

  it('says everything that is wrong with a change, and proposes nothing', async () => {
    const { status, stdout, stderr } = await natsuin(
      'propose',
      'quorum-set',
      '--quorum',
      '5',
      '--reason',
      'x',
    )
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(
      stderr,
      /^It cannot be done like this:\n {2}quorum: fewer security officers than have to agree/,
    )
    assert.match(
      (await natsuin('revoke', 'nothing', '--reason', 'x')).stderr,
      /^There is no such credential\./,
    )
  })

  const WRONG: readonly (readonly [RegExp, readonly string[]])[] = [
    [/^Needed: a change\./, ['propose', '--reason', 'x']],
    [/^--reason is needed\./, ['propose', 'level-set', '--level', '1']],
    [/^There is no change nothing\./, ['propose', 'nothing', '--reason', 'x']],
    [
      /^--quorum: not used here\./,
      ['propose', 'level-set', '--level', '1', '--quorum', '2', '--reason', 'x'],
    ],
    [/^level-set --level 1\|2\|3: /, ['propose', 'level-set', '--level', '9', '--reason', 'x']],
    [
      /^--minutes needs a number/,
      ['propose', 'level-set', '--level', '1', '--minutes', '0', '--reason', 'x'],
    ],
    [
      /^The code is not whole/,
      ['propose', 'passkey-add', '--id', 'security-officer-1', '--code', 'x', '--reason', 'x'],
    ],
    [
      /has no passkey 2/,
      ['propose', 'passkey-remove', '--id', 'security-officer-1', '--passkey', '2', '--reason', 'x'],
    ],
    [/^There is nobody of the id x/, ['propose', 'passkey-add', '--id', 'x', '--reason', 'x']],
    [/no\.json: /, ['propose', 'class-set', '--file', 'no.json', '--reason', 'x']],
  ]
  for (const [said, args] of WRONG) {
    it(`is not used as: ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await natsuin(...args)
      assert.deepEqual([status, stdout], [2, ''], stderr)
      assert.match(stderr, said)
    })
  }

  it('takes several changes from a file', async () => {
    const file = join(folder, 'changes.json')
    writeFileSync(
      file,
      JSON.stringify([
        { kind: 'client-set', client: { id: 'one', name: 'One' } },
        { kind: 'client-set', client: { id: 'two', name: 'Two' } },
      ]),
    )
    await inForce('file', '--file', file)
    assert.equal((await clientOf('two'))?.name, 'Two')
  })

  it('says that no SAM answers', async () => {
    const child = spawn(process.execPath, [COMMAND, 'sam', 'roster', '--socket', join(folder, 'no.sock')])
    const { status, stderr } = await ended(child)
    assert.deepEqual([status, stderr], [1, 'No SAM answers at the administrative socket (ENOENT).\n'])
    const without = spawn(process.execPath, [COMMAND, 'sam', 'roster', '--directory', folder])
    assert.equal((await ended(without)).status, 2)
  })
})

async function proposed(...args: readonly string[]) {
  const { status, stdout, stderr } = await natsuin('propose', ...args, '--reason', 'because', '--json')
  assert.equal(status, 0, stderr)
  const said: unknown = JSON.parse(stdout)
  assert.ok(typeof said === 'object' && said !== null && 'requestId' in said)
  const requestId = String(said.requestId)
  assert.equal(fromBase64url(requestId)?.length, 32)
  return { requestId }
}

/** Proposes, and has two approve. */
async function inForce(...args: readonly string[]): Promise<void> {
  const { requestId } = await proposed(...args)
  await approve(requestId, 'security-officer-1')
  await approve(requestId, 'security-officer-2')
}

async function clientOf(clientId: string) {
  const { roster } = await channel.call('roster/read', {})
  return roster.clients.find(({ id }) => id === clientId)
}
