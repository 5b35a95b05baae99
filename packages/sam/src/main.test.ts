import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { fromBase64url, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { bringShare, connect, type ShareAnswer, splitPin } from '@natsuin/protocol/node'
import { sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import { root } from '@natsuin/testing/pki'
import { newFolder, newFounding } from './fixture/place.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly answer: string
  readonly log: string
}

function launch(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--conditions=natsuin-source', MAIN, ...args])
}

async function run(...args: readonly string[]): Promise<Ended> {
  const child = launch(...args)
  child.stdin.end()
  return ended(child)
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const read = { answer: '', log: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (read.answer += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (read.log += chunk))
  await once(child, 'close')
  return { code: child.exitCode, ...read }
}

/** A folder with a configuration that is right but for what a case changes, and a founding. */
function prepare(changed: Readonly<Record<string, unknown>> = {}, founding: object = newFounding().founding) {
  const folder = mkdtempSync(join(newFolder(), 'main-'))
  const configuration = {
    instance: 'sam-1',
    store: { sqlite: 'sam.db' },
    module: { software: { directory: 'keys' } },
    listen: { socket: 'sam.sock' },
    checkpointDirectory: 'outside',
    logOrigin: 'natsuin.example/tests',
    ...changed,
  }
  const at = (name: string) => join(folder, name)
  const set = (more: object) => writeFileSync(at('sam.json'), JSON.stringify({ ...configuration, ...more }))
  set({})
  writeFileSync(at('founding.json'), JSON.stringify(toWire(founding)))
  const genesis = () => run('genesis', '--config', at('sam.json'), '--founding', at('founding.json'))
  const start = (...more: string[]) => launch('start', '--config', at('sam.json'), ...more)
  return { at, set, genesis, start }
}

function leavesIn(storeFile: string): Record<string, unknown>[] {
  using database = new DatabaseSync(storeFile)
  const rows = database.prepare("SELECT leaf FROM leaves WHERE log = 'state' ORDER BY idx").all()
  return rows.map(({ leaf }) => JSON.parse(Buffer.from(leaf as Uint8Array).toString()))
}

const firstLine = async (child: ChildProcessWithoutNullStreams): Promise<unknown> =>
  JSON.parse(String((await once(child.stdout, 'data'))[0]))

async function founded() {
  const place = prepare()
  assert.equal((await place.genesis()).code, 0)
  return place
}

describe('sam on the command line', () => {
  it('says how it is used', async () => {
    const { code, answer } = await run('--help')
    assert.equal(code, 0)
    for (const word of ['genesis', 'start', '--config', '--founding', '--exit-with-parent']) {
      assert.ok(answer.includes(word), word)
    }
  })

  for (const args of [[], ['sign'], ['start'], ['start', 'more', '--config', 'x'], ['start', '--force']]) {
    it(`does not know what "sam ${args.join(' ')}" means, and says how it is used`, async () => {
      const { code, answer, log } = await run(...args)
      assert.deepEqual([code, answer], [2, ''])
      assert.match(log, /genesis --config FILE/)
    })
  }

  it('refuses a configuration with everything that is wrong in it at once', async () => {
    const { code, log } = await prepare({ instance: 'not an identifier', logOrigin: 7, more: 1 }).genesis()
    assert.equal(code, 2)
    const { problems } = JSON.parse(log) as { problems: string[] }
    assert.deepEqual(problems.map(problem => problem.split(':')[0]).sort(), ['instance', 'logOrigin', 'more'])
  })
})

/** Its socket is not there, or is there and nobody listens yet. */
const NOT_YET = ['ENOENT', 'ECONNREFUSED']

describe('a SAM whose PIN several people hold', () => {
  let token: SoftHsmToken
  before(async () => {
    token = await createSoftHsmToken()
    // The processes of the tests find SoftHSM's tokens as those of an operator do.
    Object.assign(process.env, token.options.environment)
  })
  after(() => token?.remove())

  it('waits at its genesis and at each start until enough of them came', async () => {
    const { modulePath, tokenLabel, pinFile } = token.options
    const pinShares = { file: 'pin-shares.json', socket: 'shares.sock' }
    const place = prepare({ module: { pkcs11: { modulePath, tokenLabel, pinShares } } })
    const { file, shares } = splitPin(readFileSync(pinFile, 'utf8').trim(), { of: 3, needed: 2 })
    writeFileSync(place.at(pinShares.file), file)
    const bring = async (share = ''): Promise<ShareAnswer> => {
      for (;;) {
        const [answer] = await Promise.allSettled([bringShare(place.at(pinShares.socket), share)])
        if (answer.status === 'fulfilled') return answer.value
        assert.ok(NOT_YET.includes(answer.reason.code), answer.reason)
        await delay(20)
      }
    }
    const genesis = place.genesis()
    assert.deepEqual(await bring(shares[2]), { share: 'taken', brought: 1, needed: 2 })
    assert.ok(!existsSync(place.at('sam.db')), 'nothing was made')
    assert.equal((await bring(shares[0])).brought, 2)
    const { code, log } = await genesis
    assert.equal(code, 0, log)
    for (const secret of [readFileSync(pinFile, 'utf8').trim(), ...shares]) assert.ok(!log.includes(secret))

    const running = place.start()
    const ready = firstLine(running)
    for (const share of [shares[1], 'MISTYPED', shares[0]]) await bring(share)
    assert.deepEqual(await ready, { ready: true, socket: place.at('sam.sock') })
    running.kill('SIGTERM')
    assert.equal((await ended(running)).code, 0)
  })
})

describe('sam check', () => {
  const VKEY = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
  const url = 'https://witness.example.org'

  it('says what is wrong with witnesses', async () => {
    const witnesses = [VKEY, VKEY, `${VKEY.slice(0, -1)}3`].map(vkey => ({ url, vkey }))
    const place = prepare({ witnesses, witnessQuorum: 4 })
    const { code, log } = await run('check', '--config', place.at('sam.json'))
    assert.equal(code, 2)
    const { problems } = JSON.parse(log) as { problems: string[] }
    assert.deepEqual(
      problems.map(problem => problem.split(':')[0]),
      ['witnesses.2.vkey', 'witnesses', 'witnessQuorum'],
    )
    const right = prepare({ witnesses: [{ url, vkey: VKEY }] })
    assert.equal((await run('check', '--config', right.at('sam.json'))).code, 0)
  })

  it('takes no setting by which the log would be off, elsewhere, or unsigned (T-AUD-09)', async () => {
    const switches: Readonly<Record<string, unknown>> = {
      audit: false,
      log: 'off',
      store: {},
      checkpointDirectory: '',
      logOrigin: '',
      checkpointSeconds: 0,
      refusalsPerSecond: 0,
    }
    for (const [name, value] of Object.entries(switches)) {
      const { code, log } = await run('check', '--config', prepare({ [name]: value }).at('sam.json'))
      assert.equal(code, 2, name)
      const { problems } = JSON.parse(log) as { problems: string[] }
      assert.deepEqual(
        problems.map(problem => problem.split(/[.:]/)[0]),
        [name],
      )
    }
    assert.equal((await run('check', '--config', prepare().at('sam.json'))).code, 0)
  })
})

describe('sam genesis (sole-control 8)', () => {
  it('makes keys, store and checkpoint, and tells the SAM key with its digest', async () => {
    const place = prepare()
    const { code, answer } = await place.genesis()
    assert.equal(code, 0)
    const { samKey, samKeyDigest } = JSON.parse(answer) as Record<string, string>
    const spki = fromBase64url(samKey ?? '') ?? new Uint8Array()
    assert.equal(samKeyDigest, toHex(digestSync('sha256', spki)))
    assert.match(readFileSync(place.at('outside/state.txt'), 'utf8'), /^natsuin\.example\/tests\/state\n1\n/)
    assert.equal(statSync(place.at('keys')).mode & 0o077, 0)
  })

  it('refuses a second time, and leaves everything as it was', async () => {
    const place = await founded()
    const checkpoint = readFileSync(place.at('outside/state.txt'))
    const { code, answer } = await place.genesis()
    assert.deepEqual([code, JSON.parse(answer)], [1, { error: 'store-exists' }])
    assert.deepEqual(readFileSync(place.at('outside/state.txt')), checkpoint)
  })

  it('refuses a founding that is wrong before it makes anything', async () => {
    const wrong = newFounding({ rpId: 'example.org' }).founding
    const place = prepare({}, wrong)
    const { code, log } = await place.genesis()
    assert.equal(code, 2)
    assert.match(log, /rpId/)
    assert.ok(!existsSync(place.at('sam.db')) && !existsSync(place.at('keys')))
    writeFileSync(place.at('founding.json'), JSON.stringify(toWire(newFounding().founding)))
    assert.equal((await place.genesis()).code, 0)
  })
})

describe('sam join', () => {
  it('needs the checkpoint of a running SAM, and a store that several can have', async () => {
    const place = await founded()
    const config = ['join', '--config', place.at('sam.json')]
    const without = await run(...config)
    assert.equal(without.code, 2)
    assert.match(without.log, /join needs --checkpoint FILE/)
    const { code, answer } = await run(...config, '--checkpoint', place.at('outside/state.txt'))
    assert.deepEqual([code, JSON.parse(answer)], [1, { error: 'cannot-join' }])
  })
})

describe('sam start', () => {
  let place: ReturnType<typeof prepare>
  before(async () => {
    place = await founded()
  })

  it('refuses when genesis did not take place, and makes nothing', async () => {
    const empty = prepare()
    const { code, answer } = await ended(empty.start())
    assert.deepEqual([code, JSON.parse(answer)], [1, { error: 'store-missing' }])
    assert.ok(!existsSync(empty.at('sam.db')) && !existsSync(empty.at('keys')))
  })

  it('refuses when the keys are missing', async () => {
    const other = await founded()
    rmSync(other.at('keys'), { recursive: true })
    assert.equal((await ended(other.start())).code, 1)
    assert.ok(!existsSync(other.at('keys')))
  })

  it('refuses when the checkpoint outside is missing, or is of a log of another name', async () => {
    const other = await founded()
    const renamed = JSON.parse(readFileSync(other.at('sam.json'), 'utf8')) as object
    writeFileSync(other.at('sam.json'), JSON.stringify({ ...renamed, logOrigin: 'natsuin.example/renamed' }))
    const { code, log } = await ended(other.start())
    assert.equal(code, 1)
    assert.match(log, /of the log natsuin\.example\/tests/)
    writeFileSync(other.at('sam.json'), JSON.stringify(renamed))
    rmSync(other.at('outside/state.txt'))
    assert.equal((await ended(other.start())).code, 1)
  })

  it('refuses while another process has the SQLite file', async () => {
    const first = place.start()
    await firstLine(first)
    const { code, answer } = await ended(place.start())
    assert.deepEqual([code, JSON.parse(answer)], [1, { error: 'store-in-use' }])
    first.kill('SIGTERM')
    assert.equal((await ended(first)).code, 0)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`says where it serves, serves, and ends well by ${signal}`, async () => {
      const child = place.start()
      const end = ended(child)
      const socket = place.at('sam.sock')
      assert.deepEqual(await firstLine(child), { ready: true, socket })
      const sap = connect({ methods: sapMethods, address: { socket }, refusals: sapRefusals })
      const { instance, environment, softwareModule } = await sap.call('info', {})
      assert.deepEqual(
        { instance, environment, softwareModule },
        { instance: 'sam-1', environment: 'test', softwareModule: true },
      )
      sap.close()
      child.kill(signal)
      const { code, log } = await end
      assert.equal(code, 0)
      for (const line of log.trim().split('\n')) JSON.parse(line)
    })
  }

  it('ends with its parent when it is told to', async () => {
    const child = place.start('--exit-with-parent')
    const end = ended(child)
    await firstLine(child)
    child.stdin.end()
    assert.equal((await end).code, 0)
  })

  it('does not end with its parent when it is not told to', async () => {
    const child = place.start()
    const end = ended(child)
    await firstLine(child)
    child.stdin.end()
    const { promise: soon, resolve } = Promise.withResolvers<string>()
    setTimeout(resolve, 300, 'running')
    assert.equal(await Promise.race([soon, end]), 'running')
    child.kill('SIGTERM')
    assert.equal((await end).code, 0)
  })

  it('refuses failpoints in a deployment that was not founded as test', async () => {
    const { founding } = newFounding({ environment: 'production', maxLevel: 1 })
    const classes = founding.classes.filter(({ level }) => level === 1)
    const production = prepare({}, { ...founding, classes })
    assert.equal((await production.genesis()).code, 0)
    const path = production.at('sam.json')
    const configuration = JSON.parse(readFileSync(path, 'utf8')) as object
    writeFileSync(path, JSON.stringify({ ...configuration, failpoints: { socket: 'failpoints.sock' } }))
    const { code, log } = await ended(production.start())
    assert.equal(code, 2)
    assert.match(log, /not founded as test/)
  })

  it('says in the state log with which configuration it began (T-AUD-09)', async () => {
    const place = await founded()
    const digests: string[] = []
    for (const checkpointSeconds of [1, 1, 2]) {
      place.set({ checkpointSeconds })
      const child = place.start()
      await firstLine(child)
      child.kill('SIGTERM')
      await ended(child)
      const [opened] = leavesIn(place.at('sam.db'))
        .filter(({ event }) => event === 'opened')
        .slice(-1)
      digests.push(String(opened?.['configurationDigest']))
    }
    const [first, same, other] = digests
    assert.equal(same, first)
    assert.notEqual(other, first)
  })

  it('says which port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const other = await founded()
    const configuration = JSON.parse(readFileSync(other.at('sam.json'), 'utf8')) as object
    const { certificate, key } = selfSigned()
    writeFileSync(other.at('tls.pem'), certificate)
    writeFileSync(other.at('tls.key'), key, { mode: 0o600 })
    const tls = { certificateFile: 'tls.pem', keyFile: 'tls.key', authorityFile: 'tls.pem' }
    const listen = { host: '127.0.0.1', port, tls }
    writeFileSync(other.at('sam.json'), JSON.stringify({ ...configuration, listen }))
    const { code, answer } = await ended(other.start())
    assert.deepEqual([code, JSON.parse(answer)], [3, { error: 'address-in-use', port }])
    taken.close()
  })
})

describe('the SAM beside other users (C-AC-4)', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, () => {
  /** Two users that every Debian has: one plays the SAM's, another that of `server`. */
  const [SAM, SERVER] = [{ uid: 5, gid: 60 }, 'man']

  /** Founded, and given to the user who is to run it. */
  async function placeOf(user: { readonly uid: number; readonly gid: number }) {
    const place = prepare({ separateFrom: [SERVER] })
    assert.equal((await place.genesis()).code, 0)
    const folder = place.at('')
    for (const above of ['..', '../..']) chmodSync(join(folder, above), 0o711)
    for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
      chownSync(join(folder, name), user.uid, user.gid)
    }
    const start = () =>
      spawn(
        process.execPath,
        ['--conditions=natsuin-source', MAIN, 'start', '--config', place.at('sam.json')],
        user,
      )
    return { at: place.at, start }
  }

  async function refusedBy(child: ChildProcessWithoutNullStreams): Promise<readonly string[]> {
    const { code, answer } = await ended(child)
    assert.equal(code, 2)
    return (JSON.parse(answer) as { problems: string[] }).problems
  }

  it('starts above level 1 as a user of its own whose files are its own', async () => {
    const { start } = await placeOf(SAM)
    const child = start()
    assert.partialDeepStrictEqual(await firstLine(child), { ready: true })
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  it('does not start when the other could read its database', async () => {
    const { at, start } = await placeOf(SAM)
    chmodSync(at('.'), 0o755)
    chmodSync(at('sam.db'), 0o644)
    assert.deepEqual(
      (await refusedBy(start())).filter(problem => !problem.includes('-wal') && !problem.includes('-shm')),
      [`separateFrom: man can read ${at('sam.db')}`],
    )
  })

  it('does not start when the other could replace the heads outside the database', async () => {
    const { at, start } = await placeOf(SAM)
    chmodSync(at('.'), 0o755)
    chmodSync(at('outside'), 0o777)
    for (const problem of await refusedBy(start())) assert.match(problem, /man can replace .*outside/)
  })

  it('does not start as the user of the other', async () => {
    const { start } = await placeOf({ uid: 6, gid: 12 })
    assert.deepEqual(await refusedBy(start()), ['separateFrom: this process runs as man itself'])
  })
})

function selfSigned() {
  const { certificate, privateKey } = root
  const base64 = Buffer.from(certificate.bytes).toString('base64')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
  }
}
