import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { parseSignedData } from '@natsuin/pki/cms'
import { toBase64, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { buildTimeStampRequest, parseTimeStampResponse, parseTstInfo } from '@natsuin/pki/tsp'
import { parseCertificate, toPem } from '@natsuin/pki/x509'
import { issuanceMethods, issuanceRefusals } from '@natsuin/protocol/issuance'
import { connect, PeerFault } from '@natsuin/protocol/node'
import { keyDigestOf } from './ca/prepare.ts'
import { Founded } from './fixture/founded.ts'
import { run, type Started, start } from './fixture/process.ts'
import { refuses } from './fixture/refuses.ts'
import { attestation } from './fixture/sam.ts'

const execute = promisify(execFile)
const issuedAt = Math.floor(Date.now() / 1000)

/** A directory with configuration and SAM key, founded by the command. */
async function foundByCommand(): Promise<{ founded: Founded; root: Uint8Array }> {
  const founded = await Founded.prepare()
  const { code, output, log } = await run('../main.ts', ['found', '--config', founded.file])
  assert.equal(code, 0, log)
  const { root } = JSON.parse(output)
  return { founded, root: new Uint8Array(Buffer.from(root, 'base64url')) }
}

const connectTo = ({ directory }: Founded) =>
  connect({
    methods: issuanceMethods,
    address: { socket: join(directory, 'authorities.sock') },
    refusals: issuanceRefusals,
  })

const postTimeStamp = async ({ url }: Started, body: Uint8Array) => {
  const headers = { 'content-type': 'application/timestamp-query' }
  const response = await fetch(`${url}/tsa`, { method: 'POST', headers, body: Buffer.from(body) })
  assert.equal(response.headers.get('content-type'), 'application/timestamp-reply')
  assert.equal(response.headers.get('access-control-allow-origin'), '*')
  return new Uint8Array(await response.arrayBuffer())
}

const get = async ({ url }: Started, path: string) => {
  const response = await fetch(`${url}${path}`)
  assert.equal(response.status, 200, path)
  return new Uint8Array(await response.arrayBuffer())
}

describe('authorities, judged by OpenSSL on what the process answers', () => {
  let founded: Founded
  let service: Started
  let root: Uint8Array
  before(async () => {
    ;({ founded, root } = await foundByCommand())
    service = await start(founded.file)
  })
  after(async () => {
    await service.kill('SIGTERM')
    await founded[Symbol.asyncDispose]()
  })

  const at = (name: string) => join(founded.directory, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, {
      cwd: founded.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  /** OpenSSL's own words when it says no. */
  const opensslRefuses = (...args: string[]): string => {
    try {
      return `accepted: ${openssl(...args)}`
    } catch (error) {
      return error instanceof Error && 'stderr' in error ? `${error.stderr}` : String(error)
    }
  }
  const writePem = (name: string, label: string, ...ders: Uint8Array[]) =>
    writeFileSync(at(name), ders.map(der => toPem(label, der)).join(''))

  async function issueOne(changes: Parameters<typeof attestation>[0] = {}): Promise<readonly Uint8Array[]> {
    const connection = connectTo(founded)
    try {
      const keyAttestation = founded.sam.attest(attestation({ issuedAt, ...changes }))
      return (await connection.call('issue', { keyAttestation })).certificates
    } finally {
      connection.close()
    }
  }

  async function revokeOne(certificate: Uint8Array): Promise<void> {
    const connection = connectTo(founded)
    try {
      await connection.call('revoke', { certificate, reason: 'superseded' })
    } finally {
      connection.close()
    }
  }

  it('prints the root that it serves, and serves what the issuance protocol announces', async () => {
    assert.deepEqual(await get(service, '/root.cer'), root)
    const connection = connectTo(founded)
    const info = await connection.call('info', {})
    connection.close()
    assert.deepEqual(info.root, root)
    assert.deepEqual(info.issuing, await get(service, '/issuing.cer'))
    assert.equal(info.timeStampUrl, 'http://localhost:8082/tsa')
  })

  it('issues a chain that OpenSSL accepts up to the root, with the profile of a signer', async () => {
    const [signer, issuing, top, ...more] = await issueOne()
    assert.ok(signer !== undefined && issuing !== undefined && top !== undefined)
    assert.deepEqual([top, more], [root, []])
    writePem('signer.pem', 'CERTIFICATE', signer)
    writePem('issuing.pem', 'CERTIFICATE', issuing)
    writePem('root.pem', 'CERTIFICATE', root)
    const verified = openssl(
      'verify',
      '-x509_strict',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'issuing.pem',
      'signer.pem',
    )
    assert.match(verified, /signer\.pem: OK/)
    const printed = openssl('x509', '-in', 'signer.pem', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus')
    assert.match(printed, /Version: 3/)
    assert.match(printed, /Subject: C=JP,SN=山田,GN=花子,CN=山田 花子/)
    assert.match(printed, /X509v3 Key Usage: critical\s+Non Repudiation\n/)
    assert.match(printed, /URI:http:\/\/localhost:8082\/issuing\.crl/)
    assert.match(printed, /OCSP - URI:http:\/\/localhost:8082\/ocsp/)
    assert.match(printed, /CA Issuers - URI:http:\/\/localhost:8082\/issuing\.cer/)
    assert.doesNotMatch(printed, /CA:TRUE|Extended Key Usage/)
  })

  it('publishes CRLs with which OpenSSL accepts the chain, and refuses it once it is revoked', async () => {
    const [signer, issuing] = await issueOne()
    assert.ok(signer !== undefined && issuing !== undefined)
    writePem('crl-signer.pem', 'CERTIFICATE', signer)
    writePem('crl-chain.pem', 'CERTIFICATE', issuing, root)
    const judge = async () => {
      writePem('crls.pem', 'X509 CRL', await get(service, '/root.crl'), await get(service, '/issuing.crl'))
      return [
        'verify',
        '-crl_check_all',
        '-CAfile',
        'crl-chain.pem',
        '-CRLfile',
        'crls.pem',
        'crl-signer.pem',
      ]
    }
    assert.match(openssl(...(await judge())), /crl-signer\.pem: OK/)
    await revokeOne(signer)
    assert.match(opensslRefuses(...(await judge())), /certificate revoked/)
    writeFileSync(at('issuing.der'), await get(service, '/issuing.crl'))
    const printed = openssl('crl', '-inform', 'DER', '-in', 'issuing.der', '-noout', '-text')
    assert.match(printed, /X509v3 CRL Number/)
    assert.match(printed, /Superseded/)
  })

  it('answers OCSP, by POST and by GET, so that OpenSSL believes it (T-REV-11)', async () => {
    const [signer, issuing] = await issueOne()
    assert.ok(signer !== undefined && issuing !== undefined)
    writePem('ocsp-signer.pem', 'CERTIFICATE', signer)
    writePem('ocsp-issuing.pem', 'CERTIFICATE', issuing)
    writePem('ocsp-chain.pem', 'CERTIFICATE', issuing, root)
    const question = ['-issuer', 'ocsp-issuing.pem', '-cert', 'ocsp-signer.pem']
    // Not synchronous: the judge talks to a process whose log this one reads.
    const ask = async () => {
      const url = ['-CAfile', 'ocsp-chain.pem', '-url', `${service.url}/ocsp`]
      const { stdout, stderr } = await execute('openssl', ['ocsp', ...question, ...url], {
        cwd: founded.directory,
      })
      return `${stdout}${stderr}`
    }
    const good = await ask()
    assert.match(good, /Response verify OK/)
    assert.match(good, /ocsp-signer\.pem: good/)
    assert.doesNotMatch(good, /WARNING/)
    await revokeOne(signer)
    assert.match(await ask(), /ocsp-signer\.pem: revoked/)
    openssl('ocsp', ...question, '-no_nonce', '-reqout', 'request.der')
    const encoded = encodeURIComponent(toBase64(new Uint8Array(readFileSync(at('request.der')))))
    writeFileSync(at('response.der'), await get(service, `/ocsp/${encoded}`))
    const viaGet = openssl(
      'ocsp',
      ...question,
      '-CAfile',
      'ocsp-chain.pem',
      '-respin',
      'response.der',
      '-no_nonce',
    )
    assert.match(viaGet, /ocsp-signer\.pem: revoked/)
    assert.equal((await fetch(`${service.url}/ocsp/not%20base64`)).status, 400)
  })

  it('stamps what OpenSSL asks for, so that OpenSSL verifies it, and nothing else', async () => {
    writePem('root.pem', 'CERTIFICATE', root)
    writeFileSync(at('data'), randomBytes(1000))
    writeFileSync(at('other'), randomBytes(1000))
    for (const digest of ['-sha256', '-sha384', '-sha512']) {
      openssl('ts', '-query', '-data', 'data', digest, '-cert', '-out', 'query.tsq')
      writeFileSync(at('reply.tsr'), await postTimeStamp(service, readFileSync(at('query.tsq'))))
      const byQuery = openssl(
        'ts',
        '-verify',
        '-queryfile',
        'query.tsq',
        '-in',
        'reply.tsr',
        '-CAfile',
        'root.pem',
      )
      assert.match(byQuery, /Verification: OK/)
      const byData = openssl('ts', '-verify', '-data', 'data', '-in', 'reply.tsr', '-CAfile', 'root.pem')
      assert.match(byData, /Verification: OK/)
      const refused = opensslRefuses(
        'ts',
        '-verify',
        '-data',
        'other',
        '-in',
        'reply.tsr',
        '-CAfile',
        'root.pem',
      )
      assert.match(refused, /message imprint mismatch/)
    }
    openssl('ts', '-query', '-data', 'data', '-sha1', '-out', 'sha1.tsq')
    writeFileSync(at('sha1.tsr'), await postTimeStamp(service, readFileSync(at('sha1.tsq'))))
    const refusal = openssl('ts', '-reply', '-in', 'sha1.tsr', '-text')
    assert.match(refusal, /Status: Rejected\./)
    assert.match(refusal, /unrecognized or unsupported algorithm identifier/)
  })

  it('is well, and says so', async () => {
    const response = await fetch(`${service.url}/healthz`)
    assert.deepEqual(await response.json(), { status: 'ok', problems: [] })
  })

  it('refuses an attestation of a stranger, and a method that there is not', async () => {
    const connection = connectTo(founded)
    const foreign = founded.sam.attest(attestation({ issuedAt, deployment: 'Another' }))
    await refuses('attestation-foreign', connection.call('issue', { keyAttestation: foreign }))
    await refuses('attestation-invalid', connection.call('issue', { keyAttestation: 'a.b.c' }))
    connection.close()
  })

  it('logs neither the subject nor the attestation', async () => {
    const keyAttestation = founded.sam.attest(
      attestation({ issuedAt, subject: { commonName: 'Unlogged Name' }, deployment: 'Another' }),
    )
    const connection = connectTo(founded)
    await refuses('attestation-foreign', connection.call('issue', { keyAttestation }))
    connection.close()
    await issueOne({ subject: { commonName: 'Unlogged Name' } })
    assert.match(service.log(), /attestation-foreign/)
    assert.doesNotMatch(service.log(), /Unlogged/)
    assert.ok(!service.log().includes(keyAttestation.slice(-40)))
  })
})

describe('the commands', () => {
  it('found refuses to found again, and leaves what is there', async () => {
    const { founded } = await foundByCommand()
    await using _ = founded
    const before = readFileSync(founded.configuration.crlFile)
    const { code, output, log } = await run('../main.ts', ['found', '--config', founded.file])
    assert.deepEqual([code, output], [1, ''])
    assert.match(log, /there are authorities already/)
    assert.deepEqual(readFileSync(founded.configuration.crlFile), before)
  })

  it('start makes nothing up: without a store, and without a SAM key, it does not start', async () => {
    await using founded = await Founded.prepare()
    const missing = await run('../main.ts', ['start', '--config', founded.file])
    assert.equal(missing.code, 1)
    assert.ok(!existsSync(founded.configuration.store.sqlite))
    founded.configure({ samKeyFile: 'absent.txt' })
    assert.equal((await run('../main.ts', ['start', '--config', founded.file])).code, 2)
  })

  it('start says which port is taken, on standard output, and exits with 3', async () => {
    await using founded = await Founded.create({}, Date.now())
    const taken = createServer()
    const { promise, resolve } = Promise.withResolvers<void>()
    taken.listen(0, '127.0.0.1', resolve)
    await promise
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    founded.configure({ public: { host: '127.0.0.1', port, baseUrl: 'http://localhost:8082' } })
    const { code, output } = await run('../main.ts', ['start', '--config', founded.file])
    taken.close()
    assert.equal(code, 3)
    assert.deepEqual(JSON.parse(output), { error: 'address-in-use', port })
  })

  it('start stops with exit code 0 on SIGTERM, and when its input closes', async () => {
    await using founded = await Founded.create({}, Date.now())
    assert.equal(await (await start(founded.file)).kill('SIGTERM'), 0)
    assert.equal(await (await start(founded.file)).closeInput(), 0)
  })

  it('prints help when asked, and to standard error when it understands nothing else', async () => {
    const help = await run('../main.ts', ['--help'])
    assert.equal(help.code, 0)
    assert.match(help.output, /found --config FILE/)
    for (const args of [[], ['found'], ['nonsense', '--config', 'x'], ['start', 'again', '--config', 'x']]) {
      assert.equal((await run('../main.ts', args)).code, 2)
    }
  })
})

describe('the process on a PKCS #11 token', () => {
  it('founds, issues, stamps and revokes, and does so again after a restart', async () => {
    const token = await createSoftHsmToken()
    const { modulePath, tokenLabel, pinFile, environment } = token.options
    await using founded = await Founded.prepare({ module: { pkcs11: { modulePath, tokenLabel, pinFile } } })
    const { code, log } = await run('../main.ts', ['found', '--config', founded.file], environment)
    assert.equal(code, 0, log)
    const keyAttestation = founded.sam.attest(attestation({ issuedAt }))
    const hashedMessage = digestSync('sha256', new Uint8Array(1))
    const request = buildTimeStampRequest({ digestAlgorithm: 'sha256', hashedMessage, certReq: false })
    const seen: string[] = []
    for (let round = 0; round < 2; round++) {
      const service = await start(founded.file, environment)
      const connection = connectTo(founded)
      const [certificate = new Uint8Array()] = (await connection.call('issue', { keyAttestation }))
        .certificates
      seen.push(toHex(certificate), serialOf(await postTimeStamp(service, request)))
      const { revokedAt } = await connection.call('revoke', { certificate, reason: 'superseded' })
      seen.push(revokedAt)
      connection.close()
      assert.equal(await service.kill('SIGTERM'), 0)
    }
    await token.remove()
    const [first, second] = [seen.slice(0, 3), seen.slice(3)]
    assert.equal(first[0], second[0])
    assert.notEqual(first[1], second[1])
    assert.equal(first[2], second[2])
  })
})

describe('kill -9', () => {
  it('at the moment of signing leaves one record, and the next process issues the one certificate of it', async () => {
    await using founded = await Founded.create({}, Date.now())
    for (const moment of ['before', 'after']) {
      const attested = attestation({ issuedAt })
      const jws = founded.sam.attest(attested)
      const killed = await run('issue-and-die.ts', [moment, founded.file, jws])
      assert.equal(killed.code, null, killed.log)
      const opened = await founded.reopen()
      const record = await opened.authority.register.byKey(keyDigestOf(attested.publicKey))
      assert.equal(record?.state, 'prepared')
      await founded.close()
      const service = await start(founded.file)
      const connection = connectTo(founded)
      const answers = await Promise.all([1, 2].map(() => connection.call('issue', { keyAttestation: jws })))
      connection.close()
      await service.kill('SIGTERM')
      const certificates = answers.map(({ certificates: [first] }) => first ?? new Uint8Array())
      assert.equal(new Set(certificates.map(toHex)).size, 1)
      const [certificate] = certificates.map(parseCertificate)
      assert.deepEqual(certificate?.tbs, record.tbs)
    }
  })

  it('right after a revocation was acknowledged loses nothing (T-REV-02)', async () => {
    await using founded = await Founded.create({}, Date.now())
    const revoked: string[] = []
    for (let round = 0; round < 5; round++) {
      const service = await start(founded.file)
      const connection = connectTo(founded)
      const { certificates } = await connection.call('issue', {
        keyAttestation: founded.sam.attest(attestation({ issuedAt })),
      })
      const certificate = certificates[0] ?? new Uint8Array()
      await connection.call('revoke', { certificate, reason: 'keyCompromise' })
      await service.kill('SIGKILL')
      connection.close()
      revoked.push(toHex(parseCertificate(certificate).serialNumber))
    }
    const opened = await founded.open()
    for (const serial of revoked) assert.equal(opened.crl.find(serial)?.reason, 'keyCompromise')
  })

  it('while time-stamps are made never brings a serial number back (T-TSA-05)', async () => {
    await using founded = await Founded.create({}, Date.now())
    const serials: string[] = []
    const hashedMessage = digestSync('sha256', new Uint8Array(1))
    const request = buildTimeStampRequest({ digestAlgorithm: 'sha256', hashedMessage, certReq: false })
    for (let round = 0; round < 5; round++) {
      const service = await start(founded.file)
      const asking = Array.from({ length: 4 }, async () => {
        for (;;) serials.push(serialOf(await postTimeStamp(service, request)))
      })
      const enough = setInterval(() => {
        if (serials.length > (round + 1) * 40) service.kill('SIGKILL')
      }, 5)
      await Promise.allSettled(asking)
      clearInterval(enough)
      await service.kill('SIGKILL')
    }
    assert.ok(serials.length > 200)
    assert.equal(new Set(serials).size, serials.length)
  })

  it('ends calls under way as faults of the peer, never as an answer', async () => {
    await using founded = await Founded.create({}, Date.now())
    const service = await start(founded.file)
    const connection = connectTo(founded)
    await connection.call('info', {})
    await service.kill('SIGKILL')
    await assert.rejects(connection.call('info', {}), PeerFault)
    connection.close()
  })
})

function serialOf(response: Uint8Array): string {
  const parsed = parseTimeStampResponse(response)
  assert.ok(parsed.granted)
  const { content } = parseSignedData(parsed.token)
  assert.ok(content !== undefined)
  return toHex(parseTstInfo(content).serialNumber)
}
