/** `npm run demo`: what it does, prints, keeps, reuses, refuses and leaves behind. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { certificateDatabase, type PdfsigSignature, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import {
  type Ended,
  freePorts,
  lastLine,
  occupy,
  type Printed,
  processesIn,
  runDemo,
  startByNpm,
  startDemo,
  startWithPrograms,
} from './demo-command.ts'
import { opensslOpinion } from './openssl-judges.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const SAMPLE = join(REPOSITORY, 'demo', 'agreement.pdf')
const ENCRYPTED = join(REPOSITORY, 'test', 'vectors', 'pdf', 'encrypted-aes-256.pdf')

const folder = temporaryFolder()
const state = join(folder, 'state')
let place: readonly string[]
before(async () => {
  place = ['--state', state, '--port', String(await freePorts())]
})

const inState = (...names: readonly string[]) => join(state, ...names)
const samKey = () => readFileSync(inState('deployment', 'sam-key.txt'), 'utf8').trim()
const samKeyDigest = () => createHash('sha256').update(Buffer.from(samKey(), 'base64url')).digest('hex')
const root = () => {
  const { trustAnchors } = JSON.parse(readFileSync(inState('deployment', 'founding.json'), 'utf8'))
  return new Uint8Array(Buffer.from(trustAnchors[0], 'base64url'))
}

/** How often each event is in the SAM's log. */
function logged(): Readonly<Record<string, number>> {
  using database = new DatabaseSync(inState('deployment', 'sam', 'sam.db'), { readOnly: true })
  const rows = database.prepare('SELECT leaf FROM leaves').all()
  const events = rows.map(({ leaf }) => String(JSON.parse(Buffer.from(leaf as Uint8Array).toString()).event))
  return Object.fromEntries(
    [...new Set(events)].map(name => [name, events.filter(one => one === name).length]),
  )
}

function succeeded(ended: Ended): Printed {
  assert.equal(ended.exitCode, 0, ended.log + ended.out)
  return lastLine<Printed>(ended)
}

describe('the first run of the demonstration', () => {
  let ended: Ended
  let printed: Printed
  before(async () => {
    ended = await runDemo('--exit', '--json', ...place)
    printed = succeeded(ended)
  })

  it('prints one JSON object last, with these members', () => {
    const members = [
      'signedPdf',
      'evidence',
      'verdict',
      'judges',
      'credentialID',
      'level',
      'elapsedMs',
      'url',
    ]
    assert.deepEqual(Object.keys(printed), members)
    assert.match(printed.url, /^http:\/\/localhost:\d+\/$/)
    assert.match(printed.level, /^level 1: software module; one OS user is not a security boundary$/)
    assert.ok(Number.isInteger(printed.elapsedMs) && printed.elapsedMs > 0)
    assert.ok(printed.credentialID.length >= 16)
  })

  it('is judged good by our verifier, by the evidence and by pdfsig', () => {
    assert.equal(printed.verdict, 'TOTAL-PASSED')
    assert.deepEqual(
      printed.judges.map(({ name, good }) => [name, good]),
      [
        ['natsuin', true],
        ['evidence', true],
        ['pdfsig', true],
      ],
    )
  })

  it('enrolled one signer and signed once, as the log says', () => {
    const once = [
      'genesis',
      'opened',
      'began',
      'grant-accepted',
      'enrolled',
      'key-generated',
      'certificate-linked',
    ]
    const expected = [...once, 'sad-accepted', 'granted', 'completed', 'closed'].map(name => [name, 1])
    assert.deepEqual(logged(), Object.fromEntries(expected))
  })

  it('says what it does on standard error', () => {
    for (const said of ['Genesis', 'Enrolling', 'only digests will travel', 'signs once'])
      assert.ok(ended.log.includes(said), said)
  })

  it('leaves no process behind', () => assert.deepEqual(processesIn(state), []))

  it('appended to the document and changed nothing in it', () => {
    const [before, signed] = [readFileSync(SAMPLE), readFileSync(printed.signedPdf)]
    assert.ok(signed.length > before.length && signed.subarray(0, before.length).equals(before))
    assert.equal(qpdfCheck(printed.signedPdf).status, 0)
  })

  it('made a signature that pdfsig finds valid when the service is gone', () => {
    const { valid, coversWholeDocument } = pdfsigOf(printed.signedPdf)
    assert.deepEqual({ valid, coversWholeDocument }, { valid: true, coversWholeDocument: true })
  })

  it('made a CMS and a time-stamp that openssl verifies with the root alone', () => {
    const { cms, timeStamp } = opensslOpinion(printed.signedPdf, root(), folder)
    assert.match(cms, /CAdES Verification successful/)
    assert.match(timeStamp, /Verification: OK/)
  })

  describe('whose evidence `natsuin evidence verify` judges offline', () => {
    const verify = (document: string, digest: string) => {
      const cli = join(REPOSITORY, 'packages', 'cli', 'bin', 'natsuin.mjs')
      const args = [cli, 'evidence', 'verify', printed.evidence, document, '--sam-key', digest]
      return spawnSync(process.execPath, args, { encoding: 'utf8' })
    }

    it('holds for this document under this SAM key', () => {
      const { status, stdout } = verify(printed.signedPdf, samKeyDigest())
      assert.equal(status, 0, stdout)
      assert.match(stdout, /山田 花子/)
    })

    it('proves nothing about this document with one byte changed, and says what is wrong with it', () => {
      const changed = readFileSync(printed.signedPdf)
      changed[5000] = (changed[5000] ?? 0) ^ 1
      const path = join(folder, 'changed.pdf')
      writeFileSync(path, changed)
      const { status, stdout } = verify(path, samKeyDigest())
      assert.equal(status, 1)
      assert.match(stdout, /document-differs/)
      assert.match(stdout, /message-digest-mismatch/)
    })

    it('proves nothing about another document', () => assert.equal(verify(SAMPLE, samKeyDigest()).status, 1))

    it('proves nothing under another SAM key', () => {
      const { status, stdout } = verify(
        printed.signedPdf,
        samKeyDigest().replace(/^../, pair => (pair === '00' ? '01' : '00')),
      )
      assert.equal(status, 1, stdout)
    })
  })

  describe('and a second run', () => {
    const before = { key: '', credentialID: '' }
    let second: Ended
    it('signs with the same credential under the same SAM key', async () => {
      Object.assign(before, { key: samKey(), credentialID: printed.credentialID })
      second = await runDemo('--exit', '--json', ...place)
      const { credentialID } = succeeded(second)
      assert.deepEqual({ key: samKey(), credentialID }, before)
    })

    it('creates nothing again: no genesis, no enrolment, one more signature', () => {
      assert.doesNotMatch(second.log, /Genesis|Enrolling/)
      const { genesis, enrolled, opened, completed } = logged()
      assert.deepEqual(
        { genesis, enrolled, opened, completed },
        { genesis: 1, enrolled: 1, opened: 2, completed: 2 },
      )
    })
  })

  describe('and a run with --fresh', () => {
    it('forgets everything: another SAM key, another credential, a log that begins again', async () => {
      const key = samKey()
      const { credentialID } = succeeded(await runDemo('--exit', '--json', '--fresh', ...place))
      assert.notEqual(samKey(), key)
      assert.notEqual(credentialID, printed.credentialID)
      assert.equal(logged()['opened'], 1)
    })

    it('deletes nothing else that lies there', async () => {
      const beside = inState('mine.txt')
      writeFileSync(beside, 'not the demonstration’s')
      succeeded(await runDemo('--exit', '--json', '--fresh', ...place))
      assert.equal(readFileSync(beside, 'utf8'), 'not the demonstration’s')
    })
  })
})

describe('a document that the demonstration signs', () => {
  it('may be signed already', async () => {
    const { signedPdf } = succeeded(await runDemo('--exit', '--json', ...place))
    const again = succeeded(await runDemo(signedPdf, '--exit', '--json', ...place))
    assert.ok(again.judges.every(({ good }) => good))
    const [once, twice] = [readFileSync(signedPdf), readFileSync(again.signedPdf)]
    assert.ok(twice.length > once.length && twice.subarray(0, once.length).equals(once))
  })

  it('may have a name with characters that nobody sees, which the signer is shown a mark for', async () => {
    const document = join(folder, "Alice’s 'می\u200Cخواهم\t'.pdf")
    writeFileSync(document, shape('classic'))
    const ended = await runDemo(document, '--exit', ...place)
    assert.equal(ended.exitCode, 0, ended.log)
    assert.ok(ended.out.includes("Alice’s 'می\uFFFDخواهم\uFFFD'.pdf (seen)"), ended.out)
    const [command = ''] = /npx natsuin evidence verify .*/.exec(ended.out) ?? []
    const { status, stdout } = spawnSync('sh', ['-c', command], { cwd: REPOSITORY, encoding: 'utf8' })
    assert.equal(status, 0, command + stdout)
  })
})

describe('demonstrations that are started together', () => {
  it('take turns: both sign, with one service and one signer', async () => {
    const together = ['--state', join(folder, 'together'), '--port', String(await freePorts())]
    const ended = await Promise.all([1, 2, 3].map(() => runDemo('--exit', '--json', ...together)))
    const printed = ended.map(succeeded)
    assert.equal(new Set(printed.map(({ credentialID }) => credentialID)).size, 1)
    assert.equal(ended.filter(({ log }) => log.includes('Genesis')).length, 1)
  })

  it('share the service of one that stays, and its signer acts once at a time', async () => {
    const running = startDemo('--json', ...place)
    const { url } = JSON.parse((await running.printed('}\n')).trim()) as Printed
    const others = await Promise.all([1, 2, 3].map(() => runDemo('--exit', '--json', ...place)))
    for (const other of others) assert.equal(succeeded(other).url, url)
    await running.interrupt('SIGTERM')
  })
})

describe('a demonstration that is left running', () => {
  let running: ReturnType<typeof startDemo>
  let shown: string
  before(async () => {
    running = startDemo(...place)
    shown = await running.printed('Ctrl-C stops it')
  })
  after(() => running.interrupt('SIGTERM'))

  it('shows in its terminal what happened and where it is', () => {
    for (const said of [
      '✔ natsuin',
      '✔ evidence',
      '✔ pdfsig',
      'agreement.pdf (seen)',
      'npx natsuin evidence verify',
    ])
      assert.ok(shown.includes(said), said)
    assert.match(shown, /http:\/\/localhost:\d+\//)
  })

  it('answers at its URL with a page', async () => {
    const [url = ''] = /http:\/\/localhost:\d+\//.exec(shown) ?? []
    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  })

  it('sends whoever asks for it by address to its name, and serves nobody by another name', async () => {
    const [url = ''] = /http:\/\/localhost:\d+\//.exec(shown) ?? []
    const byAddress = await fetch(url.replace('localhost', '127.0.0.1'), { redirect: 'manual' })
    assert.deepEqual([byAddress.status, byAddress.headers.get('location')], [302, url])
    const page = `${url}desk/evidence.json`
    assert.equal(await statusFor(page, 'evil.example'), 400)
    assert.equal(await statusFor(page, new URL(url).host), 200)
  })

  it('is found by another run, which signs another document with it and starts nothing', async () => {
    const document = join(folder, 'deed.pdf')
    writeFileSync(document, shape('object-stream'))
    const children = processesIn(state)
    const other = await runDemo(document, '--exit', '--json', ...place)
    const { url, signedPdf, verdict } = succeeded(other)
    assert.equal(verdict, 'TOTAL-PASSED')
    assert.equal(signedPdf, inState('signed', 'deed-signed.pdf'))
    assert.ok(shown.includes(url))
    assert.doesNotMatch(other.log, /Starting|Genesis|Enrolling/)
    assert.deepEqual(processesIn(state), children)
  })

  it('made a signature whose certificate pdfsig trusts with the root alone, asking the OCSP responder', () => {
    const { valid, trusted, coversWholeDocument } = pdfsigOf(inState('signed', 'agreement-signed.pdf'))
    assert.deepEqual([valid, trusted, coversWholeDocument], [true, true, true])
  })

  const refused: Readonly<Record<string, string>> = {
    'certified-no-change': 'certified-against-change',
    'locked-all': 'field-locked',
    encrypted: 'encrypted',
    truncated: 'broken-xref',
    'circular-page-tree': 'malformed-structure',
    'object-stream-bomb': 'limit-exceeded',
    'not-a-pdf': 'not-a-pdf',
  }
  for (const [name, reason] of Object.entries(refused)) {
    it(`refuses a PDF of the shape ${name} with exit code 2 and the reason ${reason}`, async () => {
      const document = join(folder, `${name}.pdf`)
      writeFileSync(document, shape(name))
      const ended = await runDemo(document, '--exit', '--json', ...place)
      assert.equal(ended.exitCode, 2, ended.log)
      assert.deepEqual(lastLine(ended), { error: 'document-refused', reason })
      assert.equal(existsSync(inState('signed', `${name}-signed.pdf`)), false)
    })
  }

  it('refuses a PDF that another program encrypted', async () => {
    const ended = await runDemo(ENCRYPTED, '--exit', '--json', ...place)
    assert.equal(ended.exitCode, 2, ended.log)
    assert.deepEqual(lastLine(ended), { error: 'document-refused', reason: 'encrypted' })
  })

  it('says in words why it refuses, without --json', async () => {
    const ended = await runDemo(ENCRYPTED, '--exit', ...place)
    assert.equal(ended.exitCode, 2)
    assert.match(ended.out, /^This PDF cannot be signed\. /)
  })
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  describe(`${signal} to a running demonstration`, () => {
    it('stops every process, frees the ports, and ends with exit code 0', async () => {
      const running = startDemo('--json', ...place)
      const { url } = JSON.parse((await running.printed('}\n')).trim()) as Printed
      assert.ok(processesIn(state).length >= 5, 'the command and its four processes')
      const { exitCode } = await running.interrupt(signal)
      assert.equal(exitCode, 0)
      assert.deepEqual(processesIn(state), [])
      await assert.rejects(fetch(url))
      assert.equal(existsSync(inState('running.json')), false)
    })
  })
}

describe('a demonstration under npm', () => {
  it('stops when npm alone is told to, as a supervisor does', async () => {
    const running = startByNpm('--json', ...place)
    await running.printed('}\n')
    const { exitCode } = await running.interrupt('SIGTERM')
    assert.equal(exitCode, 0)
    assert.deepEqual(processesIn(state), [])
  })
})

describe('--fresh beside a demonstration that is running', () => {
  it('stops that one and begins anew in its place', async () => {
    const running = startDemo('--json', ...place)
    const before = JSON.parse((await running.printed('}\n')).trim()) as Printed
    const ended = await runDemo('--exit', '--json', '--fresh', ...place)
    const { credentialID, url } = succeeded(ended)
    assert.match(ended.log, /Stopping the demonstration at .*\n.*Genesis/)
    assert.notEqual(credentialID, before.credentialID)
    assert.equal(url, before.url, 'its ports were free again')
    assert.equal((await running.ended).exitCode, 0)
    assert.deepEqual(processesIn(state), [])
  })
})

describe('a demonstration that ends before it is told to', () => {
  it('leaves no process behind when it is interrupted while it starts', async () => {
    const running = startDemo('--json', ...place)
    await until(() => processesIn(state).length > 2)
    await running.interrupt('SIGINT')
    await until(() => processesIn(state).length === 0)
  })

  it('takes its four processes along when it is killed, and the next run starts them again', async () => {
    const running = startDemo('--json', ...place)
    await running.printed('}\n')
    const { pid } = JSON.parse(readFileSync(inState('running.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    await running.ended
    await until(() => processesIn(state).length === 0)
    const next = await runDemo('--exit', '--json', ...place)
    assert.equal(succeeded(next).verdict, 'TOTAL-PASSED')
    assert.match(next.log, /Starting/)
    assert.doesNotMatch(next.log, /Genesis|Enrolling/)
  })

  it('founds again what a founding left that was interrupted', async () => {
    const other = join(folder, 'interrupted')
    const founding = startDemo('--json', '--state', other, '--port', String(await freePorts()))
    await until(() => existsSync(join(other, 'deployment', 'sam.json')))
    await founding.interrupt('SIGINT')
    await until(() => processesIn(other).length === 0)
    const next = await runDemo('--exit', '--json', '--state', other, '--port', String(await freePorts()))
    assert.equal(succeeded(next).verdict, 'TOTAL-PASSED')
  })
})

describe('ports that are taken', () => {
  it('move up, and the URL says so', async () => {
    const first = await freePorts()
    await using _server = await occupy(first)
    await using _desk = await occupy(first + 3)
    const other = join(folder, 'other-state')
    const ended = await runDemo('--exit', '--json', '--state', other, '--port', String(first))
    const { url, verdict } = succeeded(ended)
    assert.equal(verdict, 'TOTAL-PASSED')
    assert.ok(Number(new URL(url).port) > first + 3, url)
  })

  it('move up from those that somebody has on the other loopback address, which browsers ask first', async () => {
    const first = await freePorts()
    await using other = await occupy(first + 3, '::1')
    if (other === undefined) return // a machine without IPv6
    const elsewhere = ['--state', join(folder, 'beside-ipv6'), '--port', String(first)]
    const { url } = succeeded(await runDemo('--exit', '--json', ...elsewhere))
    assert.ok(Number(new URL(url).port) > first + 3, url)
  })

  it('of the approval origin cannot move: the demonstration says so and stops what it began', async () => {
    const { ports } = JSON.parse(readFileSync(inState('deployment', 'plan.json'), 'utf8'))
    await using _approval = await occupy(ports.approval)
    const ended = await runDemo('--exit', '--json', ...place)
    const { exitCode, log } = ended
    assert.equal(exitCode, 1)
    assert.deepEqual(lastLine(ended), { error: 'cannot-start', reason: 'port-taken' })
    assert.match(log, new RegExp(`Port ${ports.approval} was fixed when this demonstration was founded`))
    assert.doesNotMatch(log, /^\s+at /m, 'a sentence, not a stack')
    assert.deepEqual(processesIn(state), [])
  })
})

describe('a directory that lies too deep for a path of a socket', () => {
  it('serves as well as any other', async () => {
    const deep = join(folder, 'x'.repeat(120))
    succeeded(await runDemo('--exit', '--json', '--state', deep, '--port', String(await freePorts())))
  })
})

describe('--browser', () => {
  it('opens the page of the running service', async () => {
    const programs = join(folder, 'programs')
    const opened = join(folder, 'opened.txt')
    mkdirSync(programs)
    for (const opener of ['xdg-open', 'open']) {
      writeFileSync(join(programs, opener), `#!/bin/sh\necho "$1" > '${opened}'\n`)
      chmodSync(join(programs, opener), 0o755)
    }
    const running = startWithPrograms(programs, '--browser', '--json', ...place)
    const { url } = JSON.parse((await running.printed('}\n')).trim()) as Printed
    await until(() => existsSync(opened) && readFileSync(opened, 'utf8') === `${url}\n`)
    await running.interrupt('SIGTERM')
  })
})

describe('the command line of the demonstration', () => {
  it('explains itself with --help', async () => {
    const { exitCode, out } = await runDemo('--help')
    assert.equal(exitCode, 0)
    for (const option of ['--browser', '--exit', '--json', '--fresh', '--port', '--state', '--help'])
      assert.ok(out.includes(option), option)
  })

  it('ends with 1 and starts nothing when the file is not there, or is none', async () => {
    for (const [file, reason, sentence] of [
      [join(folder, 'nowhere.pdf'), 'not-found', /^There is no file .*nowhere\.pdf/],
      [folder, 'not-a-file', /is not a file/],
    ] as const) {
      const ended = await runDemo(file, '--exit', '--json', ...place)
      assert.equal(ended.exitCode, 1)
      assert.match(ended.log, sentence)
      assert.deepEqual(lastLine(ended), { error: 'file-unreadable', reason })
      assert.deepEqual(processesIn(state), [])
    }
  })

  it('ends with 1 and a sentence for what it does not know', async () => {
    for (const args of [['--nonsense'], ['--port', '80'], [SAMPLE, SAMPLE]]) {
      const { exitCode, log } = await runDemo(...args, '--state', state)
      assert.equal(exitCode, 1, args.join(' '))
      assert.doesNotMatch(log, /^\s+at /m)
    }
  })
})

/** The one signature of the file, as pdfsig sees it with an NSS database that trusts the root. */
function pdfsigOf(path: string): PdfsigSignature {
  const [signature, ...others] = pdfsig(path, certificateDatabase(folder, root()))
  assert.ok(signature !== undefined && others.length === 0)
  return signature
}

/** Asked by address under any name, as somebody's page would after its name was pointed here. */
async function statusFor(url: string, host: string): Promise<number | undefined> {
  const { port, pathname: path } = new URL(url)
  const [response] = await once(get({ host: '127.0.0.1', port, path, headers: { host } }), 'response')
  response.resume()
  return response.statusCode
}

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !isSo(); await delay(20)) assert.ok(Date.now() < end, String(isSo))
}

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  assert.ok(found !== undefined, name)
  return found.bytes()
}
