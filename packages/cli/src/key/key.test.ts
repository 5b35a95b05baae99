import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  sign,
} from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { equal, toHex } from '@natsuin/pki/encoding'
import { toPem } from '@natsuin/pki/x509'
import { finishJws, jwsSigningInput, toWire } from '@natsuin/protocol/approval'
import { type ImportKeyStatement, importPackage } from '@natsuin/protocol/keys'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { issue, root, SIGNER } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import type { Terminal } from '../command.ts'
import { askThread } from './in-thread.ts'
import { keyInspect } from './inspect.ts'
import { keyPrepare } from './prepare.ts'

const PASSWORD = 'correct horse 捺印'

const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }))
const pkcs8Of = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const alice = await issue({ name: 'Alice', issuer: root, extensions: SIGNER })
const aliceKey = createPrivateKey(alice.privateKey)
const sam = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const importKey = generateKeyPairSync('rsa', { modulusLength: 3072 })

const folder = temporaryFolder()

const at = (name: string) => join(folder, name)

function writePkcs12(name: string, ...options: readonly string[]): void {
  const pem = toPem('PRIVATE KEY', pkcs8Of(aliceKey)) + toPem('CERTIFICATE', alice.certificate.bytes)
  const args = ['pkcs12', '-export', '-passout', `file:${at('password')}`, '-out', at(name), ...options]
  assert.equal(spawnSync('openssl', args, { input: pem }).status, 0)
}

/** What the SAM says of its import key. */
function importKeyFile(wrapping: ImportKeyStatement['wrapping'], signer = sam.privateKey): Uint8Array {
  const payload: ImportKeyStatement = {
    v: 1,
    deployment: 'Example',
    environment: 'test',
    publicKey: spkiOf(importKey.publicKey),
    wrapping,
    issuedAt: 1_800_000_000,
  }
  const input = jwsSigningInput('natsuin-import-key', payload)
  const signature = sign('sha256', Buffer.from(input), signer)
  const statement = finishJws(input, parseEcdsaSigValue(signature, 32) ?? new Uint8Array())
  return writeJson(toWire({ samKey: spkiOf(sam.publicKey), statement }))
}

/** What the module does with a package, by OpenSSL alone. */
function unwrap(wrapped: Uint8Array, oaepHash: string): Uint8Array {
  const size = 384
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const transport = privateDecrypt(
    { key: importKey.privateKey, padding, oaepHash },
    wrapped.subarray(0, size),
  )
  const decipher = createDecipheriv('id-aes256-wrap-pad', transport, Buffer.from('a65959a6', 'hex'))
  return Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()])
}

writeFileSync(at('password'), `${PASSWORD}\n`)
writeFileSync(at('root.pem'), toPem('CERTIFICATE', root.certificate.bytes))
writeFileSync(at('import-key.json'), importKeyFile('rsa-oaep-sha256-aes256-kwp'))
writePkcs12('alice.p12')

async function run(command: typeof keyInspect, ...args: readonly string[]) {
  const said: string[] = []
  const terminal: Terminal = { out: text => void said.push(text), error: text => void said.push(text) }
  const status = await command.run(args, terminal)
  return { status, said: said.join('\n') }
}

const inspect = (name: string, ...more: readonly string[]) =>
  run(keyInspect, at(name), '--password-file', at('password'), ...more)

const prepare = (name: string, out: string, ...more: readonly string[]) => {
  const pinned = ['--import-key', at('import-key.json'), '--sam-key', sha256(spkiOf(sam.publicKey))]
  return run(keyPrepare, at(name), '--password-file', at('password'), ...pinned, '--out', at(out), ...more)
}

describe('natsuin key inspect', () => {
  it('shows key, fingerprint and certificate of a file that may be imported', async () => {
    const { status, said } = await inspect('alice.p12')
    assert.equal(status, 0)
    for (const part of [
      'A PKCS #12 file with one key.',
      '✔ This key may be imported.',
      sha256(alice.certificate.spki),
      'CN=Alice',
      'CN=PAdES Test Root',
      sha256(alice.certificate.bytes),
      'under the password',
    ])
      assert.ok(said.includes(part), `${part}\n--- not in ---\n${said}`)
  })

  it('says the same as values', async () => {
    const { said } = await inspect('alice.p12', '--json')
    const { format, keys } = JSON.parse(said)
    assert.deepEqual([format, keys[0].keyType, keys[0].problems], ['pkcs12', 'ec-p256', []])
  })

  it('says what is wrong, in words and by code', async () => {
    writeFileSync(
      at('weak.pem'),
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    )
    const { status, said } = await inspect('weak.pem')
    assert.equal(status, 1)
    assert.match(said, /✘ Not to be imported: RSA keys have 3072 or 4096 bits\. \(rsa-modulus-size\)/)
    assert.match(said, /open: whoever has the file has the key/)
  })

  it('refuses another password, a damaged file and one that is too old, with advice', async () => {
    writeFileSync(at('other-password'), 'no')
    const wrong = await run(keyInspect, at('alice.p12'), '--password-file', at('other-password'))
    assert.deepEqual([wrong.status, /password-wrong/.test(wrong.said)], [1, true])
    writeFileSync(at('damaged.p12'), readFileSync(at('alice.p12')).subarray(0, 900))
    assert.match((await inspect('damaged.p12')).said, /\(malformed\)/)
    writePkcs12('old.p12', '-legacy')
    assert.match(
      (await inspect('old.p12')).said,
      /openssl pkcs12 -legacy -in old\.p12 \| openssl pkcs12 -export/,
    )
  })

  it('compares with keys that an operator refuses, and with those of other certificates', async () => {
    writeFileSync(at('refused'), `# ours\n${sha256(alice.certificate.spki)}\n`)
    assert.match((await inspect('alice.p12', '--refuse-list', at('refused'))).said, /\(key-published\)/)
    assert.equal((await inspect('alice.p12', '--certificates', at('root.pem'))).status, 0)
  })

  it('shows names that somebody chose without what moves a cursor', async () => {
    writePkcs12('named.p12', '-name', '\u001b[2JAlice\u202e')
    const { said } = await inspect('named.p12')
    assert.ok(said.includes('\ufffd[2JAlice\ufffd') && !said.includes('\u001b'))
  })

  it('gives a file up that takes too long', async () => {
    const question = {
      password: Buffer.from(PASSWORD),
      certificates: [],
      refused: [],
      otherKeys: [],
      at: new Date(),
    }
    const answer = await askThread({ file: readFileSync(at('alice.p12')), ...question }, 0)
    assert.deepEqual(answer, { refused: 'took-too-long' })
  })
})

describe('natsuin key prepare', () => {
  it('writes a package from which the import key, and nothing else, gets the private key', async () => {
    const { status, said } = await prepare(
      'alice.p12',
      'package.json',
      '--copies-destroyed',
      '--certificates',
      at('root.pem'),
    )
    assert.equal(status, 0)
    const bytes = readFileSync(at('package.json'))
    assert.ok(said.includes(sha256(bytes)))
    const made = readStrictJson(bytes, importPackage)
    assert.ok(equal(unwrap(made.wrapped, 'sha256'), pkcs8Of(aliceKey)))
    assert.ok(equal(made.publicKey, alice.certificate.spki))
    assert.deepEqual(
      made.certificates.map(sha256),
      [alice, root].map(({ certificate }) => sha256(certificate.bytes)),
    )
    assert.equal(toHex(made.importKey), sha256(spkiOf(importKey.publicKey)))
    assert.deepEqual(
      [made.deployment, made.keyType, made.source, made.otherCopies],
      ['Example', 'ec-p256', { format: 'pkcs12', encrypted: true }, 'destroyed'],
    )
    assert.equal(statSync(at('package.json')).mode & 0o777, 0o600)
  })

  it('uses SHA-1 in OAEP where the module has nothing else', async () => {
    writeFileSync(at('sha1.json'), importKeyFile('rsa-oaep-sha1-aes256-kwp'))
    assert.equal((await prepare('alice.p12', 'sha1-package.json', '--import-key', at('sha1.json'))).status, 0)
    const made = readStrictJson(readFileSync(at('sha1-package.json')), importPackage)
    assert.ok(equal(unwrap(made.wrapped, 'sha1'), pkcs8Of(aliceKey)))
    assert.equal(made.otherCopies, 'unknown')
  })

  it('believes no import key that the pinned SAM key did not sign', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(at('stranger.json'), importKeyFile('rsa-oaep-sha256-aes256-kwp', stranger.privateKey))
    const refused = (...more: readonly string[]) =>
      assert.rejects(prepare('alice.p12', 'never.json', ...more), {
        code: 'usage',
        message: /pinned SAM key/,
      })
    await refused('--import-key', at('stranger.json'))
    await refused('--sam-key', sha256(spkiOf(stranger.publicKey)))
    await assert.rejects(prepare('alice.p12', 'never.json', '--import-key', at('password')), {
      code: 'usage',
    })
    assert.ok(!existsSync(at('never.json')))
  })

  it('makes no package of a key that may not be imported, and writes over nothing', async () => {
    writeFileSync(
      at('weak2.pem'),
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    )
    assert.equal((await prepare('weak2.pem', 'never.json')).status, 1)
    assert.ok(!existsSync(at('never.json')))
    writeFileSync(at('taken.json'), 'mine')
    await assert.rejects(prepare('alice.p12', 'taken.json'), { code: 'usage', message: /exists already/ })
    assert.equal(readFileSync(at('taken.json'), 'utf8'), 'mine')
  })

  it('takes the key that is named, where there are several', async () => {
    const digest = sha256(alice.certificate.spki)
    assert.equal(
      (await prepare('alice.p12', 'one.json', '--key', digest.slice(0, 12).toUpperCase())).status,
      0,
    )
    assert.equal((await prepare('alice.p12', 'none.json', '--key', 'ffff')).status, 1)
  })

  it('leaves no part of the private key on the disk (T-SEC-03)', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 })
    const options = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSWORD } as const
    writeFileSync(at('rsa.pem'), rsa.privateKey.export(options))
    assert.equal((await prepare('rsa.pem', 'rsa.json')).status, 0)
    const secrets = [...secretsOf(rsa.privateKey), ...secretsOf(aliceKey)]
    const written = globSync('**', { cwd: folder, withFileTypes: true }).filter(entry => entry.isFile())
    const files = written.map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    assert.ok(files.length > 5)
    for (const file of files) assert.ok(secrets.every(secret => !file.includes(secret)))
  })
})

describe('the password of a key file', () => {
  it('is asked for at the terminal and not shown (T-SEC-01)', async () => {
    const main = join(import.meta.dirname, '../main.ts')
    const command = `${process.execPath} --conditions=natsuin-source ${main} key inspect ${at('alice.p12')}`
    // `script` gives the command a terminal of its own, which would echo what is typed.
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let shown = ''
    for await (const chunk of terminal.stdout.setEncoding('utf8')) {
      shown += chunk
      if (shown.endsWith('Password of the file: ')) terminal.stdin.write(`${PASSWORD}é\u007f\r`)
    }
    assert.match(shown, /✔ This key may be imported/)
    assert.ok(!shown.includes('horse'))
  })

  it('and the key are not in the memory of the command when it is done (T-SEC-02)', () => {
    const script = `
      import { writeHeapSnapshot } from 'node:v8'
      import { keyInspect } from ${JSON.stringify(import.meta.resolve('./inspect.ts'))}
      const terminal = { out: () => {}, error: () => {} }
      const args = ${JSON.stringify([at('alice.p12'), '--password-file', at('password')])}
      if ((await keyInspect.run(args, terminal)) !== 0) throw new Error('refused')
      globalThis.canary = 'a string that ' + process.pid + ' keeps'
      writeHeapSnapshot(${JSON.stringify(at('heap'))})`
    writeFileSync(at('script.mjs'), script)
    const node = ['--conditions=natsuin-source', at('script.mjs')]
    assert.equal(spawnSync(process.execPath, node, { stdio: ['ignore', 'inherit', 'inherit'] }).status, 0)
    const heap = readFileSync(at('heap'))
    assert.ok(heap.includes('a string that '))
    for (const secret of [Buffer.from('correct horse'), ...secretsOf(aliceKey)])
      assert.ok(!heap.includes(secret))
  })

  it('is not asked for where there is no terminal', async () => {
    await assert.rejects(run(keyInspect, at('alice.p12')), { code: 'usage', message: /--password-file/ })
  })
})

/** The secret numbers as bytes, and in the spellings of text. */
function secretsOf(key: KeyObject): Buffer[] {
  const { d, p, q } = key.export({ format: 'jwk' })
  const numbers = [d, p, q].flatMap(each =>
    typeof each === 'string' ? [Buffer.from(each, 'base64url')] : [],
  )
  return numbers.flatMap(bytes => [
    bytes,
    ...(['hex', 'base64', 'base64url'] as const).map(spelling =>
      Buffer.from(bytes.toString(spelling).slice(0, 40)),
    ),
  ])
}
