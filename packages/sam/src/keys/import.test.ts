import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { verifyDigest } from '@natsuin/crypto-module'
import { equal } from '@natsuin/pki/encoding'
import { digestSync, nodeKeyPlatform, nodePlatform } from '@natsuin/pki/node'
import { buildEcPrivateKeyInfo } from '@natsuin/pki/pkcs8'
import { basicConstraints, keyUsage } from '@natsuin/pki/x509'
import { peekJws, verifyJws } from '@natsuin/protocol/approval'
import { keyAttestation } from '@natsuin/protocol/issuance'
import { type ImportPackage, importKeyStatement } from '@natsuin/protocol/keys'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { issue } from '@natsuin/testing/pki'
import {
  type Importing,
  importingClasses,
  importRequest,
  inviteWithKey,
  type OutsideKey,
  outsideKey,
  packageBytes,
  packageOf,
} from '../fixture/imported.ts'
import {
  ALICE,
  approve,
  certify,
  enrolRequest,
  invite,
  MALLORY,
  newGrant,
  signRequestFor,
  unseenItem,
  vouch,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('keys from elsewhere (sole-control 11; requirements C-KI-1)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace({ founding: { classes: importingClasses() } })
    world = { ...place, ...(await openPlace(place)) }
  })
  after(() => world.store.close())

  const submit = async (bytes: Uint8Array, importing: Importing = { subject: ALICE }) =>
    world.sap['grants/submit']((await importRequest(world, bytes, importing)).request)

  /** What is refused, whatever is wrong with the package; its twin is the first test. */
  const refusesPackage = async (
    code: SapRefusal,
    changed: Partial<ImportPackage>,
    { key = outsideKey(), ...importing }: Partial<Importing> & { key?: OutsideKey } = {},
  ) => {
    const content = await packageOf(world, key, ALICE, changed)
    await assertRefused(code, submit(packageBytes(content), { subject: ALICE, ...importing }))
  }

  async function enrolWith(key: OutsideKey, { credentialClass = 'imported-1', subject = ALICE } = {}) {
    const content = await packageOf(world, key, subject)
    const invitation = await inviteWithKey(world, packageBytes(content), { subject, credentialClass })
    const device = createSoftwareAuthenticator()
    const request = await enrolRequest(world, invitation, device)
    return { device, content, request, ...(await world.sap.enrol(request)) }
  }

  for (const level of [1, 2] as const) {
    it(`sign for their owner at level ${level}, under the certificate that they came with`, async () => {
      const key = outsideKey()
      const enrolled = await enrolWith(key, { credentialClass: `imported-${level}` })
      assert.deepEqual(enrolled.certificates, enrolled.content.certificates)
      const item = unseenItem()
      const sad = await approve(world, { ...enrolled, attestation: enrolled.keyAttestation }, [item])
      const [signature = new Uint8Array()] = (await world.sap.sign(signRequestFor(sad, [item.dtbsr])))
        .signatures
      const publicKey = { type: 'ec-p256', spki: key.spki } as const
      assert.ok(verifyDigest(publicKey, { algorithm: 'ecdsa-sha256', digest: item.dtbsr }, signature))
    })
  }

  it('are attested as imported, never as made here (T-KEY-10)', async () => {
    const { keyAttestation: jws, credentialId } = await enrolWith(outsideKey())
    const attested = peekJws(jws, 'natsuin-key-attestation', keyAttestation)
    assert.deepEqual([attested.origin, attested.local, attested.alwaysSensitive], ['imported', false, false])
    assert.equal((await world.sam.records.need('credential', credentialId)).keys, 'imported')
    const made = await world.sap.enrol(
      await enrolRequest(world, await invite(world, ALICE, 1), createSoftwareAuthenticator()),
    )
    assert.equal(peekJws(made.keyAttestation, 'natsuin-key-attestation', keyAttestation).origin, 'generated')
    assert.equal(made.certificates, undefined)
  })

  it('may be certified by our own authority at level 1 alone', async () => {
    const key = outsideKey()
    const content = await packageOf(world, key, ALICE, { certificates: [] })
    const invitation = await inviteWithKey(world, packageBytes(content), { subject: ALICE })
    const enrolled = await world.sap.enrol(
      await enrolRequest(world, invitation, createSoftwareAuthenticator()),
    )
    assert.equal(enrolled.certificates, undefined)
    const certificates = await certify(key.spki, ALICE)
    await world.sap['certificates/link']({ credentialId: enrolled.credentialId, certificates })
    await refusesPackage('import-not-certified', { certificates: [] }, { credentialClass: 'imported-2' })
  })

  it('are approved by two officers, also at level 1', async () => {
    const bytes = packageBytes(await packageOf(world, outsideKey(), ALICE))
    await assertRefused('officers-too-few', submit(bytes, { subject: ALICE, officers: 1 }))
    await submit(bytes, { subject: ALICE, officers: 2 })
  })

  it('are the very package that was approved', async () => {
    const bytes = packageBytes(await packageOf(world, outsideKey(), ALICE))
    const other = packageBytes(await packageOf(world, outsideKey(), ALICE))
    const approved = digestSync('sha256', other)
    await assertRefused('import-not-approved', submit(bytes, { subject: ALICE, approved }))
    const { request } = await importRequest(world, bytes, { subject: ALICE })
    const { importPackage: _, ...without } = request
    await assertRefused('import-not-approved', world.sap['grants/submit'](without))
  })

  it('are for classes that import, and those for nothing else', async () => {
    const bytes = packageBytes(await packageOf(world, outsideKey(), ALICE))
    await assertRefused('import-not-approved', submit(bytes, { subject: ALICE, credentialClass: 'level-1' }))
    await assertRefused('import-not-approved', submit(bytes, { subject: ALICE, credentialClass: 'level-3' }))
    const { grant } = newGrant(world, ALICE, 1)
    const imported = { ...grant, credentialClass: 'imported-1' }
    const approvals = [await vouch(world, officer(0), imported), await vouch(world, officer(1), imported)]
    await assertRefused('import-not-approved', world.sap['grants/submit']({ approvals }))
  })

  const officer = (i: number) => {
    const found = world.officers[i]
    assert.ok(found)
    return found
  }

  it('are refused when the package is for another deployment, key or way of wrapping', async () => {
    await refusesPackage('import-key-differs', { deployment: 'Another' })
    await refusesPackage('import-key-differs', { importKey: new Uint8Array(32) })
    await refusesPackage('import-key-differs', { wrapping: 'rsa-oaep-sha1-aes256-kwp' })
  })

  it('are refused when they are altered, or not the private half of their public key', async () => {
    const [key, other] = [outsideKey(), outsideKey()]
    const { wrapped } = await packageOf(world, key, ALICE)
    await refusesPackage('key-invalid', { wrapped: wrapped.with(-1, (wrapped.at(-1) ?? 0) ^ 1) }, { key })
    await refusesPackage('key-invalid', { wrapped }, { key: other })
  })

  it('are refused when anybody can compute them, as far as the public half shows it (T-KEY-06)', async () => {
    // RFC 6979, A.2.5.
    const secret = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n
    const publicKey = nodeKeyPlatform.publicKey(buildEcPrivateKeyInfo('P-256', secret)) ?? new Uint8Array()
    await refusesPackage('key-weak', { publicKey, certificates: await certify(publicKey, ALICE) })
  })

  it('are refused when they are of another type than the class or the package says', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
    const publicKey = new Uint8Array(p384.export({ format: 'der', type: 'spki' }))
    await refusesPackage('algorithm-mismatch', { keyType: 'ec-p384', publicKey })
    await refusesPackage('algorithm-mismatch', { publicKey })
  })

  it('are refused at level 2 while other copies may exist', async () => {
    await refusesPackage('copies-remain', { otherCopies: 'unknown' }, { credentialClass: 'imported-2' })
    const content = await packageOf(world, outsideKey(), ALICE, { otherCopies: 'unknown' })
    await submit(packageBytes(content))
  })

  it('are refused with another’s certificate, another subject’s, an authority’s, or one that is over (T-KEY-08)', async () => {
    const key = outsideKey()
    const of = (spki: Uint8Array, subject = ALICE) => certify(spki, subject)
    await refusesPackage('certificate-mismatch', { certificates: await of(outsideKey().spki) }, { key })
    await refusesPackage('certificate-mismatch', { certificates: await of(key.spki, MALLORY) }, { key })
    const over = { notBefore: new Date(0), notAfter: new Date(world.clock.wall() - 1000) }
    const expired = await certify(key.spki, ALICE, over)
    await refusesPackage('certificate-expired', { certificates: expired }, { key })
    const authority = await certify(key.spki, ALICE, { extensions: [basicConstraints({ ca: true })] })
    await refusesPackage('certificate-mismatch', { certificates: authority }, { key })
    const encryption = await certify(key.spki, ALICE, { extensions: [keyUsage('keyEncipherment')] })
    await refusesPackage('certificate-mismatch', { certificates: encryption }, { key })
    const stranger = await issue({ name: 'Stranger', extensions: [] })
    const [own = new Uint8Array()] = await of(key.spki)
    await refusesPackage('certificate-mismatch', { certificates: [own, stranger.certificate.bytes] }, { key })
    await refusesPackage('import-not-certified', { certificates: [own] }, { key })
    await refusesPackage('malformed', { certificates: [Uint8Array.of(0x30, 0), own] }, { key })
    const { size } = world.sam.logs.state
    await submit(packageBytes(await packageOf(world, key, ALICE)))
    assert.equal(world.sam.logs.state.size, size + 1)
  })

  it('are one signer’s for ever, also of those who come at once (T-KEY-09)', async () => {
    const key = outsideKey()
    const subjects = [ALICE, MALLORY, ALICE]
    const requests = await Promise.all(
      subjects.map(async subject => {
        const bytes = packageBytes(await packageOf(world, key, subject))
        const invitation = await inviteWithKey(world, bytes, { subject })
        return enrolRequest(world, invitation, createSoftwareAuthenticator())
      }),
    )
    const outcomes = await Promise.allSettled(requests.map(request => world.sap.enrol(request)))
    const [won, ...more] = outcomes.filter(({ status }) => status === 'fulfilled')
    assert.deepEqual(more, [])
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'key-known')
    }
    assert.ok(won?.status === 'fulfilled')
    await world.sap['keys/destroy']({ credentialId: won.value.credentialId, reason: 'requested' })
    await refusesPackage('key-known', {}, { key })
    await world.store.close()
    world = { ...world, ...(await openPlace(world)) }
    await refusesPackage('key-known', {}, { key })
  })

  it('answer a lost enrolment again with the same key and certificate', async () => {
    const { request, credentialId, content } = await enrolWith(outsideKey())
    const again = await world.sap.enrol(request)
    assert.equal(again.credentialId, credentialId)
    assert.deepEqual(again.certificates, content.certificates)
  })

  it('leave the grant once they are in, and are nowhere readable in the database (T-SEC-03)', async () => {
    const key = outsideKey()
    const { content } = await enrolWith(key)
    const d = Buffer.from(key.privateKey.export({ format: 'jwk' })['d'] ?? '', 'base64url')
    const database = new DatabaseSync(world.storeFile, { readOnly: true })
    const rows = database.prepare('SELECT sealed FROM records').all()
    database.close()
    const stored = rows.map(({ sealed }) => Buffer.from(sealed as Uint8Array))
    assert.ok(stored.length > 0 && stored.every(row => !row.includes(d)))
    const grants = await Promise.all(grantIds(world.storeFile).map(id => world.sam.records.need('grant', id)))
    const waiting = grants.flatMap(({ importPackage }) =>
      importPackage === undefined ? [] : [importPackage],
    )
    assert.ok(waiting.every(bytes => !equal(bytes, packageBytes(content))))
  })

  function grantIds(file: string): string[] {
    const database = new DatabaseSync(file, { readOnly: true })
    const rows = database.prepare("SELECT id FROM records WHERE kind = 'grant'").all()
    database.close()
    return rows.map(({ id }) => String(id))
  }
})

describe('keys/import-key', () => {
  it('is a statement by the SAM key', async () => {
    const place = await foundPlace({ founding: { classes: importingClasses() } })
    const { sap, store } = await openPlace(place)
    const { samKey, statement } = await sap['keys/import-key']({})
    assert.deepEqual(samKey, place.key.spki)
    const verified = await verifyJws(
      statement,
      'natsuin-import-key',
      importKeyStatement,
      samKey,
      nodePlatform,
    )
    assert.deepEqual(verified?.publicKey, (await place.module.importKey('natsuin-import'))?.spki)
    await store.close()
  })

  it('is refused where no class imports keys', async () => {
    const place = await foundPlace()
    const { sap, store } = await openPlace(place)
    await assertRefused('import-unavailable', sap['keys/import-key']({}))
    await store.close()
  })
})
