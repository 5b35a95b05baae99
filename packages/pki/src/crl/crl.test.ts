import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { element, enumerated, explicit, integer, sequence, time } from '../asn1/write.ts'
import { concat } from '../encoding/bytes.ts'
import { nodePlatform } from '../node/node-platform.ts'
import {
  CA_EXTENSIONS,
  issue,
  issueRoot,
  NOW,
  openssl,
  type TestEntity,
  tryOpenssl,
  withFiles,
} from '../test-kit.ts'
import { basicConstraints, extension, keyIdentifier, keyUsage } from '../x509/build.ts'
import { toPem } from '../x509/pem.ts'
import { assembleSigned } from '../x509/signed.ts'
import { buildTbsCertList, type CrlProfile } from './build.ts'
import { type Crl, findEntry, MAX_CRL_BYTES, parseCrl } from './parse.ts'
import { revocationStatus, verifyCrl } from './verify.ts'

const ca = await issueRoot('CA')
const alice = await issue({ name: 'Alice', issuer: ca })
const bob = await issue({ name: 'Bob', issuer: ca })

const PROFILE: CrlProfile = {
  signatureAlgorithm: ca.key.algorithm,
  issuer: ca.certificate.subject.bytes,
  thisUpdate: new Date('2026-06-01T00:00:00Z'),
  nextUpdate: new Date('2026-06-08T00:00:00Z'),
  crlNumber: 0x1234n,
  authorityKeyIdentifier: await keyIdentifier(ca.key.spki, nodePlatform),
  revoked: [
    {
      serialNumber: alice.certificate.serialNumber,
      revokedAt: new Date('2026-05-31T10:00:00Z'),
      reason: 'keyCompromise',
    },
    { serialNumber: Uint8Array.of(0xff, 1), revokedAt: new Date('2026-05-31T11:00:00Z') },
  ],
  expiredCertsSince: new Date('2026-01-01T00:00:00Z'),
}

function crlWith(profile: Partial<CrlProfile> = {}, signer: TestEntity = ca): Crl {
  const tbs = buildTbsCertList({ ...PROFILE, ...profile })
  return parseCrl(assembleSigned(tbs, signer.key.algorithm, signer.key.sign(tbs)))
}

/** The CRL with other extensions or entries, signed by the CA. */
function crafted(change: (fields: readonly Uint8Array[]) => readonly Uint8Array[]): Crl {
  const tbs = sequence(...change(parseDer(buildTbsCertList(PROFILE)).children.map(child => child.bytes)))
  return parseCrl(assembleSigned(tbs, ca.key.algorithm, ca.key.sign(tbs)))
}

async function problemOf(crl: Crl, at = NOW, issuer = ca): Promise<string | undefined> {
  const verdict = await verifyCrl({ crl, issuer: issuer.certificate, at }, nodePlatform)
  return verdict.valid ? undefined : verdict.problem
}

describe('CRLs (RFC 5280, 5.1)', () => {
  it('are read as they were built', () => {
    const crl = crlWith()
    assert.deepEqual(crl.issuer.bytes, ca.certificate.subject.bytes)
    assert.deepEqual(
      [crl.thisUpdate, crl.nextUpdate, crl.crlNumber],
      [PROFILE.thisUpdate, PROFILE.nextUpdate, 0x1234n],
    )
    assert.deepEqual(
      [...crl.entries()].map(({ revokedAt, reason }) => [revokedAt, reason]),
      [
        [new Date('2026-05-31T10:00:00Z'), 'keyCompromise'],
        [new Date('2026-05-31T11:00:00Z'), 'unspecified'],
      ],
    )
    assert.deepEqual(findEntry(crl, Uint8Array.of(0, 0xff, 1))?.revokedAt, new Date('2026-05-31T11:00:00Z'))
    assert.deepEqual(revocationStatus(crl, bob.certificate), { kind: 'not-revoked' })
    assert.equal(revocationStatus(crl, alice.certificate).kind, 'revoked')
    assert.deepEqual(crl.unknownCritical, [])
  })

  it('are read and verified by openssl', () => {
    const pem = (label: string, der: Uint8Array) => toPem(label, der)
    const files = {
      'crl.pem': pem('X509 CRL', crlWith().bytes),
      'ca.pem': pem('CERTIFICATE', ca.certificate.bytes),
      'alice.pem': pem('CERTIFICATE', alice.certificate.bytes),
      'bob.pem': pem('CERTIFICATE', bob.certificate.bytes),
    }
    withFiles(files, folder => {
      const text = openssl(folder, 'crl', '-in', 'crl.pem', '-noout', '-text')
      for (const line of [
        'Version 2',
        'X509v3 CRL Number: \n                4660',
        'Key Compromise',
        'Next Update: Jun  8 00:00:00 2026 GMT',
      ])
        assert.ok(text.includes(line), `${line}\n--- not in ---\n${text}`)
      const verify = (file: string) =>
        tryOpenssl(
          folder,
          'verify',
          '-CAfile',
          'ca.pem',
          '-CRLfile',
          'crl.pem',
          '-crl_check',
          '-attime',
          String(NOW.getTime() / 1000),
          file,
        )
      assert.match(verify('alice.pem').output, /certificate revoked/)
      assert.equal(verify('bob.pem').status, 0)
    })
  })

  it('leave the list out when nothing is revoked', async () => {
    const crl = crlWith({ revoked: [] })
    assert.deepEqual([...crl.entries()], [])
    assert.equal(parseDer(crl.tbs).children.length, 6)
    assert.equal(await problemOf(crl), undefined)
  })

  it('of 100 000 entries are read one by one', () => {
    const revokedAt = new Date('2026-05-31T10:00:00Z')
    const revoked = Array.from({ length: 100_000 }, (_, i) => ({
      serialNumber: Uint8Array.of(1, i >> 16, i >> 8, i),
      revokedAt,
      reason: 'superseded' as const,
    }))
    const crl = crlWith({ revoked })
    assert.equal([...crl.entries()].length, 100_000)
    assert.ok(findEntry(crl, Uint8Array.of(1, 1, 0x86, 0x9f)) !== undefined)
    assert.equal(findEntry(crl, Uint8Array.of(1, 1, 0x86, 0xa0)), undefined)
  })

  it('above 50 MiB are refused (T-LIM-09)', () => {
    assert.throws(() => parseCrl(new Uint8Array(MAX_CRL_BYTES + 1)), { reason: 'length-too-long' })
  })

  it('that are malformed are refused', () => {
    const { bytes } = crlWith()
    assert.throws(() => parseCrl(concat(bytes, integer(0))), { reason: 'trailing-bytes' })
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => parseCrl(bytes.subarray(0, length)), DerError)
    assert.throws(() => crafted(([, ...fields]) => [integer(0), ...fields]), { reason: 'value-not-allowed' })
    assert.throws(() => crafted(([, ...fields]) => fields), { reason: 'unknown-field' })
    assert.throws(() => crafted(fields => [...fields, integer(1)]), { reason: 'unknown-field' })
    const badReason = sequence(
      integer(5),
      time(NOW),
      sequence(extension(OID.reasonCode, false, enumerated(7))),
    )
    const crl = crafted(([v, alg, issuer, t, n, , ext]) =>
      [v, alg, issuer, t, n, sequence(badReason), ext].flatMap(field => field ?? []),
    )
    assert.throws(() => [...crl.entries()], { reason: 'value-not-allowed' })
  })
})

describe('verifyCrl', () => {
  it("accepts the issuer's CRL between its two dates", async () => {
    assert.equal(await problemOf(crlWith()), undefined)
    assert.equal(await problemOf(crlWith(), PROFILE.thisUpdate), undefined)
    assert.equal(await problemOf(crlWith(), PROFILE.nextUpdate), undefined)
    assert.equal(await problemOf(crlWith(), new Date('2026-05-31T23:59:59Z')), 'not-yet-valid')
    assert.equal(await problemOf(crlWith(), new Date('2026-06-08T00:00:01Z')), 'stale')
  })

  it('refuses other issuers, other keys and issuers that may not sign CRLs', async () => {
    const other = await issueRoot('Other')
    const sameName = await issueRoot('CA')
    const mayNot = await issue({
      name: 'CA',
      key: ca.key,
      extensions: [basicConstraints({ ca: true }), keyUsage('keyCertSign')],
    })
    assert.equal(await problemOf(crlWith(), NOW, other), 'issuer-mismatch')
    assert.equal(await problemOf(crlWith({}, sameName)), 'signature-invalid')
    assert.equal(await problemOf(crlWith(), NOW, mayNot), 'issuer-may-not-sign-crls')
    const may = await issue({ name: 'CA', key: ca.key, extensions: CA_EXTENSIONS })
    assert.equal(await problemOf(crlWith(), NOW, may), undefined)
  })

  it('refuses partial, indirect and delta CRLs (T-REV-09)', async () => {
    for (const type of [OID.issuingDistributionPoint, OID.deltaCRLIndicator]) {
      const crl = crafted(fields => [
        ...fields.slice(0, -1),
        explicit(0, sequence(extension(type, true, sequence()))),
      ])
      assert.equal(await problemOf(crl), 'unknown-critical-extension')
    }
  })

  it('holds an entry with an unknown critical extension for undecidable (T-REV-09)', () => {
    const entry = sequence(
      element(2, alice.certificate.serialNumber),
      time(NOW),
      sequence(extension(OID.certificateIssuer, true, sequence())),
    )
    const crl = crafted(([v, alg, issuer, t, n, , ext]) =>
      [v, alg, issuer, t, n, sequence(entry), ext].flatMap(field => field ?? []),
    )
    assert.equal(revocationStatus(crl, alice.certificate).kind, 'undecidable')
    assert.equal(revocationStatus(crl, bob.certificate).kind, 'not-revoked')
  })
})
