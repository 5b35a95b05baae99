import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { explicit, OID, octetString, sequence } from '@natsuin/pki/asn1'
import { nodePlatform, sha1IssuerHashes } from '@natsuin/pki/node'
import { buildCertId, buildOcspRequest, issuerHashesOf, parseOcspResponse } from '@natsuin/pki/ocsp'
import { extension, parseCertificate } from '@natsuin/pki/x509'
import { issue } from '../ca/issue.ts'
import { keyDigestOf } from '../ca/prepare.ts'
import { serialOctets } from '../ca/serial-number.ts'
import { Founded, START } from '../fixture/founded.ts'
import { attestation } from '../fixture/sam.ts'
import { withModule } from '../fixture/with-module.ts'
import type { Authorities } from '../open-authorities.ts'
import { respond } from './respond.ts'

async function ask({ responder }: Authorities, request: Uint8Array) {
  return parseOcspResponse(await respond(responder, request, () => {}))
}

async function statuses(opened: Authorities, serials: readonly Uint8Array[]): Promise<readonly string[]> {
  const hashes = sha1IssuerHashes(opened.authority.issuer.certificate)
  const request = buildOcspRequest(serials.map(serial => buildCertId(hashes, serial)))
  const response = await ask(opened, request)
  return response.successful ? response.basic.responses.map(({ status }) => status.kind) : [response.failure]
}

describe('the OCSP responder (RFC 6960)', () => {
  it('answers for each certificate that is asked about, in order', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const certificate = parseCertificate(
      await issue(opened.authority, founded.sam.attest(attestation()), opened.keys),
    )
    const tsa = parseCertificate(opened.timeStamping)
    const never = new Uint8Array([0x55, ...randomBytes(19)])
    const asked = [never, certificate.serialNumber, tsa.serialNumber]
    assert.deepEqual(await statuses(opened, asked), ['unknown', 'good', 'good'])
  })

  it('never says good of a serial number that nobody was given (T-REV-06)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const serials = Array.from({ length: 100 }, () => new Uint8Array([0x41, ...randomBytes(19)]))
    assert.deepEqual(new Set(await statuses(opened, serials)), new Set(['unknown']))
  })

  it('does not say good of a certificate that was prepared and not signed (T-REV-06)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const failing = withModule(opened, { sign: () => Promise.reject(new Error('killed')) })
    const attested = attestation()
    const jws = founded.sam.attest(attested)
    await assert.rejects(issue(failing, jws, opened.keys), /killed/)
    const record = await opened.authority.register.byKey(keyDigestOf(attested.publicKey))
    assert.equal(record?.state, 'prepared')
    const serial = serialOctets(record.serial)
    assert.deepEqual(await statuses(opened, [serial]), ['unknown'])
    await issue(opened.authority, jws, opened.keys)
    assert.deepEqual(await statuses(opened, [serial]), ['good'])
  })

  it('knows its issuer by SHA-1 and SHA-2 hashes, and no other issuer', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { serialNumber } = parseCertificate(opened.timeStamping)
    const issuer = opened.authority.issuer.certificate
    const kindBy = async (hashes: Parameters<typeof buildCertId>[0]) => {
      const response = await ask(opened, buildOcspRequest([buildCertId(hashes, serialNumber)]))
      return response.successful && response.basic.responses[0]?.status.kind
    }
    assert.equal(await kindBy(sha1IssuerHashes(issuer)), 'good')
    for (const digest of ['sha256', 'sha384', 'sha512'] as const) {
      assert.equal(await kindBy(await issuerHashesOf(issuer, digest, nodePlatform)), 'good')
    }
    assert.equal(await kindBy(sha1IssuerHashes(parseCertificate(opened.root))), 'unknown')
  })

  it('echoes the nonce of 1 to 128 octets, and calls others malformed (RFC 9654) (T-REV-07)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const hashes = sha1IssuerHashes(opened.authority.issuer.certificate)
    const certId = buildCertId(hashes, parseCertificate(opened.timeStamping).serialNumber)
    for (const length of [1, 15, 16, 32, 33, 128]) {
      const nonce = new Uint8Array(randomBytes(length))
      const response = await ask(opened, buildOcspRequest([certId], nonce))
      assert.ok(response.successful)
      assert.deepEqual(response.basic.nonce, nonce)
    }
    for (const length of [0, 129]) {
      const response = await ask(opened, buildOcspRequest([certId], new Uint8Array(length)))
      assert.ok(!response.successful && response.failure === 'malformedRequest')
    }
    const plain = await ask(opened, buildOcspRequest([certId]))
    assert.ok(plain.successful && plain.basic.nonce === undefined)
  })

  it('is valid for as long as configured, from a whole second on', async () => {
    await using founded = await Founded.create({ ocspValiditySeconds: 60 })
    const opened = await founded.open()
    founded.pass(1_234)
    const hashes = sha1IssuerHashes(opened.authority.issuer.certificate)
    const certId = buildCertId(hashes, parseCertificate(opened.timeStamping).serialNumber)
    const response = await ask(opened, buildOcspRequest([certId]))
    assert.ok(response.successful)
    const [single] = response.basic.responses
    assert.equal(single?.thisUpdate.getTime(), START + 1_000)
    assert.equal(single?.nextUpdate?.getTime(), START + 61_000)
  })

  it('calls malformed what is no request, and what it does not understand but must', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { bytes } = buildCertId(sha1IssuerHashes(opened.authority.issuer.certificate), new Uint8Array([1]))
    const critical = explicit(2, sequence(extension(OID.tstInfo, true, octetString(new Uint8Array(1)))))
    const requests = [
      new Uint8Array(),
      new Uint8Array(100),
      sequence(sequence(sequence())),
      sequence(sequence(sequence(sequence(bytes)), critical)),
    ]
    for (const request of requests) {
      const response = await ask(opened, request)
      assert.ok(!response.successful && response.failure === 'malformedRequest')
    }
  })

  it('signs with the delegated key, whose certificate says what it may do and comes along', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const hashes = sha1IssuerHashes(opened.authority.issuer.certificate)
    const response = await ask(opened, buildOcspRequest([buildCertId(hashes, new Uint8Array([1]))]))
    assert.ok(response.successful)
    const [delegate, ...others] = response.basic.certificates.map(parseCertificate)
    assert.equal(others.length, 0)
    assert.deepEqual(delegate?.extensions.extKeyUsage, [OID.ocspSigning])
    assert.equal(delegate?.extensions.ocspNoCheck, true)
    assert.deepEqual(delegate?.extensions.keyUsage, ['digitalSignature'])
  })
})
