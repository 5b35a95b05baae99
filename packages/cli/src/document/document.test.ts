/** The commands about documents as a person types them, against authorities that listen on this machine. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bytesSource } from '@natsuin/ades/pdf'
import { type Verdict, verifyCades, verifyJades, verifyPades } from '@natsuin/ades/validation'
import { verifyAsic } from '@natsuin/ades/validation/asic'
import { verifyXades } from '@natsuin/ades/validation/xades'
import { OID } from '@natsuin/pki/asn1'
import { equal, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { parseOcspRequest } from '@natsuin/pki/ocsp'
import {
  assembleTimeStampToken,
  buildTimeStampResponse,
  buildTstInfo,
  parseTimeStampRequest,
  prepareTimeStampToken,
} from '@natsuin/pki/tsp'
import { authorityInfoAccess, basicConstraints, extKeyUsage, keyUsage, toPem } from '@natsuin/pki/x509'
import { openssl } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { type Entity, issue, ocspAnswerOf, root, SIGNER } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { Progress } from './progress.ts'

const COMMAND = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()
const inFolder = (name: string) => join(folder, name)
const original = inFolder('contract.pdf')
const certificates = inFolder('signer.pem')
const anchor = inFolder('root.pem')
const signWith = `openssl pkeyutl -sign -inkey ${inFolder('key.pem')}`

interface Issued {
  readonly entity: Entity
  readonly issuer: Entity
}

let server: Server
let host: string
let unit: Entity
const issued: Issued[] = []
const revoked = new Set<Entity>()

async function issueBy(issuer: Entity, name: string, extensions: readonly Uint8Array[]): Promise<Entity> {
  const access = authorityInfoAccess({ ocsp: [`http://${host}/ocsp`] })
  const entity = await issue({ name, issuer, extensions: [...extensions, access] })
  issued.push({ entity, issuer })
  return entity
}

before(async () => {
  server = createServer((request, response) => {
    answer(request).then(
      bytes => response.end(bytes),
      error => response.destroy(error),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // A listening server on TCP has an address object.
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const ca = await issueBy(root, 'CA', [basicConstraints({ ca: true }), keyUsage('keyCertSign', 'cRLSign')])
  const signer = await issueBy(ca, 'Hanako Yamada', SIGNER)
  unit = await issueBy(root, 'TSU', [
    keyUsage('digitalSignature'),
    extKeyUsage([OID.timeStamping], { critical: true }),
  ])
  writeFileSync(inFolder('key.pem'), signer.privateKey)
  writeFileSync(
    certificates,
    [signer, ca].map(({ certificate }) => toPem('CERTIFICATE', certificate.bytes)).join(''),
  )
  writeFileSync(anchor, toPem('CERTIFICATE', root.certificate.bytes))
  writeFileSync(original, PDF_SHAPES[0]?.bytes() ?? new Uint8Array())
})
after(() => server.close())

async function answer(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of request) pieces.push(piece)
  const body = new Uint8Array(Buffer.concat(pieces))
  return request.url === '/ocsp' ? statusOf(body) : stamp(body)
}

async function statusOf(request: Uint8Array): Promise<Uint8Array> {
  const { serialNumber } = parseOcspRequest(request).certIds[0] ?? assert.fail('no certificate')
  const asked = issued.find(({ entity }) => equal(entity.certificate.serialNumber, serialNumber))
  const { entity, issuer } = asked ?? assert.fail('unknown')
  const thisUpdate = new Date()
  const revokedAt = revoked.has(entity) ? new Date('2026-01-02T00:00:00Z') : undefined
  return ocspAnswerOf(entity.certificate, issuer, { thisUpdate, revokedAt })
}

async function stamp(request: Uint8Array): Promise<Uint8Array> {
  const { imprint, nonce } = parseTimeStampRequest(request)
  const { digestAlgorithm = 'sha256', hashedMessage } = imprint
  const serialNumber = new Uint8Array(randomBytes(8))
  const policy = '1.2.3.4'
  const tstInfo = buildTstInfo({
    policy,
    digestAlgorithm,
    hashedMessage,
    serialNumber,
    genTime: new Date(),
    nonce,
  })
  const prepared = await prepareTimeStampToken(tstInfo, unit.certificate, unit.algorithm, nodePlatform)
  const token = assembleTimeStampToken(prepared, unit.sign(prepared.signedAttributes), { certReq: true })
  return buildTimeStampResponse(token)
}

interface Said {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Not in step with it: the authorities live in this process. */
function natsuin(...args: readonly string[]): Promise<Said> {
  const command = spawn(process.execPath, [COMMAND, ...args])
  let [stdout, stderr] = ['', '']
  command.stdout.on('data', text => (stdout += text))
  command.stderr.on('data', text => (stderr += text))
  return new Promise(resolve => command.on('close', status => resolve({ status, stdout, stderr })))
}

const authorities = () => ['--tsa', `http://${host}/tsa`, '--trust', anchor, '--own-host', host]
const signing = () => ['--certificate', certificates, '--sign-with', signWith]

async function assertDone(said: Promise<Said>, line: RegExp): Promise<void> {
  const { status, stdout, stderr } = await said
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, line)
}

async function levelOf(path: string): Promise<string | undefined> {
  const options = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: new Date() }
  const verdict: Verdict = await verifyPades(bytesSource(new Uint8Array(readFileSync(path))), options)
  assert.equal(verdict.indication, 'TOTAL-PASSED', 'reason' in verdict ? verdict.reason : '')
  return verdict.facts.level
}

describe('natsuin sign', () => {
  for (const level of ['B-B', 'B-T', 'B-LT', 'B-LTA']) {
    it(`signs at level ${level} by a program, and leaves the original as it is`, async () => {
      const output = inFolder(`${level}.pdf`)
      const untouched = readFileSync(original)
      const more = level === 'B-B' ? [] : authorities()
      const wishes = ['--level', level, '--reason', '契約', '--field', 'Seller', '--output', output]
      await assertDone(natsuin('sign', original, ...signing(), ...wishes, ...more), /^✔ Signed at level B-/)
      assert.equal(await levelOf(output), level)
      assert.deepEqual(readFileSync(original), untouched)
    })
  }

  it('shows the signature where it is asked to', async () => {
    const output = inFolder('visible.pdf')
    const font = '/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'
    const look = [
      '--text',
      '電子署名\\n山田花子',
      '--font',
      font,
      '--page',
      '1',
      '--rectangle',
      '72,72,272,132.5',
    ]
    await assertDone(natsuin('sign', original, ...signing(), ...look, '--output', output), /^✔ Signed/)
    assert.equal(await levelOf(output), 'B-B')
    assert.ok(readFileSync(output).includes('/Rect [72 72 272 132.5]'))
  })

  it('writes beside the original when nothing else is said', async () => {
    await assertDone(natsuin('sign', original, ...signing()), /contract-signed\.pdf\n$/)
    assert.equal(await levelOf(inFolder('contract-signed.pdf')), 'B-B')
  })

  it('refuses in a sentence with its code, and writes nothing', async () => {
    const output = inFolder('none.pdf')
    const text = inFolder('letter.txt')
    writeFileSync(text, 'Dear Sir or Madam')
    const notAPdf = await natsuin('sign', text, ...signing(), '--output', output)
    assert.deepEqual([notAPdf.status, notAPdf.stdout], [1, ''])
    assert.match(notAPdf.stderr, /^✘ The file does not begin with a PDF header\. \(not-a-pdf\)\n$/)
    const inside = ['--level', 'B-T', '--tsa', `http://${host}/tsa`]
    const guarded = await natsuin('sign', original, ...signing(), ...inside, '--output', output)
    assert.equal(guarded.status, 1)
    assert.match(
      guarded.stderr,
      /^✘ No time-stamping .* \(time-stamp-unavailable\)\n {2}The address may not be asked/,
    )
    assert.equal(existsSync(output), false)
  })

  const WRONG: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ['no document', () => signing(), /^One file is needed/],
    ['no certificate', () => [original, '--sign-with', 'true'], /^--certificate is needed/],
    ['no program', () => [original, '--certificate', certificates], /^--sign-with is needed/],
    [
      'no such level',
      () => [original, ...signing(), '--level', 'B-X'],
      /^--level is one of B-B, B-T, B-LT, B-LTA/,
    ],
    [
      'no time-stamping authority',
      () => [original, ...signing(), '--level', 'B-T'],
      /^--tsa is needed for level B-T/,
    ],
    [
      'no root',
      () => [original, ...signing(), '--level', 'B-LT', '--tsa', 'http://tsa.example'],
      /^--trust is needed for level B-LT/,
    ],
    ['text without a font', () => [original, ...signing(), '--text', '承認'], /^--font is needed for --text/],
    [
      'a place and nothing to show there',
      () => [original, ...signing(), '--rectangle', '72,72,272,132'],
      /^--text or --image is needed/,
    ],
    [
      'a rectangle of three numbers',
      () => [original, ...signing(), '--image', original, '--rectangle', '72,72,272'],
      /^--rectangle is left,bottom,right,top in points/,
    ],
    [
      'page 0',
      () => [original, ...signing(), '--image', original, '--page', '0'],
      /^--page is a number from 1 on/,
    ],
    [
      'a certificate that is none',
      () => [original, '--certificate', original, '--sign-with', 'true'],
      /no certificate/,
    ],
    [
      'an algorithm of other keys',
      () => [original, ...signing(), '--algorithm', 'rsa-sha256'],
      /^--algorithm is one of/,
    ],
    [
      'a program that fails',
      () => [original, '--certificate', certificates, '--sign-with', 'false'],
      /ended with 1/,
    ],
    ['a document that is not there', () => ['none.pdf', ...signing()], /^none\.pdf: there is no such file/],
  ]
  for (const [what, args, sentence] of WRONG) {
    it(`given ${what} says so with the usage, and ends with 2`, async () => {
      const { status, stdout, stderr } = await natsuin('sign', ...args())
      assert.deepEqual([status, stdout], [2, ''], stderr)
      assert.match(stderr, sentence)
      assert.ok(stderr.includes('  natsuin sign <document>'))
    })
  }

  it('says that an image is none', async () => {
    const look = ['--image', original, '--rectangle', '72,72,272,132', '--output', inFolder('none.pdf')]
    const { status, stderr } = await natsuin('sign', original, ...signing(), ...look)
    assert.equal(status, 1)
    assert.match(stderr, /\(image-unsupported\)/)
  })

  it('says what a key signed that is not the certificate’s', async () => {
    writeFileSync(inFolder('other.pem'), unit.privateKey)
    const other = [
      '--certificate',
      certificates,
      '--sign-with',
      `openssl pkeyutl -sign -inkey ${inFolder('other.pem')}`,
    ]
    const { status, stderr } = await natsuin('sign', original, ...other, '--output', inFolder('none.pdf'))
    assert.equal(status, 1)
    assert.match(stderr, /\(signature-does-not-verify\)/)
  })
})

describe('natsuin sign --format jades', () => {
  const minutes = inFolder('minutes 1.json')
  const CONTENT = '{"present":"全員"}'

  async function jadesLevelOf(path: string, detached: boolean): Promise<string | undefined> {
    const content = detached
      ? { content: { objects: new Map([['minutes%201.json', bytesSource(utf8(CONTENT))]]) } }
      : {}
    const trust = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: new Date() }
    const [verdict] = await verifyJades(readFileSync(path, 'utf8'), { ...trust, ...content })
    assert.equal(verdict?.indication, 'TOTAL-PASSED')
    return verdict?.facts.level
  }

  for (const [level, detached] of [
    ['B-B', false],
    ['B-T', true],
    ['B-LTA', false],
  ] as const)
    it(`signs a file at level ${level}, ${detached ? 'beside' : 'inside'} the signature`, async () => {
      writeFileSync(minutes, CONTENT)
      const output = inFolder(`${level}-${detached}.json`)
      const more = [...(level === 'B-B' ? [] : authorities()), ...(detached ? ['--detached'] : [])]
      const wishes = ['--format', 'jades', '--level', level, '--location', '京都', '--output', output]
      await assertDone(natsuin('sign', minutes, ...signing(), ...wishes, ...more), /^✔ Signed at level B-/)
      assert.equal(await jadesLevelOf(output, detached), level)
      assert.equal(readFileSync(output, 'utf8').includes(toBase64url(utf8(CONTENT))), !detached)
    })

  it('writes beside the file, and what is there is time-stamped, made to last and renewed', async () => {
    writeFileSync(minutes, CONTENT)
    const path = `${minutes}.jades.json`
    await assertDone(
      natsuin('sign', minutes, ...signing(), '--format', 'jades', '--detached'),
      /jades\.json\n$/,
    )
    await assertDone(natsuin('timestamp', path, '--format', 'jades', ...authorities()), /^✔ Time-stamped/)
    assert.equal(await jadesLevelOf(path, true), 'B-T')
    for (let i = 0; i < 2; i++) {
      await assertDone(natsuin('augment', path, '--content', minutes, ...authorities()), /^✔ Augmented/)
      assert.equal(await jadesLevelOf(path, true), 'B-LTA')
    }
    const without = await natsuin('augment', path, ...authorities())
    assert.equal(without.status, 1)
    assert.match(without.stderr, /\(content-missing\)/)
  })

  it('says what it has no room for', async () => {
    for (const [args, sentence] of [
      [['--format', 'xml'], /^--format is one of pades, cades, jades, xades, asic/],
      [['--format', 'jades', '--field', 'Seller'], /^--field, .* are for --format pades/],
    ] as const) {
      const { status, stderr } = await natsuin('sign', original, ...signing(), ...args)
      assert.equal(status, 2)
      assert.match(stderr, sentence)
    }
  })
})

describe('natsuin sign --format xades', () => {
  const order = inFolder('order 1.xml')
  const minutes = inFolder('minutes.txt')
  const ORDER = '<order xmlns="urn:order"><total>1000</total></order>\n'

  async function xadesLevelOf(path: string): Promise<string | undefined> {
    const trust = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: new Date() }
    const detached = (uri: string) => (uri === 'order%201.xml' ? bytesSource(utf8(ORDER)) : undefined)
    const [verdict] = await verifyXades(new Uint8Array(readFileSync(path)), { ...trust, detached })
    assert.equal(verdict?.indication, 'TOTAL-PASSED', verdict && 'reason' in verdict ? verdict.reason : '')
    return verdict?.facts.level
  }

  const FORMS = [
    ['an XML document, in itself', order, [], 'B-T', /<\/total><ds:Signature /],
    ['a file that is not XML, inside the signature', minutes, [], 'B-B', /Encoding="http/],
    ['a file, beside it', order, ['--detached'], 'B-LTA', /URI="order%201\.xml"/],
  ] as const
  for (const [what, path, wishes, level, mark] of FORMS)
    it(`signs ${what}, at level ${level}`, async () => {
      writeFileSync(order, ORDER)
      writeFileSync(minutes, '議事録')
      const output = inFolder(`${level}.xml`)
      const more = ['--format', 'xades', '--level', level, '--location', '京都', '--output', output]
      const asked = level === 'B-B' ? [] : authorities()
      await assertDone(
        natsuin('sign', path, ...signing(), ...more, ...wishes, ...asked),
        /^✔ Signed at level B-/,
      )
      assert.equal(await xadesLevelOf(output), level)
      assert.match(readFileSync(output, 'utf8'), mark)
    })

  it('writes beside the file, and what is there is time-stamped, made to last and renewed', async () => {
    writeFileSync(order, ORDER)
    const path = `${order}.xades.xml`
    await assertDone(natsuin('sign', order, ...signing(), '--format', 'xades', '--detached'), /xades\.xml\n$/)
    await assertDone(natsuin('timestamp', path, '--format', 'xades', ...authorities()), /^✔ Time-stamped/)
    assert.equal(await xadesLevelOf(path), 'B-T')
    for (let i = 0; i < 2; i++) {
      await assertDone(natsuin('augment', path, '--content', order, ...authorities()), /^✔ Augmented/)
      assert.equal(await xadesLevelOf(path), 'B-LTA')
    }
    const without = await natsuin('augment', path, ...authorities())
    assert.deepEqual([without.status, /\(content-missing\)/.test(without.stderr)], [1, true])
    await assertDone(natsuin('sign', order, ...signing(), '--format', 'xades'), /order 1-signed\.xml\n$/)
    await assertDone(natsuin('augment', inFolder('order 1-signed.xml'), ...authorities()), /^✔ Augmented/)
    assert.equal(await xadesLevelOf(inFolder('order 1-signed.xml')), 'B-LTA')
  })

  it('refuses in a sentence what is not the XML that it seems', async () => {
    const page = inFolder('page.html')
    writeFileSync(page, '<!DOCTYPE html><p>text')
    const { status, stderr } = await natsuin('sign', page, ...signing(), '--format', 'xades')
    assert.equal(status, 1)
    assert.match(stderr, /^✘ The document has a document type declaration\. \(xml-doctype\)\n$/)
    const field = await natsuin('sign', order, ...signing(), '--format', 'xades', '--field', 'Seller')
    assert.deepEqual([field.status, /^--field, /.test(field.stderr)], [2, true])
  })
})

describe('natsuin sign --format cades and --format asic', () => {
  const notes = inFolder('notes 1.txt')
  const CONTENT = '議事録: present all'
  const trust = () => ({ platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: new Date() })
  const sourceOf = (path: string) => bytesSource(new Uint8Array(readFileSync(path)))

  async function levelIn(path: string): Promise<string | undefined> {
    const content = path.endsWith('.p7s') ? { content: bytesSource(utf8(CONTENT)) } : {}
    const report = path.endsWith('.asics') ? await verifyAsic(sourceOf(path), trust()) : undefined
    const [verdict] =
      report?.signatures.map(signature => signature.verdict) ??
      (await verifyCades(sourceOf(path), { ...trust(), ...content }))
    assert.equal(verdict?.indication, 'TOTAL-PASSED')
    return verdict?.facts.level
  }

  const FORMS = [
    ['inside the signature', ['--format', 'cades'], '.p7m', 'B-LTA'],
    ['beside it', ['--format', 'cades', '--detached'], '.p7s', 'B-T'],
    ['in a container', ['--format', 'asic'], '.asics', 'B-LT'],
  ] as const
  for (const [where, wishes, extension, atOnce] of FORMS)
    it(`signs a file ${where}, at level ${atOnce} at once; one at B-B is time-stamped and made to last`, async () => {
      writeFileSync(notes, CONTENT)
      const path = `${notes}${extension}`
      for (const level of [atOnce, 'B-B']) {
        const asked = level === 'B-B' ? [] : authorities()
        const more = ['--level', level, '--location', '京都']
        await assertDone(
          natsuin('sign', notes, ...signing(), ...wishes, ...more, ...asked),
          /^✔ Signed at level B-/,
        )
        assert.equal(await levelIn(path), level)
      }
      const format = extension === '.asics' ? 'asic' : 'cades'
      await assertDone(natsuin('timestamp', path, '--format', format, ...authorities()), /^✔ Time-stamped/)
      assert.equal(await levelIn(path), 'B-T')
      const beside = extension === '.p7s' ? ['--content', notes] : []
      await assertDone(natsuin('augment', path, ...beside, ...authorities()), /^✔ Augmented/)
      assert.equal(await levelIn(path), 'B-LTA')
    })

  it('writes what openssl takes apart', async () => {
    writeFileSync(notes, CONTENT)
    await assertDone(natsuin('sign', notes, ...signing(), '--format', 'cades'), /p7m\n$/)
    const out = inFolder('notes.out')
    const how = ['-verify', '-binary', '-inform', 'DER', '-purpose', 'any', '-CAfile', anchor]
    assert.match(openssl('cms', ...how, '-in', `${notes}.p7m`, '-out', out), /successful/)
    assert.equal(readFileSync(out, 'utf8'), CONTENT)
  })
})

describe('natsuin augment', () => {
  it('has a document last in its place, and renews it', async () => {
    const path = inFolder('lasting.pdf')
    await assertDone(natsuin('sign', original, ...signing(), '--output', path), /^✔/)
    const signed = readFileSync(path)
    for (let i = 0; i < 2; i++) {
      await assertDone(natsuin('augment', path, ...authorities()), /^✔ Augmented to level B-LTA/)
      assert.equal(await levelOf(path), 'B-LTA')
    }
    assert.deepEqual(readFileSync(path).subarray(0, signed.length), signed)
  })

  it('says why it cannot, and leaves the document as it is', async () => {
    const path = inFolder('revoked.pdf')
    await assertDone(natsuin('sign', original, ...signing(), '--output', path), /^✔/)
    const signed = readFileSync(path)
    const [, signer] = issued
    if (signer) revoked.add(signer.entity)
    const { status, stderr } = await natsuin('augment', path, '--level', 'B-LT', ...authorities())
    revoked.clear()
    assert.equal(status, 1)
    assert.match(stderr, /^✘ A certificate is revoked\. \(CN=Hanako Yamada\) \(certificate-revoked\)\n$/)
    assert.deepEqual(readFileSync(path), signed)
    const unsigned = await natsuin('augment', original, ...authorities())
    assert.match(unsigned.stderr, /\(signature-missing\)/)
  })
})

describe('natsuin timestamp', () => {
  it('puts a time-stamp into a PDF', async () => {
    const path = inFolder('stamped.pdf')
    copyFileSync(original, path)
    await assertDone(natsuin('timestamp', path, ...authorities()), /^✔ Time-stamped: /)
    assert.ok(readFileSync(path).includes('/ETSI.RFC3161'))
  })

  it('writes one beside any other file, or when it is asked to', async () => {
    const text = inFolder('minutes.txt')
    writeFileSync(text, 'Present: all')
    const question = (path: string) => ['-data', path, '-in', `${path}.tst`, '-token_in', '-CAfile', anchor]
    await assertDone(natsuin('timestamp', text, ...authorities()), /minutes\.txt\.tst\n$/)
    await assertDone(natsuin('timestamp', original, '--detached', ...authorities()), /contract\.pdf\.tst\n$/)
    for (const path of [text, original])
      assert.match(openssl('ts', '-verify', ...question(path)), /Verification: OK/)
  })

  it('needs an authority', async () => {
    const { status, stderr } = await natsuin('timestamp', original)
    assert.equal(status, 2)
    assert.match(stderr, /^--tsa is needed/)
  })
})

describe('the bar', () => {
  const source = bytesSource(new Uint8Array(1000))

  it('grows as a document is read, on a terminal, and goes away', async () => {
    const written: string[] = []
    const progress = new Progress({ isTTY: true, write: text => written.push(text) })
    progress.step('hashing')
    const watched = progress.watched(source)
    for (const offset of [0, 500, 0, 900]) await watched.read(offset, 100)
    progress.end()
    const filled = written.map(text => text.split('█').length - 1)
    assert.deepEqual(filled, [0, 3, 18, 30, 0])
    assert.equal(written.at(-1), '\r\x1b[K')
  })

  it('is nothing where nobody looks', async () => {
    const progress = new Progress({ write: () => assert.fail('written') })
    progress.step('hashing')
    await progress.watched(source).read(0, 1000)
    progress.end()
  })
})
