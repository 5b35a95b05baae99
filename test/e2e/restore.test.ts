/**
 * The SAM's keys are lost and come back, as people do it at the terminal: custodians open their layers, officers agree; kill
 * -9 where they have agreed (sole-control 8 and 11; threats T-DUR-02, T-DUR-12).
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestSync } from '@natsuin/pki/node'
import { personStatement, toWire } from '@natsuin/protocol/approval'
import { connect } from '@natsuin/protocol/node'
import { type RunningProcess, startProcess } from '@natsuin/protocol/node/processes'
import { administrationMethods, sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  administerStatementBytes,
  answer,
  type Failpoints,
  openFailpoints,
} from '@natsuin/testing/deployment'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/natsuin.mjs', import.meta.url))
const ORIGIN = 'http://approve.localhost:8081'
const folder = temporaryFolder()
const directory = join(folder, 'natsuin')
const at = (...path: readonly string[]) => join(directory, ...path)

const PEOPLE = {
  's-1': 'security-officer',
  's-2': 'security-officer',
  's-3': 'security-officer',
  'o-1': 'registration-officer',
} as const
const devices = new Map(Object.keys(PEOPLE).map(id => [id, createSoftwareAuthenticator()]))
const deviceOf = (id: string) => devices.get(id) ?? assert.fail(id)

function natsuin(...args: readonly string[]) {
  const options = { input: 'Example\n', encoding: 'utf8', cwd: folder } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], options)
  return { status, stdout, stderr }
}

function succeeds(...args: readonly string[]): string {
  const { status, stdout, stderr } = natsuin(...args)
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

function edit(file: string, changed: object): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changed }))
}

/** As `natsuin sam people` keeps them. */
function writePeople(): void {
  const people = Object.entries(PEOPLE).map(([id, role]) => {
    const challenge = digestSync('sha256', personStatement('Example', id))
    const { registration } = deviceOf(id).register({ rpId: 'approve.localhost', origin: ORIGIN, challenge })
    return { id, name: `Name of ${id}`, roles: [role], registrations: [toWire(registration)] }
  })
  writeFileSync(at('people.json'), JSON.stringify(people))
}

/** Key files as custodians keep them. */
function makeCustodian(id: string): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
  writeFileSync(join(folder, `${id}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(folder, `${id}.public.pem`), publicKey.export({ type: 'spki', format: 'pem' }))
  return `${id}=${join(folder, `${id}.public.pem`)}`
}

const startSam = (): Promise<RunningProcess> =>
  startProcess({ name: 'sam', args: ['start', '--config', at('sam', 'sam.json')] })

const channel = () =>
  connect({
    methods: administrationMethods,
    address: { socket: at('run', 'sam', 'administration.sock') },
    refusals: sapRefusals,
  })

async function administering<T>(work: (of: ReturnType<typeof channel>) => Promise<T>): Promise<T> {
  const open = channel()
  try {
    return await work(open)
  } finally {
    open.close()
  }
}

const pendingNow = () => administering(async of => (await of.call('restoration/read', {})).pending)

/** Two officers agree. */
const agree = () =>
  administering(async of => {
    const { pending = assert.fail() } = await of.call('restoration/read', {})
    const act = { kind: 'resume-after-restore', ...pending } as const
    const { proposal = assert.fail() } = await of.call('propose', { act, reason: 'drill', minutes: 60 })
    for (const personId of ['s-1', 's-2']) {
      const { ticket, allow, request } = await of.call('tickets/administer', {
        requestId: proposal.requestId,
        personId,
      })
      const options = { device: deviceOf(personId), origin: ORIGIN, allow }
      await of.call('administer', answer(administerStatementBytes(ticket, request), options))
    }
  })

const restore = (...present: readonly string[]) =>
  natsuin(
    ...['sam', 'restore', '--directory', directory, '--backup', at('backup-1.json')],
    ...present.flatMap(id => ['--custodian', id]),
  )

/** What the command of the ceremony waits for, opened by whom it names. */
function openShare(id: string, ...more: readonly string[]) {
  const name = readdirSync(at('restore')).find(file => file.endsWith(`-${id}.json`)) ?? assert.fail(id)
  const out = at('restore', name.replace(/\.json$/, '.opened.json'))
  return natsuin(
    ...['key', 'open-share', at('restore', name), '--key', join(folder, `${id}.pem`), '--out', out, ...more],
  )
}

describe('a restoration at the terminal (T-DUR-12)', () => {
  let failpoints: Failpoints
  let sam: RunningProcess | undefined
  before(async () => {
    failpoints = await openFailpoints()
    succeeds('init', '--directory', directory, '--yes', '--name', 'Example')
    edit(at('founding.json'), { environment: 'test' })
    edit(at('sam', 'sam.json'), { failpoints: { socket: failpoints.socket } })
    writePeople()
  })
  after(async () => {
    await sam?.stop()
    await failpoints?.close()
  })

  it('is prepared for at genesis, with custodians who were written down before', () => {
    const custodians = ['chiyo', 'daisuke', 'emi'].flatMap(id => ['--custodian', makeCustodian(id)])
    const told = succeeds('sam', 'custodians', '--directory', directory, '--threshold', '2', ...custodians)
    assert.match(told, /custodians\.json: 2 of these restore the keys\.\n {2}chiyo {2}[0-9a-f]{4} /)
    assert.match(succeeds('sam', 'genesis', '--directory', directory), /backup-1\.json\. Keep copies/)
  })

  it('brings the keys back from what two of the custodians open, each on a machine of his own', async () => {
    sam = await startSam()
    await sam.stop()
    rmSync(at('state', 'sam', 'keys'), { recursive: true })
    await assert.rejects(startSam())
    const first = restore('chiyo', 'emi')
    assert.equal(first.status, 1)
    const [, importKey = ''] = /\n {2}([0-9a-f]{64})\n/.exec(first.stdout) ?? []
    assert.match(first.stderr, /natsuin key open-share emi\.json --key <his key> --out emi\.opened\.json\n/)
    assert.equal(openShare('emi').status, 0)
    assert.match(restore('chiyo', 'emi').stderr, new RegExp(`chiyo.*--import-key ${importKey}`))
    const unpinned = openShare('chiyo')
    assert.deepEqual([unpinned.status, /--import-key is needed/.test(unpinned.stderr)], [2, true])
    const foreign = openShare('chiyo', '--import-key', '0'.repeat(64))
    assert.deepEqual([foreign.status, /is for another import key/.test(foreign.stderr)], [2, true])
    assert.equal(openShare('chiyo', '--import-key', importKey).status, 0)
    const last = restore('chiyo', 'emi')
    assert.equal(last.status, 0, last.stderr)
    assert.match(last.stdout, /✔ Back in the module: natsuin-sam,natsuin-master,natsuin-seal\./)
  })

  it('is over when officers have agreed, also when the SAM is killed right then (T-DUR-02)', async () => {
    sam = await startSam()
    const server = connect({
      methods: sapMethods,
      address: { socket: at('run', 'sam', 'sam.sock') },
      refusals: sapRefusals,
    })
    await assert.rejects(server.call('tickets/grant', { officerId: 'o-1' }), { code: 'restore-not-approved' })
    server.close()
    assert.ok(await pendingNow())
    const reached = failpoints.reached('keys-restored')
    const lost = assert.rejects(agree())
    await reached
    await sam.kill()
    failpoints.release()
    await lost
    assert.ok(existsSync(at('state', 'sam', 'checkpoints', 'restored.json')))
    sam = await startSam()
    assert.equal(await pendingNow(), undefined)
    assert.equal(existsSync(at('state', 'sam', 'checkpoints', 'restored.json')), false)
    assert.match(succeeds('sam', 'resume', '--directory', directory, '--reason', 'x'), /Nothing waits/)
  })
})
