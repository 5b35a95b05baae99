/**
 * docs/integrate.md, followed to the letter: every block marked `sh` or `ts` is run as it stands, against a deployment, by
 * an application that is registered as the page says, with a person who logs in and approves. And the examples in the README
 * of `@natsuin/client`, with what they leave to their reader.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { toBase64url } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  approvalBy,
  classOf,
  createRequestKey,
  type Deployment,
  enrolSealer,
  enrolSigner,
  ORGANISATION,
  openAdministration,
  type Sealer,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { blocksOf } from './blocks.ts'
import { PersonAtTerminal, type Ran, type Run } from './integrate/terminal.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const NATSUIN = join(ROOT, 'packages/cli/bin/natsuin.mjs')
const REDIRECT_URI = 'https://portal.example/back'
const BLOCKS = blocksOf('integrate').filter(({ language }) => language === 'sh' || language === 'ts')

const README = readFileSync(join(ROOT, 'packages/client/README.md'), 'utf8')
const EXAMPLES = [...README.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text)

/** Signs its requests: its key is in the roster. */
const KEY = createRequestKey('portal-2026')
const VOUCHING = {
  id: 'vouching',
  name: 'Vouching portal',
  redirectUris: [REDIRECT_URI],
  keys: [{ kid: KEY.kid, publicKey: toBase64url(KEY.publicKey) }],
}

const SEALS = classOf(2, { id: 'seals', approvals: ['seal-key'] })

const folder = temporaryFolder()
const inFolder = (name: string) => join(folder, name)
const operator = join(folder, 'natsuin')

let deployment: Deployment
let signer: Signer
let sealer: Sealer
let person: PersonAtTerminal

/** As `natsuin init` lays it out, and the command in the path. */
function layOut({ directory }: Deployment): void {
  const server = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8'))
  const socket = join(directory, 'sam-administration.sock')
  const files = {
    server: { ...server, clientsDirectory: join(directory, 'clients') },
    sam: { administration: { socket } },
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(operator, name), { recursive: true })
    writeFileSync(join(operator, name, `${name}.json`), JSON.stringify(content))
  }
  mkdirSync(inFolder('bin'))
  const where = `case "$1" in client) set -- "$@" --directory '${operator}' ;; esac`
  const script = `#!/bin/sh\n${where}\nexec '${process.execPath}' '${NATSUIN}' "$@"\n`
  writeFileSync(inFolder('bin/natsuin'), script, { mode: 0o755 })
  // What a program of somebody else finds when it has installed our packages.
  symlinkSync(join(ROOT, 'node_modules'), inFolder('node_modules'))
  writeFileSync(inFolder('package.json'), JSON.stringify({ type: 'module' }))
  execFileSync('mkfifo', [inFolder('keyboard')])
}

const secretOf = (id: string) =>
  readFileSync(join(deployment.directory, 'clients', `${id}.1.secret`), 'utf8').trim()

function environmentOf(clientId: string, secret = ''): Readonly<Record<string, string>> {
  return {
    PATH: `${inFolder('bin')}:${process.env['PATH']}`,
    SERVICE: deployment.urls.server,
    CLIENT_ID: clientId,
    CLIENT_SECRET: secret,
    REDIRECT_URI,
    KEYBOARD: inFolder('keyboard'),
    CREDENTIAL_ID: signer.credentialId,
    SEAL_OWNER: sealer.signerId,
    SEAL_KEY: inFolder('seal.pem'),
  }
}

/** Of one section, as somebody types them into one shell. */
const shellOf = (heading: string) =>
  BLOCKS.filter(one => one.heading === heading && one.language === 'sh').map(({ text }) => text)

async function runShell(heading: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
  const command = ['bash', '-euo', 'pipefail', '-c', shellOf(heading).join('\n')] as const
  const run: Run = { command, folder, environment, keyboard: inFolder('keyboard') }
  const ran = await person.run(run)
  assert.equal(ran.status, 0, ran.stderr)
  return ran
}

const PROGRAMS = ['secret.ts', 'public.ts', 'version-1.ts', 'seals.ts']
const programs = BLOCKS.filter(({ language }) => language === 'ts')

async function runProgram(name: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const command = [process.execPath, '--conditions=natsuin-source', name] as const
  const ran = await person.run({ command, folder, environment })
  assert.equal(ran.status, 0, ran.stderr)
  // What is printed beside what the person is asked.
  const lines = ran.stdout.split('\n').filter(line => line !== '' && !/^(Log in|Approve): /.test(line))
  return lines.join('\n')
}

/** Those responsible for the roster approve whatever waits, until it is enough. */
async function approvingWhile<T>(work: Promise<T>): Promise<T> {
  const channel = openAdministration(deployment)
  let isDone = false
  const watched = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const { proposals } = await channel.call('proposals/list', {})
    for (const { requestId, needed, approvers } of proposals.filter(({ state }) => state === 'open')) {
      for (const { id } of approvers.slice(0, needed)) {
        await channel.call('administer', await approvalBy(deployment, channel, requestId, id))
      }
    }
    await Promise.race([delay(200), watched.catch(() => undefined)])
  }
  channel.close()
  return await watched
}

/** What the README leaves to its reader. */
const GIVEN = `
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
const { SERVICE, CLIENT_ID: clientId = '', CLIENT_SECRET: secret = '', REDIRECT_URI: redirectUri = '' } = process.env
const { CREDENTIAL_ID: credentialID = '', USER_ID: userID = '', ASKED = '', KEY_FILE = '' } = process.env
const baseUrl = \`\${SERVICE}/csc/v2/\`
const der = createPrivateKey(readFileSync(KEY_FILE)).export({ type: 'pkcs8', format: 'der' })
const privateKey = await crypto.subtle.importKey('pkcs8', Uint8Array.from(der), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
const hash = crypto.getRandomValues(new Uint8Array(32))
const [hashAlgorithmOID, signAlgo] = ['2.16.840.1.101.3.4.2.1', '1.2.840.10045.4.3.2']
const terminal = createInterface({ input: process.stdin, output: process.stdout })
const asked = ASKED.split(',')
const sendBrowserTo = (url: string) => terminal.question(\`\${asked.shift()}: \${url}\\n\`)
`

interface Example {
  readonly clientId: string
  readonly secret?: string
  readonly asked?: string
  readonly says: string
}

/** In the order of the README. */
const SAID: readonly (() => Example)[] = [
  () => ({ clientId: 'pages', asked: 'Log in,Approve', says: 'true true' }),
  () => ({ clientId: 'desktop', secret: secretOf('desktop'), asked: 'Log in,Approve', says: 'SAD true' }),
  () => ({ clientId: 'keyed', says: 'DPoP 1' }),
  () => ({ clientId: VOUCHING.id, asked: 'Approve', says: 'Bearer' }),
]

/** In a scope of its own, so that it may call things as it likes. */
function program(example: string): string {
  const lines = example.replaceAll('https://sign.example.org', deployment.urls.server).split('\n')
  const body = lines.filter(line => !line.startsWith('import '))
  const imports = lines.filter(line => line.startsWith('import '))
  return [...imports, GIVEN, '{', ...body, '}', 'terminal.close()', ''].join('\n')
}

async function levelOf(file: Uint8Array): Promise<string> {
  const root = new Uint8Array(await (await fetch(`${deployment.urls.authorities}/root.cer`)).arrayBuffer())
  const options = { platform: nodePlatform, trustAnchors: [root], at: new Date() }
  const verdict = await verifyPades(bytesSource(file), options)
  return `${verdict.indication} ${verdict.facts.level}`
}

describe('docs/integrate.md', () => {
  before(async () => {
    deployment = await startThrowaway({ clients: [VOUCHING], classes: [classOf(2), SEALS] })
    layOut(deployment)
    signer = await enrolSigner(
      deployment,
      { countryName: 'JP', commonName: '山田 花子' },
      { classId: 'level-2' },
    )
    sealer = await enrolSealer(deployment, ORGANISATION, SEALS.id)
    writeFileSync(inFolder('seal.pem'), sealer.sealKey.export({ type: 'pkcs8', format: 'pem' }))
    person = new PersonAtTerminal(deployment, signer, REDIRECT_URI)
    writeFileSync(inFolder('contract.pdf'), PDF_SHAPES[0]?.bytes() ?? '')
    for (const [i, { text }] of programs.entries()) writeFileSync(inFolder(PROGRAMS[i] ?? ''), text)
  })
  after(() => deployment?.stop())

  it('has no block that is not run here', () => {
    const headings = [
      'Register the application',
      'Version 2, with curl',
      'Version 1, with curl',
      'In TypeScript',
      'Seals, with nobody present',
    ]
    assert.deepEqual([...new Set(BLOCKS.map(({ heading }) => heading))], headings)
    assert.equal(programs.length, PROGRAMS.length)
  })

  it('registers applications that the server knows, once the roster has them', async () => {
    const { stdout } = await approvingWhile(runShell('Register the application', environmentOf('')))
    assert.equal(stdout.match(/✔ In force: the roster is version \d+\./g)?.length, 4)
    for (const id of ['portal', 'desktop']) assert.ok(stdout.includes(secretOf(id)))
  })

  it('signs a PDF with curl, by pushed requests and authorization_details', async () => {
    const { stdout } = await runShell('Version 2, with curl', environmentOf('portal', secretOf('portal')))
    assert.match(stdout, /^Natsuin Test\n2\.0\.0\.0\n/)
    assert.equal(await levelOf(readFileSync(inFolder('signed-v2.pdf'))), 'TOTAL-PASSED B-B')
    assert.equal(await levelOf(readFileSync(inFolder('signed-by-service.pdf'))), 'TOTAL-PASSED B-T')
  })

  it('signs a PDF with curl, in the words of version 1', async () => {
    await runShell('Version 1, with curl', environmentOf('desktop', secretOf('desktop')))
    assert.equal(await levelOf(readFileSync(inFolder('signed-v1.pdf'))), 'TOTAL-PASSED B-B')
  })

  it('signs a PDF with our client and our formats', async () => {
    await runProgram('secret.ts', environmentOf('portal', secretOf('portal')))
    assert.equal(await levelOf(readFileSync(inFolder('contract.pdf'))), 'TOTAL-PASSED B-B')
  })

  it('logs in as a public client, with tokens that nobody else can use', async () => {
    const said = await runProgram('public.ts', environmentOf('pages'))
    assert.equal(said, 'DPoP token, 1 credential\nsomebody else: 401 invalid_token')
  })

  it('signs at a service of version 1 with the same calls', async () => {
    const said = await runProgram('version-1.ts', environmentOf('desktop', secretOf('desktop')))
    assert.equal(said, 'SAD, a signature')
  })

  it('seals with nobody present', async () => {
    assert.equal(await runProgram('seals.ts', environmentOf('seals', secretOf('seals'))), 'sealed')
  })

  it('has programs in the README of the client, which do what they say', async () => {
    assert.equal(EXAMPLES.length, SAID.length)
    writeFileSync(inFolder('key.pem'), KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(
      inFolder('public.pem'),
      createPublicKey(KEY.privateKey).export({ type: 'spki', format: 'pem' }),
    )
    const flags = ['--id', 'keyed', '--name', 'Keyed', '--key', `portal-2026=${inFolder('public.pem')}`]
    execFileSync(inFolder('bin/natsuin'), ['client', 'add', ...flags, '--acts-for', signer.signerId])
    for (const [i, example] of EXAMPLES.entries()) {
      const { clientId = '', secret, asked = '', says } = SAID[i]?.() ?? {}
      const name = `example-${i}.ts`
      writeFileSync(inFolder(name), program(example))
      const more = { USER_ID: signer.signerId, ASKED: asked, KEY_FILE: inFolder('key.pem') }
      assert.equal(await runProgram(name, { ...environmentOf(clientId, secret), ...more }), says)
    }
  })

  it('has programs that hold to their types', () => {
    // An example does not use all that it is given.
    const compilerOptions = { noUnusedLocals: false }
    const options = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
    writeFileSync(inFolder('tsconfig.json'), JSON.stringify(options))
    const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout)
  })
})
