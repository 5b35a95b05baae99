import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { enumerated, explicit, integer, octetString, sequence } from '../asn1/write.ts'
import { sha1IssuerHashes } from '../node/issuer-hashes.ts'
import { nodePlatform } from '../node/node-platform.ts'
import { issue, issueRoot, NOW, openssl, type TestEntity, tryOpenssl, withFiles } from '../test-kit.ts'
import { extension, extKeyUsage, keyUsage, ocspNoCheck } from '../x509/build.ts'
import { toPem } from '../x509/pem.ts'
import { buildCertId, type CertId, isIssuer, issuerHashesOf } from './cert-id.ts'
import { buildOcspRequest, parseOcspRequest } from './request.ts'
import {
  assembleOcspResponse,
  buildOcspFailure,
  buildTbsOcspResponse,
  type CertificateStatus,
  OCSP_FAILURES,
  type OcspFailure,
  type OcspResponseParts,
  parseOcspResponse,
} from './response.ts'
import { type OcspQuestion, verifyOcspResponse } from './verify.ts'

const NONCE = new Uint8Array(32).fill(7)
const RESPONDER = [
  keyUsage('digitalSignature'),
  extKeyUsage([OID.ocspSigning], { critical: false }),
  ocspNoCheck(),
]
const ca = await issueRoot('CA')
const alice = await issue({ name: 'Alice', issuer: ca })
const responder = await issue({ name: 'Responder', issuer: ca, extensions: RESPONDER })
const sha256 = await issuerHashesOf(ca.certificate, 'sha256', nodePlatform)
const certId = buildCertId(sha256, alice.certificate.serialNumber)

const PARTS: OcspResponseParts = {
  responderName: responder.certificate.subject.bytes,
  producedAt: NOW,
  responses: [
    { certId, status: { kind: 'good' }, thisUpdate: NOW, nextUpdate: new Date('2026-06-01T13:00:00Z') },
  ],
  nonce: NONCE,
}

function answer(
  parts: Partial<OcspResponseParts> = {},
  signer: TestEntity = responder,
  certificates = [signer],
): Uint8Array {
  const tbs = buildTbsOcspResponse({ ...PARTS, responderName: signer.certificate.subject.bytes, ...parts })
  return assembleOcspResponse(
    tbs,
    signer.key.algorithm,
    signer.key.sign(tbs),
    certificates.map(entity => entity.certificate.bytes),
  )
}

function withStatus(status: CertificateStatus, id: CertId = certId): Partial<OcspResponseParts> {
  return {
    responses: [{ certId: id, status, thisUpdate: NOW, nextUpdate: new Date('2026-06-01T13:00:00Z') }],
  }
}

async function verify(response: Uint8Array, question: Partial<OcspQuestion> = {}) {
  return verifyOcspResponse(
    { response: parseOcspResponse(response), certId, issuer: ca.certificate, at: NOW, ...question },
    nodePlatform,
  )
}

async function problemOf(
  response: Uint8Array,
  question: Partial<OcspQuestion> = {},
): Promise<string | undefined> {
  const verdict = await verify(response, question)
  return verdict.valid ? undefined : verdict.problem
}

describe('OCSP requests (RFC 6960, 4.1)', () => {
  it('are read as they were built, and by openssl', () => {
    const der = buildOcspRequest([certId], NONCE)
    const request = parseOcspRequest(der)
    assert.deepEqual(request.certIds, [certId])
    assert.deepEqual(request.nonce, NONCE)
    assert.deepEqual(request.unknownCritical, [])
    const text = withFiles({ q: der }, folder =>
      openssl(folder, 'ocsp', '-reqin', 'q', '-req_text', '-noverify'),
    )
    assert.match(text, /Hash Algorithm: sha256/)
    assert.match(text, /OCSP Nonce/)
  })

  it('that openssl made are read, with SHA-1 and SHA-256', () => {
    const files = {
      'ca.pem': toPem('CERTIFICATE', ca.certificate.bytes),
      'a.pem': toPem('CERTIFICATE', alice.certificate.bytes),
    }
    const ask = (digest: string) =>
      withFiles(files, folder => {
        openssl(folder, 'ocsp', digest, '-issuer', 'ca.pem', '-cert', 'a.pem', '-reqout', 'q')
        return parseOcspRequest(new Uint8Array(readFileSync(join(folder, 'q'))))
      })
    const sha1 = sha1IssuerHashes(ca.certificate)
    for (const [digest, hashes] of [
      ['-sha1', sha1],
      ['-sha256', sha256],
    ] as const) {
      const { certIds, nonce } = ask(digest)
      assert.equal(certIds.length, 1)
      assert.ok(certIds[0] !== undefined && isIssuer(certIds[0], hashes))
      assert.ok(!isIssuer(certIds[0], { ...hashes, keyHash: hashes.nameHash }))
      assert.deepEqual(certIds[0].serialNumber, alice.certificate.serialNumber)
      assert.ok(nonce !== undefined)
    }
    assert.deepEqual(ask('-sha1').certIds[0]?.bytes, buildCertId(sha1, alice.certificate.serialNumber).bytes)
  })

  it('take nonces of 1 to 128 octets (RFC 9654, 2.1)', () => {
    const withNonce = (length: number) => () =>
      parseOcspRequest(buildOcspRequest([certId], new Uint8Array(length)))
    for (const length of [1, 15, 16, 32, 33, 128]) assert.doesNotThrow(withNonce(length), String(length))
    for (const length of [0, 129, 1024 * 1024])
      assert.throws(withNonce(length), { reason: 'value-not-allowed' }, String(length))
  })

  it('take 1 to 100 certificates', () => {
    assert.doesNotThrow(() => parseOcspRequest(buildOcspRequest(Array(100).fill(certId))))
    assert.throws(() => parseOcspRequest(buildOcspRequest(Array(101).fill(certId))), DerError)
    assert.throws(() => parseOcspRequest(buildOcspRequest([])), DerError)
  })

  it('name critical extensions that are not understood, and refuse an encoded default version', () => {
    const list = sequence(sequence(certId.bytes))
    const unknown = explicit(2, sequence(extension('1.2.3', true, octetString(NONCE))))
    assert.deepEqual(parseOcspRequest(sequence(sequence(list, unknown))).unknownCritical, ['1.2.3'])
    assert.throws(() => parseOcspRequest(sequence(sequence(explicit(0, integer(0)), list))), {
      reason: 'default-encoded',
    })
  })
})

describe('OCSP responses (RFC 6960, 4.2)', () => {
  const STATUSES: readonly CertificateStatus[] = [
    { kind: 'good' },
    { kind: 'revoked', revokedAt: new Date('2026-05-31T00:00:00Z'), reason: 'keyCompromise' },
    { kind: 'revoked', revokedAt: new Date('2026-05-31T00:00:00Z'), reason: undefined },
    { kind: 'unknown' },
  ]

  it('are verified with every status, from a delegated responder and from the issuer', async () => {
    for (const status of STATUSES) {
      for (const [signer, certificates] of [
        [responder, [responder]],
        [ca, []],
      ] as const) {
        const verdict = await verify(answer(withStatus(status), signer, [...certificates]), { nonce: NONCE })
        assert.ok(verdict.valid, status.kind)
        assert.deepEqual(verdict.status, status)
        assert.deepEqual(verdict.responder.bytes, signer.certificate.bytes)
      }
    }
  })

  it('are verified by openssl', () => {
    const revoked: CertificateStatus = {
      kind: 'revoked',
      revokedAt: new Date('2026-05-31T00:00:00Z'),
      reason: 'keyCompromise',
    }
    const files = {
      'ca.pem': toPem('CERTIFICATE', ca.certificate.bytes),
      'a.pem': toPem('CERTIFICATE', alice.certificate.bytes),
      q: buildOcspRequest([certId], NONCE),
      r: answer(withStatus(revoked)),
    }
    const { status, output } = withFiles(files, folder =>
      tryOpenssl(
        folder,
        'ocsp',
        '-respin',
        'r',
        '-reqin',
        'q',
        '-sha256',
        '-issuer',
        'ca.pem',
        '-cert',
        'a.pem',
        '-CAfile',
        'ca.pem',
        '-attime',
        String(NOW.getTime() / 1000),
        '-no_nonce',
        '-resp_text',
      ),
    )
    assert.equal(status, 0, output)
    assert.match(output, /Response verify OK/)
    assert.match(output, /Cert Status: revoked/)
    assert.match(output, /Revocation Reason: keyCompromise/)
  })

  it('name a responder by key hash too', async () => {
    const der = answer()
    const { basic } = parsedBasic(der)
    const [, ...rest] = parseDer(basic.tbs).children.map(child => child.bytes)
    const tbs = sequence(explicit(2, octetString(new Uint8Array(20))), ...rest)
    assert.equal(
      await problemOf(
        assembleOcspResponse(tbs, responder.key.algorithm, responder.key.sign(tbs), [
          responder.certificate.bytes,
        ]),
      ),
      undefined,
    )
    assert.equal(
      await problemOf(
        assembleOcspResponse(tbs, responder.key.algorithm, alice.key.sign(tbs), [
          responder.certificate.bytes,
        ]),
      ),
      'signature-invalid',
    )
  })

  it('can be failures, as openssl reads them', () => {
    for (const failure of Object.keys(OCSP_FAILURES) as OcspFailure[]) {
      const parsed = parseOcspResponse(buildOcspFailure(failure))
      assert.deepEqual(parsed.successful ? undefined : parsed.failure, failure)
      const { output } = withFiles({ r: buildOcspFailure(failure) }, folder =>
        tryOpenssl(folder, 'ocsp', '-respin', 'r', '-noverify'),
      )
      assert.match(output.toLowerCase(), new RegExp(failure.toLowerCase()))
    }
    assert.throws(() => parseOcspResponse(sequence(enumerated(0))), DerError)
    assert.throws(() => parseOcspResponse(sequence(enumerated(4))), DerError)
  })

  it('are refused for another certificate, another issuer, another nonce', async () => {
    const bob = await issue({ name: 'Bob', issuer: ca })
    const other = await issueRoot('Other')
    assert.equal(await problemOf(answer(), { nonce: NONCE }), undefined)
    assert.equal(
      await problemOf(answer(), { certId: buildCertId(sha256, bob.certificate.serialNumber) }),
      'certificate-not-answered',
    )
    const otherHashes = await issuerHashesOf(other.certificate, 'sha256', nodePlatform)
    assert.equal(
      await problemOf(answer(), { certId: buildCertId(otherHashes, alice.certificate.serialNumber) }),
      'certificate-not-answered',
    )
    assert.equal(await problemOf(answer(), { nonce: new Uint8Array(32) }), 'nonce-mismatch')
    assert.equal(await problemOf(answer({ nonce: undefined }), { nonce: NONCE }), 'nonce-mismatch')
    assert.equal(await problemOf(answer({ nonce: undefined })), undefined)
  })

  it('are refused before their time and when stale', async () => {
    assert.equal(await problemOf(answer(), { at: new Date('2026-06-01T11:59:59Z') }), 'not-yet-valid')
    assert.equal(await problemOf(answer(), { at: new Date('2026-06-01T13:00:00Z') }), undefined)
    assert.equal(await problemOf(answer(), { at: new Date('2026-06-01T13:00:01Z') }), 'stale')
    const open = answer({
      responses: [{ certId, status: { kind: 'good' }, thisUpdate: NOW, nextUpdate: undefined }],
    })
    assert.equal(await problemOf(open, { at: new Date('2026-06-01T12:05:00Z') }), undefined)
    assert.equal(await problemOf(open, { at: new Date('2026-06-01T12:05:01Z') }), 'stale')
    assert.equal(await problemOf(open, { at: new Date('2026-06-01T12:01:01Z'), maxAgeSeconds: 60 }), 'stale')
  })

  it('are refused from responders the issuer did not authorise (RFC 6960, 4.2.2.2) (T-REV-08)', async () => {
    const other = await issueRoot('CA')
    const cases: readonly (readonly [string, TestEntity])[] = [
      [
        'no key purpose',
        await issue({ name: 'Responder', issuer: ca, extensions: [keyUsage('digitalSignature')] }),
      ],
      [
        'another purpose',
        await issue({
          name: 'Responder',
          issuer: ca,
          extensions: [extKeyUsage([OID.timeStamping], { critical: true })],
        }),
      ],
      [
        'any purpose',
        await issue({
          name: 'Responder',
          issuer: ca,
          extensions: [extKeyUsage([OID.anyExtendedKeyUsage], { critical: false })],
        }),
      ],
      [
        'another issuer of the same name',
        await issue({ name: 'Responder', issuer: other, extensions: RESPONDER }),
      ],
      [
        'issued by another responder',
        await issue({ name: 'Responder', issuer: responder, extensions: RESPONDER }),
      ],
      [
        'expired',
        await issue({
          name: 'Responder',
          issuer: ca,
          extensions: RESPONDER,
          profile: { notAfter: new Date('2026-05-01T00:00:00Z') },
        }),
      ],
      [
        'not for signatures',
        await issue({
          name: 'Responder',
          issuer: ca,
          extensions: [keyUsage('keyEncipherment'), extKeyUsage([OID.ocspSigning], { critical: false })],
        }),
      ],
      [
        'unknown critical extension',
        await issue({
          name: 'Responder',
          issuer: ca,
          extensions: [...RESPONDER, extension('1.2.3', true, sequence())],
        }),
      ],
    ]
    for (const [name, entity] of cases)
      assert.equal(await problemOf(answer({}, entity)), 'responder-not-authorised', name)
    assert.equal(await problemOf(answer({}, responder, [])), 'responder-not-authorised')
    assert.equal(
      await problemOf(answer({ responderName: alice.certificate.subject.bytes })),
      'responder-not-authorised',
    )
    assert.equal(await problemOf(answer()), undefined)
  })

  it('are refused with a failure, and after a change of the signed part', async () => {
    const verdict = await verify(buildOcspFailure('tryLater'))
    assert.deepEqual(verdict, { valid: false, problem: 'not-successful', failure: 'tryLater' })
    const { basic } = parsedBasic(answer(withStatus({ kind: 'unknown' })))
    const good = parsedBasic(answer()).basic
    const mixed = assembleOcspResponse(good.tbs, 'ecdsa-sha256', basic.signature, basic.certificates)
    assert.equal(await problemOf(mixed), 'signature-invalid')
  })

  function parsedBasic(der: Uint8Array) {
    const parsed = parseOcspResponse(der)
    assert.ok(parsed.successful)
    return parsed
  }
})
