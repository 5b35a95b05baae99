import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { DigestAlgorithm } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { boolean, integer, octetString, oid, sequence } from '../asn1/write.ts'
import { utf8 } from '../encoding/bytes.ts'
import { digestSync, nodePlatform } from '../node/node-platform.ts'
import {
  issue,
  issueRoot,
  NOW,
  openssl,
  privateKeyPem,
  signingWith,
  type TestEntity,
  tryOpenssl,
  withFiles,
} from '../test-kit.ts'
import { extKeyUsage, keyUsage } from '../x509/build.ts'
import { toPem } from '../x509/pem.ts'
import { buildTimeStampRequest, parseTimeStampRequest, type TimeStampRequestParts } from './request.ts'
import { buildTimeStampRejection, buildTimeStampResponse, parseTimeStampResponse } from './response.ts'
import { assembleTimeStampToken, prepareTimeStampToken } from './token.ts'
import { buildTstInfo, parseTstInfo, type TstInfoParts } from './tst-info.ts'
import { verifyTimeStampResponse, verifyTimeStampToken } from './verify.ts'

const CONTENT = utf8('signature value')
const POLICY = '1.3.6.1.4.1.99999.3'
const NONCE = Uint8Array.of(0x00, 0xf1, 2, 3, 4, 5, 6, 7, 8)
const root = await issueRoot()
const TSU = [keyUsage('digitalSignature'), extKeyUsage([OID.timeStamping], { critical: true })]
const unit = await issue({ name: 'TSU', issuer: root, extensions: TSU })

const REQUEST: TimeStampRequestParts = {
  digestAlgorithm: 'sha256',
  hashedMessage: digestSync('sha256', CONTENT),
  nonce: NONCE,
  certReq: true,
}

async function stamp(
  changes: Partial<TstInfoParts> = {},
  tsu: TestEntity = unit,
  certReq = true,
): Promise<Uint8Array> {
  const tstInfo = buildTstInfo({
    policy: POLICY,
    digestAlgorithm: 'sha256',
    hashedMessage: digestSync('sha256', CONTENT),
    serialNumber: Uint8Array.of(0x81, 1),
    genTime: new Date('2026-06-01T12:00:00.120Z'),
    accuracy: { seconds: 1 },
    nonce: NONCE,
    ...changes,
  })
  const prepared = await prepareTimeStampToken(tstInfo, tsu.certificate, tsu.key.algorithm, nodePlatform)
  return assembleTimeStampToken(prepared, tsu.key.sign(prepared.signedAttributes), { certReq })
}

async function problemOf(token: Uint8Array, content = CONTENT): Promise<string | undefined> {
  const verdict = await verifyTimeStampToken(token, { content }, nodePlatform)
  return verdict.valid ? undefined : verdict.problem
}

describe('time-stamp requests (RFC 3161, 2.4.1)', () => {
  it('are read as they were built, and by openssl', () => {
    const der = buildTimeStampRequest({ ...REQUEST, policy: POLICY })
    assert.deepEqual(parseTimeStampRequest(der), {
      imprint: { digestAlgorithm: 'sha256', hashedMessage: REQUEST.hashedMessage },
      policy: POLICY,
      nonce: NONCE,
      certReq: true,
      extensions: [],
    })
    const text = withFiles({ q: der }, folder => openssl(folder, 'ts', '-query', '-in', 'q', '-text'))
    for (const line of [
      'Hash Algorithm: sha256',
      `Policy OID: ${POLICY}`,
      'Nonce: 0xF102030405060708',
      'Certificate required: yes',
    ])
      assert.ok(text.includes(line), text)
  })

  it('that openssl made are read', () => {
    const der = withFiles({ content: CONTENT }, folder => {
      openssl(folder, 'ts', '-query', '-data', 'content', '-sha512', '-cert', '-out', 'q')
      return new Uint8Array(readFileSync(join(folder, 'q')))
    })
    const { imprint, certReq, nonce } = parseTimeStampRequest(der)
    assert.deepEqual(imprint, { digestAlgorithm: 'sha512', hashedMessage: digestSync('sha512', CONTENT) })
    assert.equal(certReq, true)
    assert.ok(nonce !== undefined)
  })

  it('name an unknown digest as unknown, and refuse a digest of the wrong length and another version (T-TSA-02)', () => {
    const imprint = (digest: string, size: number) =>
      sequence(sequence(oid(digest)), octetString(new Uint8Array(size)))
    assert.equal(
      parseTimeStampRequest(sequence(integer(1), imprint(OID.sha1, 20))).imprint.digestAlgorithm,
      undefined,
    )
    const sha256 = '2.16.840.1.101.3.4.2.1'
    assert.throws(() => parseTimeStampRequest(sequence(integer(1), imprint(sha256, 31))), DerError)
    assert.throws(() => parseTimeStampRequest(sequence(integer(2), imprint(sha256, 32))), DerError)
    assert.throws(() => parseTimeStampRequest(sequence(integer(1), imprint(sha256, 32), boolean(false))), {
      reason: 'default-encoded',
    })
    assert.doesNotThrow(() => parseTimeStampRequest(sequence(integer(1), imprint(sha256, 32), boolean(true))))
  })
})

describe('time-stamp tokens (RFC 3161, 2.4.2; RFC 5816)', () => {
  it('are verified here and by openssl', async () => {
    const units = [
      ['ec-p256', 'ecdsa-sha256'],
      ['ec-p384', 'ecdsa-sha384'],
      // `openssl ts` reads PKCS #7, which knows no RSASSA-PSS.
      ['rsa-3072', 'rsa-sha256'],
    ] as const
    for (const [keyType, algorithm] of units) {
      const tsu = signingWith(await issue({ name: 'TSU', issuer: root, keyType, extensions: TSU }), algorithm)
      const token = await stamp({}, tsu)
      const verdict = await verifyTimeStampToken(token, { content: CONTENT }, nodePlatform)
      assert.ok(verdict.valid)
      assert.deepEqual(verdict.certificate.bytes, tsu.certificate.bytes)
      assert.deepEqual(verdict.tstInfo.genTime, new Date('2026-06-01T12:00:00.120Z'))
      assert.deepEqual(verdict.tstInfo.accuracy, { seconds: 1, millis: 0, micros: 0 })
      const files = {
        'r.tsr': buildTimeStampResponse(token),
        content: CONTENT,
        'root.pem': toPem('CERTIFICATE', root.certificate.bytes),
      }
      withFiles(files, folder => {
        const { status, output } = tryOpenssl(
          folder,
          'ts',
          '-verify',
          '-data',
          'content',
          '-in',
          'r.tsr',
          '-CAfile',
          'root.pem',
          '-attime',
          String(NOW.getTime() / 1000),
        )
        assert.equal(status, 0, output)
      })
    }
  })

  it('by openssl are verified here', async () => {
    const config = `
[tsa]
default_tsa = cfg
[cfg]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = ${POLICY}
digests = sha256
accuracy = secs:1, millisecs:500
ordering = yes
ess_cert_id_alg = sha256
`
    const tsu = await issue({ name: 'TSU', issuer: root, keyType: 'rsa-3072', extensions: TSU })
    const request = buildTimeStampRequest(REQUEST)
    const files = {
      'tsa.cnf': config,
      serial: '01',
      q: request,
      'c.pem': toPem('CERTIFICATE', tsu.certificate.bytes),
      'k.pem': privateKeyPem(tsu.key),
    }
    const response = withFiles(files, folder => {
      openssl(
        folder,
        'ts',
        '-reply',
        '-config',
        'tsa.cnf',
        '-queryfile',
        'q',
        '-signer',
        'c.pem',
        '-inkey',
        'k.pem',
        '-out',
        'r',
      )
      return new Uint8Array(readFileSync(join(folder, 'r')))
    })
    const verdict = await verifyTimeStampResponse(response, request, nodePlatform)
    assert.ok(verdict.valid, verdict.valid ? '' : verdict.problem)
    assert.deepEqual(verdict.tstInfo.accuracy, { seconds: 1, millis: 500, micros: 0 })
    assert.equal(verdict.tstInfo.ordering, true)
  })

  it('bring no certificate unless it was asked for', async () => {
    const token = await stamp({}, unit, false)
    assert.equal(await problemOf(token), 'certificate-missing')
    const verdict = await verifyTimeStampToken(token, { content: CONTENT }, nodePlatform, [
      unit.certificate.bytes,
    ])
    assert.equal(verdict.valid, true)
  })

  it('are refused over another content, from another kind of certificate, and when they are no token (T-TSA-06, T-TSA-07)', async () => {
    assert.equal(await problemOf(await stamp()), undefined)
    assert.equal(await problemOf(await stamp(), utf8('other')), 'imprint-mismatch')
    assert.equal(await problemOf(Uint8Array.of(0x30, 0)), 'malformed')
    for (const extensions of [
      [],
      [extKeyUsage([OID.timeStamping], { critical: false })],
      [extKeyUsage([OID.timeStamping, OID.documentSigning], { critical: true })],
      [extKeyUsage([OID.documentSigning], { critical: true })],
    ]) {
      const wrong = await issue({ name: 'Not a TSU', issuer: root, extensions })
      assert.equal(await problemOf(await stamp({}, wrong)), 'certificate-not-for-time-stamping')
    }
  })

  it('are refused after any octet of the content was changed', async () => {
    const token = await stamp()
    const at = Buffer.from(token).indexOf('20260601120000.12Z')
    assert.ok(at > 0)
    const copy = new Uint8Array(token)
    copy[at + 3] = 0x37
    assert.equal(await problemOf(copy), 'message-digest-mismatch')
  })

  it('say every part of TSTInfo', () => {
    const parts: TstInfoParts = {
      policy: POLICY,
      digestAlgorithm: 'sha384' satisfies DigestAlgorithm,
      hashedMessage: digestSync('sha384', CONTENT),
      serialNumber: Uint8Array.of(0xff),
      genTime: new Date('2026-06-01T12:00:00.007Z'),
      accuracy: { seconds: 2, millis: 3, micros: 4 },
      ordering: true,
      nonce: NONCE,
    }
    const { bytes, ...read } = parseTstInfo(buildTstInfo(parts))
    assert.deepEqual(bytes, buildTstInfo(parts))
    assert.deepEqual(read, {
      policy: POLICY,
      imprint: { digestAlgorithm: 'sha384', hashedMessage: parts.hashedMessage },
      serialNumber: Uint8Array.of(0, 0xff),
      genTime: parts.genTime,
      accuracy: parts.accuracy,
      ordering: true,
      nonce: NONCE,
      extensions: [],
    })
  })
})

describe('time-stamp responses', () => {
  it('answer exactly the request: imprint, nonce and policy (T-TSA-01)', async () => {
    const request = buildTimeStampRequest({ ...REQUEST, policy: POLICY })
    const answer = async (changes: Partial<TstInfoParts>) => {
      const verdict = await verifyTimeStampResponse(
        buildTimeStampResponse(await stamp(changes)),
        request,
        nodePlatform,
      )
      return verdict.valid ? verdict.token : verdict.problem
    }
    assert.ok((await answer({})) instanceof Uint8Array)
    assert.equal(await answer({ nonce: Uint8Array.of(1) }), 'nonce-mismatch')
    assert.equal(await answer({ nonce: undefined }), 'nonce-mismatch')
    assert.equal(await answer({ policy: '1.2.3' }), 'policy-mismatch')
    assert.equal(await answer({ hashedMessage: digestSync('sha256', utf8('other')) }), 'imprint-mismatch')
    assert.equal(
      await answer({ digestAlgorithm: 'sha384', hashedMessage: digestSync('sha384', CONTENT) }),
      'imprint-mismatch',
    )
  })

  it('can be rejections, with a reason that openssl reads', async () => {
    const der = buildTimeStampRejection('unacceptedPolicy', 'no such policy')
    assert.deepEqual(parseTimeStampResponse(der), {
      granted: false,
      status: 2,
      failures: ['unacceptedPolicy'],
      text: ['no such policy'],
    })
    const text = withFiles({ r: der }, folder => openssl(folder, 'ts', '-reply', '-in', 'r', '-text'))
    assert.match(text, /Status: Rejected/)
    assert.match(text, /unaccepted policy|requested TSA policy is not supported/)
    assert.deepEqual(await verifyTimeStampResponse(der, buildTimeStampRequest(REQUEST), nodePlatform), {
      valid: false,
      problem: 'rejected',
    })
  })

  it('are refused when status and token contradict each other', async () => {
    const token = await stamp()
    assert.throws(() => parseTimeStampResponse(sequence(sequence(integer(2)), token)), {
      reason: 'value-not-allowed',
    })
    assert.throws(() => parseTimeStampResponse(sequence(sequence(integer(0)))), {
      reason: 'value-not-allowed',
    })
    assert.deepEqual(parseTimeStampResponse(buildTimeStampResponse(token)), { granted: true, token })
  })
})
