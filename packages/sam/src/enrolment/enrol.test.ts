import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type CryptoModule, ModuleRefusal } from '@natsuin/crypto-module'
import { digestSync } from '@natsuin/pki/node'
import { enrolStatement, peekJws } from '@natsuin/protocol/approval'
import { keyAttestation } from '@natsuin/protocol/issuance'
import { STATE_LOG } from '@natsuin/protocol/log'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator, type Deviations } from '@natsuin/testing/authenticator'
import { enrolStatementBytes, register, showMeans } from '@natsuin/testing/deployment'
import { ALICE, enrolRequest, enrolSigner, invite, MALLORY, newGrant, vouch } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

let generateWrapped: CryptoModule['generateWrapped'] | undefined

describe('enrol (sole-control 6)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    const module = new Proxy(place.module, {
      get: (real, name) => {
        const own: unknown = Reflect.get(real, name)
        if (name === 'generateWrapped' && generateWrapped !== undefined) return generateWrapped
        return typeof own === 'function' ? own.bind(real) : own
      },
    })
    world = { ...place, ...(await openPlace(place, { module })) }
  })
  after(() => world.store.close())

  const device = () => createSoftwareAuthenticator()

  it('generates a key and attests it for the subject of the grant', async () => {
    const invitation = await invite(world, ALICE, 3)
    const enrolled = await world.sap.enrol(await enrolRequest(world, invitation, device()))
    const attested = await world.sam.key.verify(
      enrolled.keyAttestation,
      'natsuin-key-attestation',
      keyAttestation,
    )
    assert.ok(attested)
    const { signerId, credentialId } = enrolled
    const { nonce: _, publicKey: __, ...told } = attested
    assert.deepEqual(told, {
      v: 1,
      deployment: 'Tests',
      environment: 'test',
      signerId,
      credentialId,
      subject: ALICE,
      grantId: invitation.grantId,
      level: 3,
      keyType: 'ec-p256',
      origin: 'generated',
      local: true,
      alwaysSensitive: true,
      softwareModule: true,
      issuedAt: Math.floor(world.clock.wall() / 1000),
    })
    assert.deepEqual(
      { level: enrolled.level, keyType: enrolled.keyType, maxSignatures: enrolled.maxSignatures },
      { level: 3, keyType: 'ec-p256', maxSignatures: 5 },
    )
  })

  it('gives the same person a new signer id and a new key each time', async () => {
    const [one, two] = [await enrolSigner(world), await enrolSigner(world)]
    assert.notEqual(one.signerId, two.signerId)
    assert.notEqual(one.credentialId, two.credentialId)
  })

  it('spends the grant, and returns the first answer to the same registration alone', async () => {
    const invitation = await invite(world, ALICE, 1)
    const request = await enrolRequest(world, invitation, device())
    const enrolled = await world.sap.enrol(request)
    assert.deepEqual(await world.sap.enrol(request), enrolled)
    await assertRefused('grant-spent', enrolRequest(world, invitation, device()))
  })

  it('accepts one of two people who hold tickets for one grant', async () => {
    const invitation = await invite(world, ALICE, 1)
    const requests = [
      await enrolRequest(world, invitation, device()),
      await enrolRequest(world, invitation, device()),
    ]
    const answers = await Promise.allSettled(requests.map(request => world.sap.enrol(request)))
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('refuses whoever does not hold the enrolment key', async () => {
    const { grantId } = await invite(world, ALICE, 1)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const thief = await enrolRequest(world, { grantId, enrolmentKey: privateKey }, device())
    await assertRefused('enrolment-key-mismatch', world.sap.enrol(thief))
  })

  it('refuses a registration that somebody put in the place of the signed one', async () => {
    const invitation = await invite(world, ALICE, 1)
    const honest = await enrolRequest(world, invitation, device())
    const challenge = digestSync('sha256', honest.statement)
    const { registration: passkey } = device().register({
      rpId: 'approve.localhost',
      origin: ORIGIN,
      challenge,
    })
    await assertRefused('enrolment-key-mismatch', world.sap.enrol({ ...honest, means: { passkey } }))
    await world.sap.enrol(honest)
  })

  it('refuses a registration over another statement', async () => {
    const invitation = await invite(world, ALICE, 1)
    const [one, other] = [
      await enrolRequest(world, invitation, device()),
      await enrolRequest(world, invitation, device()),
    ]
    const mixed = await showMeans(one.statement, other.means, invitation.enrolmentKey)
    await assertRefused('challenge-mismatch', world.sap.enrol(mixed))
  })

  const wrong: readonly (readonly [string, SapRefusal, Deviations & { origin?: string }])[] = [
    ['the answer of another ceremony', 'ceremony-type', { type: 'webauthn.get' }],
    ['an answer for another origin', 'origin-mismatch', { origin: 'http://localhost:8080' }],
    ['an answer given in a frame', 'cross-origin', { crossOrigin: true }],
    ['an answer for another RP ID', 'rp-mismatch', { hashedRpId: 'localhost' }],
    ['an answer without user verification', 'user-not-verified', { flags: { userVerified: false } }],
    ['a backup state without eligibility', 'authenticator-policy', { flags: { backupState: true } }],
  ]
  for (const [what, code, { origin = ORIGIN, ...deviations }] of wrong) {
    it(`refuses ${what}: ${code}`, async () => {
      const { grantId, enrolmentKey } = await invite(world, ALICE, 1)
      const { ticket } = await world.sap['tickets/enrol']({ grantId })
      const options = { device: device(), origin, deviations }
      await assertRefused(
        code,
        world.sap.enrol(await register(enrolStatementBytes(ticket), enrolmentKey, options)),
      )
    })
  }

  it('refuses an authenticator that somebody has registered (T-WA-09)', async () => {
    const first = await enrolRequest(world, await invite(world, ALICE, 1), device())
    await world.sap.enrol(first)
    // With attestation "none" nothing ties the authenticator data to the challenge: it can be sent again.
    const { grantId, enrolmentKey } = await invite(world, MALLORY, 1)
    const own = await enrolRequest(world, { grantId, enrolmentKey }, device())
    const { attestationObject } = first.means.passkey
    const passkey = { ...own.means.passkey, attestationObject }
    const copied = await showMeans(own.statement, { passkey }, enrolmentKey)
    await assertRefused('authenticator-registered', world.sap.enrol(copied))
    await world.sap.enrol(own)
  })

  it('refuses an unknown grant and an expired one', async () => {
    await assertRefused('grant-unknown', world.sap['tickets/enrol']({ grantId: 'none' }))
    const invitation = await invite(world, ALICE, 1)
    const request = await enrolRequest(world, invitation, device())
    world.clock.pass(299)
    const late = await enrolRequest(world, invitation, device())
    world.clock.pass(1)
    await assertRefused('ticket-expired', world.sap.enrol(request))
    await world.sap.enrol(late)
    const other = await invite(world, ALICE, 1)
    world.clock.pass(3600)
    await assertRefused('grant-expired', world.sap['tickets/enrol']({ grantId: other.grantId }))
  })

  it('refuses to make the key once the proof of identity is too old (requirements C-ID-4)', async () => {
    const { grant, enrolmentKey } = newGrant(world, ALICE, 1)
    const now = Math.floor(world.clock.wall() / 1000)
    const proofing = { ...grant.proofing, completedAt: now - 90 * 86_400 + 10 }
    const [officer] = world.officers
    assert.ok(officer)
    const approvals = [await vouch(world, officer, { ...grant, proofing })]
    const { grantId } = await world.sap['grants/submit']({ approvals })
    const request = await enrolRequest(world, { grantId, enrolmentKey }, device())
    world.clock.pass(11)
    await assertRefused('proofing-out-of-time', world.sap.enrol(request))
  })

  it('freezes what the class says into the credential', async () => {
    const { credentialId } = await enrolSigner(world, { level: 3 })
    const { credentialClass, approvals, bases, keys } = await world.sam.records.need(
      'credential',
      credentialId,
    )
    assert.deepEqual(
      { credentialClass, approvals, bases, keys },
      { credentialClass: 'level-3', approvals: ['passkey'], bases: ['seen', 'vouched'], keys: 'lasting' },
    )
  })

  it('lets a grant be tried again after the module failed', async () => {
    const invitation = await invite(world, ALICE, 1)
    generateWrapped = async () => {
      throw new ModuleRefusal('module-unavailable', 'no module')
    }
    await assertRefused(
      'module-unavailable',
      world.sap.enrol(await enrolRequest(world, invitation, device())),
    )
    generateWrapped = undefined
    await world.sap.enrol(await enrolRequest(world, invitation, device()))
  })

  it('writes signer, authenticator and key as leaves of one transaction', async () => {
    const before = world.sam.logs.state.size
    const request = await enrolRequest(world, await invite(world, ALICE, 1), device())
    const { signerId, credentialId } = await world.sap.enrol(request)
    const leaves = (await world.store.rows(STATE_LOG, before, 10)).map(({ leaf }) =>
      JSON.parse(Buffer.from(leaf).toString()),
    )
    assert.deepEqual(
      leaves.map(({ event }) => event),
      ['grant-accepted', 'enrolled', 'key-generated'],
    )
    const { grantId } = peekGrant(request.statement)
    const [, enrolled, generated] = leaves
    assert.deepEqual(
      [enrolled.signerId, enrolled.grantId, generated.signerId, generated.credentialId],
      [signerId, grantId, signerId, credentialId],
    )
  })

  it('refuses a statement of random bytes', async () => {
    const request = await enrolRequest(world, await invite(world, ALICE, 1), device())
    await assertRefused(
      'malformed',
      world.sap.enrol({ ...request, statement: new Uint8Array(randomBytes(100)) }),
    )
  })
})

function peekGrant(statement: Uint8Array): { grantId: string } {
  const { ticket } = readStrictJson(statement, enrolStatement)
  return peekJws(ticket, 'natsuin-ticket', value => Object(value) as { grantId: string })
}
