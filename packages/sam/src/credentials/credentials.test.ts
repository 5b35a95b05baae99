import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { issue, NOT_AFTER, SIGNER } from '@natsuin/testing/pki'
import {
  ALICE,
  approve,
  attestedKey,
  certify,
  enrolRequest,
  enrolSigner,
  invite,
  MALLORY,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('certificates/link (sole-control 6)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
  })
  after(() => world.store.close())

  /** Enrolled, and not yet certified. */
  async function pending() {
    const request = await enrolRequest(world, await invite(world, ALICE, 1), createSoftwareAuthenticator())
    const { credentialId, keyAttestation } = await world.sap.enrol(request)
    return { credentialId, spki: attestedKey(keyAttestation) }
  }
  const link = (credentialId: string, certificates: readonly Uint8Array[]) =>
    world.sap['certificates/link']({ credentialId, certificates })
  const ask = (credentialId: string) => world.sap['tickets/approve']({ credentialId, clientId: 'app' })

  it('lets a credential sign from then on, and not before', async () => {
    const { credentialId, spki } = await pending()
    await assertRefused('credential-inactive', ask(credentialId))
    await link(credentialId, await certify(spki, ALICE))
    await ask(credentialId)
  })

  it('accepts the same certificate again without a second leaf, and no other', async () => {
    const { credentialId, spki } = await pending()
    const certificates = await certify(spki, ALICE)
    await link(credentialId, certificates)
    const { size } = world.sam.logs.state
    await link(credentialId, certificates)
    assert.equal(world.sam.logs.state.size, size)
    await assertRefused('certificate-mismatch', link(credentialId, await certify(spki, ALICE)))
  })

  it('refuses a certificate for another key', async () => {
    const [one, other] = [await pending(), await pending()]
    await assertRefused('certificate-mismatch', link(one.credentialId, await certify(other.spki, ALICE)))
  })

  it('refuses a certificate in another name, also in one that only looks the same', async () => {
    const { credentialId, spki } = await pending()
    const names = [
      MALLORY,
      { ...ALICE, organizationName: 'Example' },
      { commonName: 'Alice' },
      { ...ALICE, commonName: 'ALICE' },
    ]
    for (const name of names) {
      await assertRefused('certificate-mismatch', link(credentialId, await certify(spki, name)))
    }
  })

  it('refuses a chain that leads to no root of the roster', async () => {
    const { credentialId, spki } = await pending()
    const stranger = await issue({ name: 'Stranger', extensions: SIGNER })
    const [certificate = new Uint8Array()] = await certify(spki, ALICE)
    await assertRefused('certificate-mismatch', link(credentialId, [certificate, stranger.certificate.bytes]))
    const tampered = certificate.with(-1, (certificate.at(-1) ?? 0) ^ 1)
    const [, issuer = new Uint8Array()] = await certify(spki, ALICE)
    await assertRefused('certificate-mismatch', link(credentialId, [tampered, issuer]))
    await link(credentialId, [certificate, issuer])
  })

  it('refuses a certificate that is over, or not yet begun', async () => {
    const { credentialId, spki } = await pending()
    const now = world.clock.wall()
    const over = { notBefore: new Date(now - 7_200_000), notAfter: new Date(now - 3_600_000) }
    await assertRefused('certificate-expired', link(credentialId, await certify(spki, ALICE, over)))
    const later = { notBefore: new Date(now + 3_600_000), notAfter: NOT_AFTER }
    await assertRefused('certificate-mismatch', link(credentialId, await certify(spki, ALICE, later)))
  })

  it('refuses what is no certificate, an unknown credential and a revoked one', async () => {
    const { credentialId, spki } = await pending()
    const certificates = await certify(spki, ALICE)
    await assertRefused('malformed', link(credentialId, [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 0)]))
    await assertRefused('credential-unknown', link('none', certificates))
    await world.sap['credentials/revoke']({ credentialId, reason: 'unspecified' })
    await assertRefused('credential-revoked', link(credentialId, certificates))
  })

  it('is over when the certificate is', async () => {
    const place = await foundPlace()
    const own = { ...place, ...(await openPlace(place)) }
    const signer = await enrolSigner(own, { level: 1 })
    place.clock.pass((NOT_AFTER.getTime() - place.clock.wall()) / 1000)
    await approve(own, signer, [unseenItem()])
    place.clock.pass(1)
    await assertRefused('certificate-expired', approve(own, signer, [unseenItem()]))
    await own.store.close()
  })
})

describe('credentials/revoke (sole-control 9 and 10)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
  })
  after(() => world.store.close())

  const revoke = (credentialId: string) =>
    world.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })

  it('is for good, of one credential alone, and may be asked again', async () => {
    const [one, other] = [await enrolSigner(world, { level: 1 }), await enrolSigner(world, { level: 1 })]
    await approve(world, one, [unseenItem()])
    await revoke(one.credentialId)
    await assertRefused('credential-revoked', approve(world, one, [unseenItem()]))
    await approve(world, other, [unseenItem()])
    const { size } = world.sam.logs.state
    await revoke(one.credentialId)
    assert.equal(world.sam.logs.state.size, size)
  })

  it('refuses an unknown credential', async () => {
    await assertRefused('credential-unknown', revoke('none'))
  })

  it('works for a record that somebody edited', async () => {
    const { credentialId } = await enrolSigner(world, { level: 1 })
    const database = new DatabaseSync(world.storeFile)
    database
      .prepare("UPDATE records SET sealed = zeroblob(50) WHERE kind = 'credential' AND id = ?")
      .run(credentialId)
    database.close()
    await assertRefused('record-altered', world.sap['tickets/approve']({ credentialId, clientId: 'app' }))
    await revoke(credentialId)
    assert.ok(world.sam.state.isRevoked(credentialId))
  })

  it('works for a record that somebody deleted, also in the next process, and stops the SAD that is left', async () => {
    const alice = await enrolSigner(world, { level: 1 })
    const item = unseenItem()
    const sad = await approve(world, alice, [item])
    const gone = await enrolSigner(world, { level: 1 })
    const database = new DatabaseSync(world.storeFile)
    database.exec("DELETE FROM records WHERE kind = 'credential'")
    database.close()
    await revoke(alice.credentialId)
    await assertRefused('credential-revoked', world.sap.sign(signRequestFor(sad, [item.dtbsr])))
    await world.store.close()
    world = { ...world, ...(await openPlace(world)) }
    await revoke(gone.credentialId)
    assert.ok(world.sam.state.isRevoked(alice.credentialId) && world.sam.state.isRevoked(gone.credentialId))
  })

  it('is not acknowledged when it could not be logged, and is in force all the same', async () => {
    const place = await foundPlace()
    const own = { ...place, ...(await openPlace(place)) }
    const { credentialId } = await enrolSigner(own, { level: 1 })
    const database = new DatabaseSync(place.storeFile)
    database.exec(
      "DELETE FROM leaves WHERE log = 'state' AND idx = (SELECT max(idx) FROM leaves WHERE log = 'state')",
    )
    database.close()
    const asked = own.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
    await assertRefused('log-unavailable', asked)
    await assertRefused('credential-revoked', own.sap['tickets/approve']({ credentialId, clientId: 'app' }))
    await own.store.close()
  })
})
