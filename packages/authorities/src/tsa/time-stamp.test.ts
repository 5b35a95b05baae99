import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { digestAlgorithms } from '@natsuin/pki/algorithms'
import {
  boolean,
  contextConstructed,
  integer,
  OID,
  octetString,
  oid,
  retag,
  sequence,
} from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import {
  buildTimeStampRequest,
  parseTimeStampResponse,
  parseTstInfo,
  type TimeStampRequestParts,
  verifyTimeStampToken,
} from '@natsuin/pki/tsp'
import { extension, parseCertificate } from '@natsuin/pki/x509'
import { Founded, START } from '../fixture/founded.ts'
import type { Authorities } from '../open-authorities.ts'
import { timeStamp } from './time-stamp.ts'

const request = (changes: Partial<TimeStampRequestParts> = {}) =>
  buildTimeStampRequest({
    digestAlgorithm: 'sha256',
    hashedMessage: new Uint8Array(randomBytes(32)),
    certReq: true,
    ...changes,
  })

async function stamp({ unit }: Authorities, der: Uint8Array) {
  const faults: unknown[] = []
  const response = parseTimeStampResponse(await timeStamp(unit, der, fault => faults.push(fault)))
  return { response, faults }
}

async function granted(opened: Authorities, der: Uint8Array) {
  const { response } = await stamp(opened, der)
  assert.ok(response.granted, JSON.stringify(response))
  const signedData = parseSignedData(response.token)
  assert.ok(signedData.content !== undefined)
  const tstInfo = parseTstInfo(signedData.content)
  const stamped = { digest: tstInfo.imprint.hashedMessage }
  const verdict = await verifyTimeStampToken(response.token, stamped, nodePlatform, [opened.timeStamping])
  assert.ok(verdict.valid)
  return { signedData, tstInfo }
}

async function failure(opened: Authorities, der: Uint8Array): Promise<string | undefined> {
  const { response, faults } = await stamp(opened, der)
  assert.ok(!response.granted)
  assert.deepEqual(faults, [])
  return response.failures[0]
}

describe('the time-stamping unit (RFC 3161, 2.4; EN 319 422)', () => {
  it('stamps SHA-256, SHA-384 and SHA-512 imprints with the time of its clock, echoing the nonce (T-TSA-01)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    founded.pass(61_234)
    for (const digestAlgorithm of ['sha256', 'sha384', 'sha512'] as const) {
      const hashedMessage = digestSync(digestAlgorithm, new Uint8Array(randomBytes(100)))
      const nonce = new Uint8Array([0x7f, ...randomBytes(15)])
      const { tstInfo } = await granted(opened, request({ digestAlgorithm, hashedMessage, nonce }))
      assert.deepEqual(tstInfo.imprint, { digestAlgorithm, hashedMessage })
      assert.deepEqual(tstInfo.nonce, nonce)
      assert.equal(tstInfo.genTime.getTime(), START + 61_234)
      assert.deepEqual(tstInfo.accuracy, { seconds: 1, millis: 0, micros: 0 })
      assert.equal(tstInfo.ordering, false)
    }
  })

  it('names its certificate by ESSCertIDv2, with one signer, and brings the chain when it is asked to (T-TSA-07)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { signedData } = await granted(opened, request())
    assert.equal(signedData.signerInfos.length, 1)
    const [signer] = signedData.signerInfos
    assert.deepEqual(
      signer?.signedAttributes?.signingCertificate?.certificateHash,
      digestSync('sha256', opened.timeStamping),
    )
    assert.equal(signedData.certificates.length, 2)
    assert.deepEqual((await granted(opened, request({ certReq: false }))).signedData.certificates, [])
  })

  it('has a certificate for time-stamping alone, critical, and a key that ends before it (T-TSA-06)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { extensions, notAfter } = parseCertificate(opened.timeStamping)
    assert.deepEqual(extensions.extKeyUsage, [OID.timeStamping])
    assert.ok(extensions.all.some(({ oid, critical }) => oid === OID.extKeyUsage && critical))
    assert.deepEqual(extensions.keyUsage, ['digitalSignature'])
    const end = extensions.privateKeyUsagePeriod?.notAfter
    assert.ok(end !== undefined && end < notAfter)
  })

  it('gives every token a serial number of its own, many at once and over restarts (T-TSA-05)', async () => {
    await using founded = await Founded.create()
    const serials: bigint[] = []
    for (let round = 0; round < 3; round++) {
      const opened = await founded.reopen()
      const tokens = await Promise.all(Array.from({ length: 40 }, () => granted(opened, request())))
      const numbers = tokens.map(({ tstInfo }) =>
        BigInt(`0x${Buffer.from(tstInfo.serialNumber).toString('hex')}`),
      )
      const [lowest] = numbers.toSorted((a, b) => Number(a - b))
      const highestBefore = serials.at(-1) ?? 0n
      assert.ok(lowest !== undefined && lowest > highestBefore)
      serials.push(...numbers.toSorted((a, b) => Number(a - b)))
    }
    assert.equal(new Set(serials).size, 120)
  })

  it('never repeats a serial number after the database was restored to yesterday (T-TSA-05)', async () => {
    await using founded = await Founded.create()
    const restore = founded.backUpDatabase()
    const first = await granted(await founded.open(), request())
    await founded.close()
    restore()
    founded.pass(10)
    const second = await granted(await founded.open(), request())
    assert.notDeepEqual(first.tstInfo.serialNumber, second.tstInfo.serialNumber)
  })

  it('refuses in the words of the protocol what it cannot stamp (T-TSA-02)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const imprint = (algorithm: string, length: number) =>
      sequence(sequence(oid(algorithm)), octetString(new Uint8Array(length)))
    const sha256 = digestAlgorithms.sha256.oid
    const critical = (isCritical: boolean) =>
      retag(
        contextConstructed(0),
        sequence(extension(OID.tstInfo, isCritical, octetString(new Uint8Array(1)))),
      )
    const table: readonly (readonly [string, Uint8Array, string])[] = [
      ['no DER', new Uint8Array(100), 'badDataFormat'],
      ['nothing', new Uint8Array(), 'badDataFormat'],
      ['version 2', sequence(integer(2), imprint(sha256, 32)), 'badDataFormat'],
      ['a digest too short', sequence(integer(1), imprint(sha256, 31)), 'badDataFormat'],
      ['a digest too long', sequence(integer(1), imprint(sha256, 33)), 'badDataFormat'],
      ['bytes after it', Uint8Array.of(...request(), 0), 'badDataFormat'],
      ['SHA-1', sequence(integer(1), imprint(OID.sha1, 20)), 'badAlg'],
      ['MD5', sequence(integer(1), imprint('1.2.840.113549.2.5', 16)), 'badAlg'],
      ['SHA-224', sequence(integer(1), imprint('2.16.840.1.101.3.4.2.4', 28)), 'badAlg'],
      ['another policy', request({ policy: '1.2.3.4' }), 'unacceptedPolicy'],
      ['an extension', sequence(integer(1), imprint(sha256, 32), critical(false)), 'unacceptedExtension'],
      [
        'a critical extension',
        sequence(integer(1), imprint(sha256, 32), critical(true)),
        'unacceptedExtension',
      ],
      ['a nonce of 65 octets', request({ nonce: new Uint8Array(65).fill(1) }), 'badRequest'],
      [
        'certReq FALSE written out',
        sequence(integer(1), imprint(sha256, 32), boolean(false)),
        'badDataFormat',
      ],
    ]
    for (const [what, der, expected] of table) assert.equal(await failure(opened, der), expected, what)
    await granted(opened, request({ policy: opened.unit.policy, nonce: new Uint8Array(64).fill(1) }))
  })

  it('stops while its clock has jumped, forwards, backwards or not at all, and goes on when it is right again (T-TSA-03)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    for (const jump of [-1_000, 1_000, 60_000, -86_400_000, 10 * 365 * 86_400_000]) {
      founded.pass(1_000)
      await granted(opened, request())
      founded.wall += jump
      assert.equal(await failure(opened, request()), 'timeNotAvailable')
      founded.wall -= jump
      await granted(opened, request())
    }
    founded.monotonic += 5_000
    assert.equal(await failure(opened, request()), 'timeNotAvailable')
  })

  it('does not start again earlier than it was (T-TSA-04)', async () => {
    await using founded = await Founded.create()
    await granted(await founded.open(), request())
    founded.wall -= 3_600_000
    assert.equal(await failure(await founded.reopen(), request()), 'timeNotAvailable')
    founded.wall += 3_600_000
    await granted(await founded.reopen(), request())
  })

  it('makes no token after the end of its key (T-TSA-06)', async () => {
    await using founded = await Founded.create()
    const end = parseCertificate((await founded.open()).timeStamping).extensions.privateKeyUsagePeriod
      ?.notAfter
    assert.ok(end !== undefined)
    founded.pass(end.getTime() - founded.wall)
    await granted(await founded.reopen(), request())
    founded.pass(1_000)
    assert.equal(await failure(await founded.reopen(), request()), 'systemFailure')
  })

  it('tells the log and not the caller what broke inside', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    await opened.unit.module.close()
    const { response, faults } = await stamp(opened, request())
    assert.ok(!response.granted)
    assert.deepEqual(
      [response.failures, response.text],
      [['systemFailure'], ['the time-stamping unit failed']],
    )
    assert.equal(faults.length, 1)
  })
})
