import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OID } from '@natsuin/pki/asn1'
import { equal, toHex } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { parseCertificate, verifySigned } from '@natsuin/pki/x509'
import { Founded, START } from '../fixture/founded.ts'
import { refuses } from '../fixture/refuses.ts'
import { attestation, newPublicKey } from '../fixture/sam.ts'
import { withModule } from '../fixture/with-module.ts'
import type { Authorities } from '../open-authorities.ts'
import { issue } from './issue.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { policies } from './policies.ts'
import { keyDigestOf } from './prepare.ts'

const issueOn = ({ authority, keys }: Authorities, jws: string) => issue(authority, jws, keys)

describe('issue', () => {
  it('certifies the attested key for the attested subject, and nothing else', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const attested = attestation({
      subject: {
        commonName: '山田 花子',
        givenName: '花子',
        surname: '山田',
        serialNumber: 'PNOJP-123',
        organizationName: '捺印株式会社',
        countryName: 'JP',
      },
    })
    const certificate = parseCertificate(await issueOn(opened, founded.sam.attest(attested)))
    assert.ok(await verifySigned(certificate, opened.authority.issuer.key.spki, nodePlatform))
    assert.deepEqual(certificate.spki, attested.publicKey)
    assert.deepEqual(
      certificate.subject.attributes.map(({ value }) => value),
      ['JP', '捺印株式会社', '山田', '花子', 'PNOJP-123', '山田 花子'],
    )
    const { extensions } = certificate
    assert.deepEqual(extensions.keyUsage, ['nonRepudiation'])
    assert.deepEqual(
      extensions.all.map(({ oid, critical }) => [oid, critical]),
      [
        [OID.authorityKeyIdentifier, false],
        [OID.subjectKeyIdentifier, false],
        [OID.keyUsage, true],
        [OID.certificatePolicies, false],
        [OID.cRLDistributionPoints, false],
        [OID.authorityInfoAccess, false],
      ],
    )
    assert.deepEqual(extensions.crlUrls, ['http://localhost:8082/issuing.crl'])
    assert.deepEqual(extensions.ocspUrls, ['http://localhost:8082/ocsp'])
    assert.deepEqual(extensions.caIssuersUrls, ['http://localhost:8082/issuing.cer'])
    assert.equal(certificate.serialNumber.length, 20)
    assert.equal(certificate.notBefore.getTime(), START)
    assert.equal(certificate.notAfter.getTime(), START + 730 * 86_400_000 - 1000)
  })

  it('says by its policy that a certificate is a test, and of which level', async () => {
    await using founded = await Founded.create({ maxLevel: 3 })
    const opened = await founded.open()
    const policyOf = async (changes: Parameters<typeof attestation>[0]) => {
      const certificate = await issueOn(opened, founded.sam.attest(attestation(changes)))
      return parseCertificate(certificate).extensions.policies
    }
    assert.deepEqual(await policyOf({}), [`${policies.testSigner}.1`])
    assert.deepEqual(await policyOf({ level: 3 }), [`${policies.testSigner}.3`])
    assert.deepEqual(await policyOf({ environment: 'production' }), [`${policies.testSigner}.1`])
    const real = { environment: 'production', softwareModule: false, level: 2 } as const
    assert.deepEqual(await policyOf(real), [`${policies.signer}.2`])
  })

  it('refuses a subject that cannot stand in a certificate, and spends nothing on it', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { subject, ...attested } = attestation()
    const wrong = { ...subject, serialNumber: '個人番号' }
    await refuses('attestation-invalid', issueOn(opened, founded.sam.attest({ ...attested, subject: wrong })))
    await issueOn(opened, founded.sam.attest({ ...attested, subject }))
  })

  it('never lets a certificate outlive the issuing CA', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    founded.pass(9 * 365 * 86_400_000)
    const certificate = parseCertificate(await issueOn(opened, founded.sam.attest(attestation())))
    assert.deepEqual(certificate.notAfter, opened.authority.issuer.certificate.notAfter)
  })

  it('returns the same certificate for the same attestation, also after a restart', async () => {
    await using founded = await Founded.create()
    const jws = founded.sam.attest(attestation())
    const first = await issueOn(await founded.open(), jws)
    const opened = await founded.reopen()
    founded.pass(86_400_000)
    assert.deepEqual(await issueOn(opened, jws), first)
    assert.notDeepEqual(await issueOn(opened, founded.sam.attest(attestation())), first)
  })

  it('returns one certificate to twenty who ask at once, and signs once', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    let signatures = 0
    const { module } = opened.authority
    const authority = withModule(opened, {
      sign: (label, request) => {
        signatures += 1
        return module.sign(label, request)
      },
    })
    const jws = founded.sam.attest(attestation())
    const answers = await Promise.all(Array.from({ length: 20 }, () => issue(authority, jws, opened.keys)))
    assert.equal(new Set(answers.map(toHex)).size, 1)
    assert.equal(signatures, 1)
  })

  it('lets one of two processes record its certificate, and both return that one', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const jws = founded.sam.attest(attestation())
    // Two processes share no queue.
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => issue(opened.authority, jws, new OneAtATime())),
    )
    assert.equal(new Set(answers.map(toHex)).size, 1)
  })

  it('returns the same certificate for the other spelling of the same signature', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const attested = attestation()
    const [first, second] = [founded.sam.attest(attested), founded.sam.attest(attested)]
    assert.notEqual(first, second)
    assert.deepEqual(await issueOn(opened, first), await issueOn(opened, second))
  })

  it('refuses a certified key in another attestation, and certifies another key in it', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const alice = attestation()
    await issueOn(opened, founded.sam.attest(alice))
    const mallory = { ...attestation(), publicKey: alice.publicKey }
    await refuses('key-certified-for-another', issueOn(opened, founded.sam.attest(mallory)))
    const otherName = { ...alice, subject: { ...alice.subject, commonName: 'Mallory' } }
    await refuses('key-certified-for-another', issueOn(opened, founded.sam.attest(otherName)))
    await issueOn(opened, founded.sam.attest({ ...mallory, publicKey: newPublicKey() }))
  })

  it('refuses to certify the keys of its own services for a signer', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { spki } = opened.unit.key
    await refuses(
      'key-certified-for-another',
      issueOn(opened, founded.sam.attest(attestation({ publicKey: spki }))),
    )
  })

  it('never signs two certificates with one serial number, even when the generator repeats', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const authority = withModule(opened, { random: async length => new Uint8Array(length).fill(7) })
    const certificates = await Promise.all(
      Array.from({ length: 10 }, () => issue(authority, founded.sam.attest(attestation()), opened.keys)),
    )
    const serials = certificates.map(certificate => parseCertificate(certificate).serialNumber)
    assert.equal(new Set(serials.map(toHex)).size, 10)
  })

  it('does not sign with a serial number that is taken', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    let signatures = 0
    const { module } = opened.authority
    const authority = withModule(opened, {
      random: async length => new Uint8Array(length).fill(7),
      mac: async () => new Uint8Array(32),
      sign: (label, request) => {
        signatures += 1
        return module.sign(label, request)
      },
    })
    const issueNew = () => issue(authority, founded.sam.attest(attestation()), opened.keys)
    await issueNew()
    await assert.rejects(issueNew(), /UNIQUE/)
    assert.equal(signatures, 1)
  })

  it('gives every certificate a serial number of its own', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const certificates = await Promise.all(
      Array.from({ length: 100 }, () => issueOn(opened, founded.sam.attest(attestation()))),
    )
    const serials = certificates.map(certificate => parseCertificate(certificate).serialNumber)
    assert.equal(new Set(serials.map(toHex)).size, 100)
    assert.ok(serials.every(serial => serial.length === 20 && (serial[0] ?? 0xff) < 0x80))
  })

  it('records before it signs: what the module failed to sign is prepared, and issued on the next request', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const attested = attestation()
    const jws = founded.sam.attest(attested)
    const failing = withModule(opened, { sign: () => Promise.reject(new Error('the module is gone')) })
    await assert.rejects(issue(failing, jws, opened.keys), /the module is gone/)
    const prepared = await opened.authority.register.byKey(keyDigestOf(attested.publicKey))
    assert.equal(prepared?.state, 'prepared')
    founded.pass(3_600_000)
    const again = await founded.reopen()
    const certificate = parseCertificate(await issueOn(again, jws))
    assert.equal(toHex(certificate.serialNumber), prepared.serial)
    assert.ok(equal(certificate.tbs, prepared.tbs))
  })

  it('lets no signature out that the issuing key did not make', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const { module } = opened.authority
    const faulty = withModule(opened, {
      sign: (_, request) => module.sign('natsuin-authorities-tsa', request),
    })
    const jws = founded.sam.attest(attestation())
    await assert.rejects(issue(faulty, jws, opened.keys), /signature that the key/)
    assert.ok(await issueOn(opened, jws))
  })

  it('refuses to go on where a record was edited by hand', async () => {
    await using founded = await Founded.create()
    const jws = founded.sam.attest(attestation())
    await issueOn(await founded.open(), jws)
    await founded.close()
    founded.tamper("UPDATE certificate SET sealed = zeroblob(length(sealed)) WHERE state = 'issued'")
    await refuses('record-altered', issueOn(await founded.open(), jws))
  })

  it('refuses a record that stands in for another', async () => {
    await using founded = await Founded.create()
    const [alice, bob] = [attestation(), attestation()]
    const before = await founded.open()
    await issueOn(before, founded.sam.attest(alice))
    await issueOn(before, founded.sam.attest(bob))
    await founded.close()
    const [from, to] = [keyDigestOf(bob.publicKey), keyDigestOf(alice.publicKey)]
    const swap =
      'UPDATE certificate SET sealed = (SELECT sealed FROM certificate WHERE key_digest = ?) WHERE key_digest = ?'
    assert.equal(founded.tamper(swap, from, to), 1)
    const opened = await founded.open()
    await refuses('record-altered', issueOn(opened, founded.sam.attest(alice)))
    await issueOn(opened, founded.sam.attest(bob))
  })
})
