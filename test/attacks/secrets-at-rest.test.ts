/**
 * What memory, disks and backups hold after a key from elsewhere came in and signed: its secret is nowhere in clear
 * (T-SEC-02, T-SEC-03), no process of ours ever had the PIN of a token but the one that holds the library, and what was
 * backed up is of no use without the token (T-SEC-04).
 *
 * On SoftHSM, which has no device: everything that it does happens in the process of the library.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { cpSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { toBase64 } from '@natsuin/pki/encoding'
import { toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import {
  acceptInvitation,
  classOf,
  configurationOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  grantFor,
  type Invitation,
  openApplication,
  ProcessEnded,
  SHA256_OID,
  type Signer,
  startProcess,
  startThrowaway,
  type TokenPlan,
  testDocuments,
  vouch,
} from '@natsuin/testing/deployment'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { descendantsOf, heldBy } from './process-memory.ts'
import { connectSam, sha256 } from './stage.ts'

const PROCESSES = ['sam', 'authorities', 'server', 'sic'] as const
const IMPORTED = classOf(1, { id: 'imported', keys: 'imported' })
const NATSUIN = fileURLToPath(new URL('../../packages/cli/bin/natsuin.mjs', import.meta.url))
const PASSWORD = `canary ${randomUUID()}`
const SUBJECT = { countryName: 'JP', commonName: `Canary ${randomUUID()}` }

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let tokens: Readonly<Record<'sam' | 'authorities' | 'empty', SoftHsmToken>>
let deployment: Deployment
let signer: Signer

before(async () => {
  tokens = {
    sam: await createSoftHsmToken(),
    authorities: await createSoftHsmToken(),
    empty: await createSoftHsmToken(),
  }
  const module = { sam: planOf(tokens.sam), authorities: planOf(tokens.authorities) }
  deployment = await startThrowaway({ classes: [IMPORTED], maxLevel: 1, module })
  signer = await acceptInvitation(deployment, await inviteWithKey(), SUBJECT.commonName)
  await signs(signer)
})

after(async () => {
  await deployment?.stop()
  for (const token of Object.values(tokens ?? {})) await token.remove()
})

function planOf({ options }: SoftHsmToken): TokenPlan {
  const { modulePath, tokenLabel, pinFile, environment = {} } = options
  return { modulePath, tokenLabel, pinFile, environment }
}

/** The officer's tool makes the package, two officers vouch for it, and the person is invited. */
async function inviteWithKey(): Promise<Invitation> {
  const sam = connectSam(deployment)
  try {
    const importPackage = prepare(writeJson(toWire(await sam.call('keys/import-key', {}))))
    const enrolment = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const grant = {
      ...grantFor(SUBJECT, IMPORTED, enrolment.publicKey),
      importPackage: sha256(importPackage),
    }
    const officers = ['officer-1', 'officer-2']
    const approvals = await Promise.all(officers.map(officer => vouch(deployment, officer, grant)))
    const { grantId } = await sam.call('grants/submit', { approvals, importPackage })
    return { grantId, enrolmentKey: enrolment.privateKey, url: '' }
  } finally {
    sam.close()
  }
}

/** `natsuin key prepare` on a PKCS #12 by OpenSSL. */
function prepare(importKey: Uint8Array): Uint8Array {
  writeFileSync(at('import-key.json'), importKey)
  writeFileSync(at('password'), `${PASSWORD}\n`)
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  const toFile = ['-passout', `file:${at('password')}`, '-out', at('key.p12')]
  run('openssl', ['pkcs12', '-export', '-nocerts', ...toFile], pem)
  const pinned = ['--import-key', at('import-key.json'), '--sam-key', deployment.samKeyDigest]
  const files = ['--password-file', at('password'), '--out', at('package.json')]
  run(process.execPath, [NATSUIN, 'key', 'prepare', at('key.p12'), ...pinned, ...files])
  return new Uint8Array(readFileSync(at('package.json')))
}

function run(command: string, args: readonly string[], input: string | Buffer = ''): void {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' })
  assert.equal(status, 0, `${command}: ${stdout}${stderr}`)
}

async function signs({ credentialId }: Signer): Promise<void> {
  const application = openApplication(deployment)
  const documents = testDocuments(1)
  const token = await application.credentialToken(signer, detailFor(credentialId, documents), {
    documents: documents.map(({ documentDigest }) => documentDigest),
  })
  const request = {
    credentialID: credentialId,
    hashes: documents.map(({ dtbsr }) => toBase64(dtbsr)),
    hashAlgorithmOID: SHA256_OID,
    signAlgo: ECDSA_SHA256_OID,
  }
  const { status, body } = await application.call('signatures/signHash', request, token)
  assert.equal(status, 200, JSON.stringify(body))
}

/** The secret number of the key, in the ways in which it might lie somewhere. */
function spellingsOfKey(): ReadonlyMap<string, Buffer> {
  const number = Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url')
  return new Map([
    ['the key', number],
    ['the key, least byte first', Buffer.from(number).reverse()],
    ['the key in hexadecimal', Buffer.from(number.toString('hex'))],
    ['the key in base64', Buffer.from(number.toString('base64').replace('=', ''))],
    ['the key in base64url', Buffer.from(number.toString('base64url'))],
  ])
}

const pin = () => Buffer.from(readFileSync(tokens.sam.options.pinFile, 'utf8').trim())

/** Every file below a folder; tokens too, when they are the folder. */
const filesIn = (directory: string) =>
  globSync('**/*', { cwd: directory })
    .map(path => join(directory, path))
    .filter(path => statSync(path).isFile())

/** What of it stands in one of the files in clear. */
function foundIn(files: readonly string[], sought: ReadonlyMap<string, Buffer>): string[] {
  return files.flatMap(path => {
    const bytes = readFileSync(path)
    return [...sought].filter(([, one]) => bytes.includes(one)).map(([name]) => `${name} in ${path}`)
  })
}

const ONLY_LINUX = process.platform === 'linux' ? false : 'reads /proc'

describe('the memory of the processes (T-SEC-02)', { skip: ONLY_LINUX }, () => {
  const pidOf = (name: (typeof PROCESSES)[number]) => deployment.process(name).pid
  const library = () => {
    const [pid, ...others] = descendantsOf(pidOf('sam'))
    assert.deepEqual(others, [])
    return pid ?? 0
  }

  it('holds no secret of a key that was imported and has signed, nor the password that it came with', () => {
    const sought = new Map([...spellingsOfKey(), ['the password', Buffer.from(PASSWORD)]])
    for (const name of PROCESSES) assert.deepEqual(heldBy(pidOf(name), sought), [], name)
  })

  it('holds no secret of that key in the process of the library either, once it has signed', () => {
    assert.deepEqual(heldBy(library(), spellingsOfKey()), [])
  })

  it('holds no PIN: the process of the library alone has read it', () => {
    for (const name of PROCESSES) assert.deepEqual(heldBy(pidOf(name), new Map([['PIN', pin()]])), [], name)
  })

  it('is really looked at: what a process must know is found in it', () => {
    for (const name of PROCESSES) {
      const known = new Map([['its settings', Buffer.from(configurationOf(deployment.directory, name))]])
      assert.deepEqual(heldBy(pidOf(name), known), ['its settings'], name)
    }
    const label = new Map([['label', Buffer.from(planOf(tokens.sam).tokenLabel)]])
    assert.deepEqual(heldBy(library(), label), ['label'])
  })
})

describe('the disk (T-SEC-03)', () => {
  it('holds no imported key in clear: not in the deployment, not on the token, not in the package', () => {
    const files = [...filesIn(deployment.directory), ...filesIn(tokens.sam.directory), at('package.json')]
    assert.ok(files.length > 20)
    assert.deepEqual(foundIn(files, spellingsOfKey()), [])
  })

  it('is really looked at: the officer’s own copy would be found', () => {
    writeFileSync(at('key.der'), privateKey.export({ format: 'der', type: 'pkcs8' }))
    assert.deepEqual(foundIn([at('key.der')], spellingsOfKey()), [`the key in ${at('key.der')}`])
  })
})

describe('a backup of all files of the SAM (T-SEC-04)', () => {
  /** A SAM on another machine: everything of the deployment, and this token. */
  const startSam = ({ options: { environment = {} } }: SoftHsmToken) => {
    const copy = at(randomUUID())
    const isFile = (path: string) => !path.endsWith('.sock')
    cpSync(deployment.directory, copy, { recursive: true, filter: isFile })
    const args = ['start', '--config', configurationOf(copy, 'sam')]
    return startProcess({ name: 'sam', args, environment, workingDirectory: copy })
  }

  before(() => deployment.process('sam').stop())

  it('is of no use with another token, also one with the same label and PIN: no SAM starts from it', async () => {
    const [here, there] = [tokens.sam, tokens.empty].map(({ options }) =>
      readFileSync(options.pinFile, 'utf8'),
    )
    assert.equal(here, there)
    assert.equal(tokens.sam.options.tokenLabel, tokens.empty.options.tokenLabel)
    await assert.rejects(startSam(tokens.empty), (error: unknown) => {
      assert.ok(error instanceof ProcessEnded)
      assert.match(error.message, /genesis/)
      return true
    })
  })

  it('tells who has credentials in no file of the SAM', () => {
    const name = new Map([['the name', Buffer.from(SUBJECT.commonName)]])
    assert.deepEqual(foundIn(filesIn(join(deployment.directory, 'sam')), name), [])
  })

  it('is a SAM again with the token', async () => {
    const sam = await startSam(tokens.sam)
    await sam.stop()
    assert.equal(await sam.exited, 0)
  })
})
