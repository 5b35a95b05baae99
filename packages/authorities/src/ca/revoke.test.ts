import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseCrl } from '@natsuin/pki/crl'
import { nodePlatform, sha1IssuerHashes } from '@natsuin/pki/node'
import { buildCertId, buildOcspRequest, parseOcspResponse, verifyOcspResponse } from '@natsuin/pki/ocsp'
import { parseCertificate } from '@natsuin/pki/x509'
import { Founded, START } from '../fixture/founded.ts'
import { refuses } from '../fixture/refuses.ts'
import { attestation } from '../fixture/sam.ts'
import { respond } from '../ocsp/respond.ts'
import type { Authorities } from '../open-authorities.ts'
import { issue } from './issue.ts'
import { revoke } from './revoke.ts'
import { serialText } from './serial-number.ts'

const issueNew = ({ authority, keys }: Authorities, { sam }: Founded) =>
  issue(authority, sam.attest(attestation()), keys)

const revokeOne = ({ authority, crl, keys }: Authorities, certificate: Uint8Array) =>
  revoke(authority, crl, { certificate, reason: 'keyCompromise' }, keys)

/** What the responder says of a certificate, checked as a relying party checks it; a failure by its name. */
async function statusOf(opened: Authorities, founded: Founded, der: Uint8Array): Promise<string> {
  const certificate = parseCertificate(der)
  const issuer = opened.authority.issuer.certificate
  const certId = buildCertId(sha1IssuerHashes(issuer), certificate.serialNumber)
  const response = parseOcspResponse(await respond(opened.responder, buildOcspRequest([certId]), () => {}))
  const at = new Date(founded.wall)
  const verdict = await verifyOcspResponse({ response, issuer, certId, at }, nodePlatform)
  if (verdict.valid) return verdict.status.kind
  return verdict.failure ?? verdict.problem
}

const crlSerials = (der: Uint8Array) =>
  Array.from(parseCrl(der).entries(), ({ serialNumber }) => serialText(serialNumber))

const serialOf = (certificate: Uint8Array) => serialText(parseCertificate(certificate).serialNumber)

describe('revoke', () => {
  it('is in the next OCSP answer and on a CRL with a greater number, on disk too, when it is acknowledged (T-REV-07)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const [alice, bob] = [await issueNew(opened, founded), await issueNew(opened, founded)]
    assert.equal(await statusOf(opened, founded, alice), 'good')
    const before = opened.crl.number
    founded.pass(5_500)
    const since = await revokeOne(opened, alice)
    assert.equal(since.getTime(), START + 5_000)
    assert.equal(await statusOf(opened, founded, alice), 'revoked')
    assert.equal(await statusOf(opened, founded, bob), 'good')
    assert.deepEqual(crlSerials(opened.crl.bytes), [serialOf(alice)])
    assert.ok(opened.crl.number > before)
    assert.deepEqual(new Uint8Array(readFileSync(founded.configuration.crlFile)), opened.crl.bytes)
  })

  it('keeps the first time and reason when it is done again, also after a restart (T-REV-02)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const certificate = await issueNew(opened, founded)
    const since = await revokeOne(opened, certificate)
    const number = opened.crl.number
    founded.pass(60_000)
    assert.deepEqual(await revokeOne(opened, certificate), since)
    assert.equal(opened.crl.number, number)
    const again = await founded.reopen()
    assert.deepEqual(await revokeOne(again, certificate), since)
    const [entry] = parseCrl(again.crl.bytes).entries()
    assert.deepEqual([entry?.revokedAt, entry?.reason], [since, 'keyCompromise'])
  })

  it('returns the revoked certificate to a repeated request to issue, and leaves it revoked', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const jws = founded.sam.attest(attestation())
    const certificate = await issue(opened.authority, jws, opened.keys)
    await revokeOne(opened, certificate)
    assert.deepEqual(await issue(opened.authority, jws, opened.keys), certificate)
    assert.equal(await statusOf(opened, founded, certificate), 'revoked')
  })

  it('puts all of many at once on the list, on few CRLs', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const certificates = await Promise.all(Array.from({ length: 30 }, () => issueNew(opened, founded)))
    const { number } = opened.crl
    await Promise.all(certificates.map(certificate => revokeOne(opened, certificate)))
    assert.deepEqual(crlSerials(opened.crl.bytes).toSorted(), certificates.map(serialOf).toSorted())
    assert.ok(opened.crl.number < number + 20n)
  })

  it('knows only certificates that its own key signed, and only those of signers (T-REV-03)', async () => {
    await using founded = await Founded.create()
    await using others = await Founded.create()
    const [opened, foreign] = [await founded.open(), await others.open()]
    const stranger = await issueNew(foreign, others)
    await refuses('certificate-unknown', revokeOne(opened, stranger))
    await refuses('certificate-unknown', revokeOne(opened, opened.timeStamping))
    await refuses('certificate-unknown', revokeOne(opened, opened.root))
    await refuses('certificate-unknown', revokeOne(opened, new Uint8Array(8)))
    const own = await issueNew(opened, founded)
    const altered = own.slice()
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
    await refuses('certificate-unknown', revokeOne(opened, altered))
    await revokeOne(opened, own)
  })
})

describe('a hostile database (sole control, 9 and 10)', () => {
  it('restored to yesterday takes no revocation back, neither in OCSP nor in any later CRL (T-REV-02)', async () => {
    await using founded = await Founded.create()
    const before = await founded.open()
    const [alice, bob] = [await issueNew(before, founded), await issueNew(before, founded)]
    await founded.close()
    const restore = founded.backUpDatabase()
    await revokeOne(await founded.open(), alice)
    await founded.close()
    restore()
    const opened = await founded.open()
    assert.equal(await statusOf(opened, founded, alice), 'revoked')
    assert.equal(await statusOf(opened, founded, bob), 'good')
    await revokeOne(opened, bob)
    assert.deepEqual(crlSerials(opened.crl.bytes).toSorted(), [serialOf(alice), serialOf(bob)].toSorted())
  })

  it('changed while the process runs takes no revocation back', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const alice = await issueNew(opened, founded)
    await revokeOne(opened, alice)
    founded.tamper("DELETE FROM certificate WHERE state = 'revoked'")
    assert.equal(await statusOf(opened, founded, alice), 'revoked')
  })

  it('edited by hand never makes the responder say good', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const [alice, bob, carol] = [
      await issueNew(opened, founded),
      await issueNew(opened, founded),
      await issueNew(opened, founded),
    ]
    const flip =
      'UPDATE certificate SET sealed = CAST(substr(sealed, 1, 40) || zeroblob(length(sealed) - 40) AS BLOB) WHERE serial = ?'
    assert.equal(founded.tamper(flip, serialOf(alice)), 1)
    assert.equal(
      founded.tamper("UPDATE certificate SET state = 'revoked' WHERE serial = ?", serialOf(bob)),
      1,
    )
    assert.equal(await statusOf(opened, founded, alice), 'internalError')
    assert.equal(await statusOf(opened, founded, bob), 'internalError')
    assert.equal(await statusOf(opened, founded, carol), 'good')
  })

  it('with its revoked rows relabelled as issued is caught by the seal, and by the CRL outside', async () => {
    await using founded = await Founded.create()
    const before = await founded.open()
    const alice = await issueNew(before, founded)
    await revokeOne(before, alice)
    await founded.close()
    founded.tamper("UPDATE certificate SET state = 'issued' WHERE serial = ?", serialOf(alice))
    const opened = await founded.open()
    assert.equal(await statusOf(opened, founded, alice), 'revoked')
  })

  it('with a row labelled as revoked is reported at start, and puts nobody on the list', async () => {
    await using founded = await Founded.create()
    const alice = await issueNew(await founded.open(), founded)
    await founded.close()
    founded.tamper("UPDATE certificate SET state = 'revoked' WHERE serial = ?", serialOf(alice))
    const opened = await founded.open()
    assert.deepEqual(crlSerials(opened.crl.bytes), [])
    assert.ok(founded.logged.some(({ event }) => event === 'records-altered'))
  })

  it('that lost a record cannot keep its certificate from being revoked', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const [lost, edited] = [await issueNew(opened, founded), await issueNew(opened, founded)]
    founded.tamper('DELETE FROM certificate WHERE serial = ?', serialOf(lost))
    founded.tamper('UPDATE certificate SET sealed = zeroblob(99) WHERE serial = ?', serialOf(edited))
    assert.equal(await statusOf(opened, founded, lost), 'unknown')
    for (const certificate of [lost, edited]) {
      await revokeOne(opened, certificate)
      assert.equal(await statusOf(opened, founded, certificate), 'revoked')
    }
    const again = await founded.reopen()
    assert.equal(await statusOf(again, founded, lost), 'revoked')
  })

  it('that lost the record of a revoked certificate does not get a fresh one for its key', async () => {
    await using founded = await Founded.create()
    const before = await founded.open()
    const [revokedKey, otherKey] = [founded.sam.attest(attestation()), founded.sam.attest(attestation())]
    await revokeOne(before, await issue(before.authority, revokedKey, before.keys))
    await issue(before.authority, otherKey, before.keys)
    await founded.close()
    assert.ok(founded.tamper('DELETE FROM certificate') >= 2)
    const opened = await founded.open()
    await refuses('record-altered', issue(opened.authority, revokedKey, opened.keys))
    await issue(opened.authority, otherKey, opened.keys)
  })

  it('cannot bring another authority: their certificates are sealed too', async () => {
    await using founded = await Founded.create()
    const swap =
      "UPDATE authority SET sealed = (SELECT sealed FROM authority WHERE name = 'root') WHERE name = 'issuing'"
    assert.equal(founded.tamper(swap), 1)
    await refuses('record-altered', founded.open())
  })
})

describe('the CRL outside the database', () => {
  it('is completed at start with what the register knows beside it', async () => {
    await using founded = await Founded.create()
    const { crlFile } = founded.configuration
    const before = await founded.open()
    const certificate = await issueNew(before, founded)
    cpSync(crlFile, `${crlFile}.before`)
    await revokeOne(before, certificate)
    await founded.close()
    // As if the process had been killed after the record and before the CRL.
    cpSync(`${crlFile}.before`, crlFile)
    const opened = await founded.open()
    assert.deepEqual(crlSerials(opened.crl.bytes), [serialOf(certificate)])
  })

  it('is made anew at half of its time, with everything that was on it, and is overdue at three quarters (T-REV-04)', async () => {
    await using founded = await Founded.create({ crlValidityHours: 24 })
    const opened = await founded.open()
    const certificate = await issueNew(opened, founded)
    await revokeOne(opened, certificate)
    const { number } = opened.crl
    founded.pass(12 * 3_600_000 - 1)
    assert.equal(opened.crl.isDue(), false)
    founded.pass(1)
    assert.equal(opened.crl.isDue(), true)
    assert.equal(opened.crl.isOverdue(), false)
    founded.pass(6 * 3_600_000 + 1)
    assert.equal(opened.crl.isOverdue(), true)
    await opened.crl.publish()
    assert.equal(opened.crl.isOverdue(), false)
    assert.ok(opened.crl.number > number)
    assert.deepEqual(crlSerials(opened.crl.bytes), [serialOf(certificate)])
  })

  it('keeps the entries of expired certificates (T-REV-05)', async () => {
    await using founded = await Founded.create()
    const opened = await founded.open()
    const certificate = await issueNew(opened, founded)
    await revokeOne(opened, certificate)
    founded.pass(4 * 365 * 86_400_000)
    const again = await founded.reopen()
    await again.crl.publish()
    assert.deepEqual(crlSerials(again.crl.bytes), [serialOf(certificate)])
  })

  it('never has a number twice: made at once, or from a file of yesterday (T-REV-04)', async () => {
    await using founded = await Founded.create()
    const { crlFile } = founded.configuration
    const opened = await founded.open()
    const numbers = [opened.crl.number]
    cpSync(crlFile, `${crlFile}.yesterday`)
    for (let i = 0; i < 5; i++) {
      await opened.crl.publish()
      numbers.push(opened.crl.number)
    }
    await founded.close()
    cpSync(`${crlFile}.yesterday`, crlFile)
    founded.pass(60_000)
    const again = await founded.open()
    await again.crl.publish()
    numbers.push(again.crl.number)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => Number(a - b)),
    )
  })

  it('must be there at start, and must be of this authority', async () => {
    await using founded = await Founded.create()
    await using others = await Founded.create()
    const { crlFile } = founded.configuration
    const own = readFileSync(crlFile)
    for (const wrong of [join(others.directory, 'issuing.crl'), join(founded.directory, 'root.crl')]) {
      cpSync(wrong, crlFile)
      await assert.rejects(founded.open(), /is no CRL of this authority/)
    }
    rmSync(crlFile)
    await assert.rejects(founded.open(), { code: 'ENOENT' })
    writeFileSync(crlFile, own)
    await founded.open()
  })
})
