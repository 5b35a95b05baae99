import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import type { CryptoModule } from '@natsuin/crypto-module'
import { ModuleRefusal } from '@natsuin/crypto-module'
import { nodePlatform } from '@natsuin/pki/node'
import { enrolTicket, peekJws, verifyJws } from '@natsuin/protocol/approval'
import { keyAttestation } from '@natsuin/protocol/issuance'
import type { SapRefusal, SapRequest } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator, type Deviations } from '@natsuin/testing/authenticator'
import {
  answer,
  enrolStatementBytes,
  grantStatementBytes,
  register,
  signRegistration,
} from '@natsuin/testing/deployment'
import { ALICE, enrolRequest, type Invitation, invite, MALLORY, newGrant, vouch } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchModule } from '../fixture/watched.ts'

type World = OpenPlace & Place

async function newWorld(change: (module: CryptoModule) => CryptoModule = module => module): Promise<World> {
  const place = await foundPlace()
  return { ...place, ...(await openPlace(place, { module: change(place.module) })) }
}

describe('a grant (sole-control 6)', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  const officer = (i: number) => world.officers[i] ?? assert.fail('no such officer')
  const submit = (approvals: SapRequest<'grants/submit'>['approvals']) =>
    world.sap['grants/submit']({ approvals })

  it('needs one officer up to level 2, and two at level 3', async () => {
    for (const level of [1, 2] as const) {
      const { grant } = newGrant(world, ALICE, level)
      await submit([await vouch(world, officer(0), grant)])
    }
    const { grant } = newGrant(world, ALICE, 3)
    await assertRefused('officers-too-few', submit([await vouch(world, officer(0), grant)]))
    await submit([await vouch(world, officer(0), grant), await vouch(world, officer(1), grant)])
  })

  it('does not count an officer who answers twice as two', async () => {
    const { grant } = newGrant(world, ALICE, 3)
    const twice = [await vouch(world, officer(0), grant), await vouch(world, officer(0), grant)]
    await assertRefused('officers-too-few', submit(twice))
  })

  it('is one and the same for all who vouch, to the last byte', async () => {
    const { grant } = newGrant(world, ALICE, 3)
    const others = [
      { ...grant, subject: MALLORY },
      { ...grant, enrolmentKey: newGrant(world, ALICE, 3).grant.enrolmentKey },
      { ...grant, proofingDigest: new Uint8Array(32) },
      { ...grant, nonce: new Uint8Array(16) },
      { ...grant, notAfter: grant.notAfter + 1 },
    ]
    for (const other of others) {
      const approvals = [await vouch(world, officer(0), grant), await vouch(world, officer(1), other)]
      await assertRefused('grants-differ', submit(approvals))
    }
  })

  it('is refused with a class that there is not, a key type that is not the class’s, or an end that is past', async () => {
    const { grant } = newGrant(world, ALICE, 1)
    const wrong: readonly (readonly [Partial<typeof grant>, SapRefusal])[] = [
      [{ credentialClass: 'level-4' }, 'class-unknown'],
      [{ keyType: 'rsa-2048' }, 'algorithm-mismatch'],
      [{ notAfter: Math.floor(world.clock.wall() / 1000) }, 'grant-expired'],
      [{ enrolmentKey: new Uint8Array(91) }, 'enrolment-key-mismatch'],
      [{ enrolmentKey: spki('P-384') }, 'enrolment-key-mismatch'],
    ]
    for (const [changed, code] of wrong) {
      await assertRefused(code, submit([await vouch(world, officer(0), { ...grant, ...changed })]))
    }
    await submit([await vouch(world, officer(0), grant)])
  })

  it('is vouched for by the officer’s own passkey, on the approval origin, with user verification', async () => {
    const { grant } = newGrant(world, ALICE, 1)
    const stranger = createSoftwareAuthenticator()
    stranger.register({ rpId: 'approve.localhost', origin: ORIGIN, challenge: new Uint8Array(32) })
    const { ticket } = await world.sap['tickets/grant']({ officerId: 'o-1' })
    const statement = grantStatementBytes(ticket, grant)
    const by = (device = officer(0).device, origin = ORIGIN, deviations: Deviations = {}) =>
      submit([answer(statement, { device, origin, deviations })])
    await assertRefused('authenticator-unknown', by(stranger))
    await assertRefused('authenticator-unknown', by(officer(1).device))
    await assertRefused('origin-mismatch', by(officer(0).device, 'http://localhost:8080'))
    await assertRefused(
      'user-not-verified',
      by(officer(0).device, ORIGIN, { flags: { userVerified: false } }),
    )
    await by()
  })

  it('is answered once: the ticket of an accepted one is spent', async () => {
    const { grant } = newGrant(world, ALICE, 1)
    const approval = await vouch(world, officer(0), grant)
    await submit([approval])
    await assertRefused('ticket-spent', submit([approval]))
  })

  it('is not vouched for by whom the roster does not know', async () => {
    await assertRefused('officer-unknown', world.sap['tickets/grant']({ officerId: 'o-3' }))
  })
})

describe('enrolment (sole-control 6)', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  const requested = async (level: 1 | 2 | 3 = 3, options = {}) => {
    const invitation = await invite(world, ALICE, level)
    return {
      invitation,
      request: await enrolRequest(world, invitation, createSoftwareAuthenticator(options)),
    }
  }
  const withDeviations = async ({ grantId, enrolmentKey }: Invitation, deviations: Deviations) => {
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const options = { device: createSoftwareAuthenticator(), origin: ORIGIN, deviations }
    return register(enrolStatementBytes(ticket), enrolmentKey, options)
  }

  it('attests a key of the module for the subject of the grant, under the SAM key', async () => {
    const { invitation, request } = await requested()
    const { signerId, credentialId, keyAttestation: jws } = await world.sap.enrol(request)
    const attested = await verifyJws(
      jws,
      'natsuin-key-attestation',
      keyAttestation,
      world.key.spki,
      nodePlatform,
    )
    assert.ok(attested)
    const { publicKey, nonce, issuedAt, ...said } = attested
    assert.deepEqual(said, {
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
    })
    assert.equal(issuedAt, Math.floor(world.clock.wall() / 1000))
    assert.ok(publicKey.length > 0 && nonce.length === 16)
  })

  it('names the credential by its owner and the kind of its key', async () => {
    const { request } = await requested()
    const { credentialId } = await world.sap.enrol(request)
    assert.equal((await world.sam.records.need('credential', credentialId)).label, 'Alice · P-256')
  })

  it('answers the same again, though the ticket is spent and expired, and makes no second key', async () => {
    const { request } = await requested()
    const first = await world.sap.enrol(request)
    assert.deepEqual(await world.sap.enrol(request), first)
  })

  it('takes one registration per grant', async () => {
    const { invitation, request } = await requested()
    const rival = await enrolRequest(world, invitation, createSoftwareAuthenticator())
    await world.sap.enrol(request)
    await assertRefused('grant-spent', world.sap.enrol(rival))
    await assertRefused('grant-spent', world.sap['tickets/enrol']({ grantId: invitation.grantId }))
  })

  it('takes one of two registrations that come at once', async () => {
    const { invitation, request } = await requested()
    const rival = await enrolRequest(world, invitation, createSoftwareAuthenticator())
    const answers = await Promise.allSettled([world.sap.enrol(request), world.sap.enrol(rival)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  it('is refused without the one-time key that the officers named', async () => {
    const { invitation, request } = await requested()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const forged = await signRegistration(request.statement, request.registration, privateKey)
    await assertRefused('enrolment-key-mismatch', world.sap.enrol({ ...request, enrolmentSignature: forged }))
    const mallory = await invite(world, MALLORY, 3)
    const theirs = await signRegistration(request.statement, request.registration, mallory.enrolmentKey)
    await assertRefused('enrolment-key-mismatch', world.sap.enrol({ ...request, enrolmentSignature: theirs }))
    const { registration } = await enrolRequest(world, invitation, createSoftwareAuthenticator())
    await assertRefused('challenge-mismatch', world.sap.enrol({ ...request, registration }))
    await world.sap.enrol(request)
  })

  const DEVIATIONS: readonly (readonly [Deviations, SapRefusal])[] = [
    [{ type: 'webauthn.get' }, 'ceremony-type'],
    [{ crossOrigin: true }, 'cross-origin'],
    [{ hashedRpId: 'localhost' }, 'rp-mismatch'],
    [{ flags: { userVerified: false } }, 'user-not-verified'],
    [{ flags: { backupEligible: true } }, 'authenticator-policy'],
  ]
  for (const [deviations, code] of DEVIATIONS) {
    it(`is refused with a registration that has ${JSON.stringify(deviations)}`, async () => {
      const invitation = await invite(world, ALICE, 3)
      await assertRefused(code, world.sap.enrol(await withDeviations(invitation, deviations)))
      await world.sap.enrol(await withDeviations(invitation, {}))
    })
  }

  it('takes a synced passkey below level 3 only', async () => {
    const synced = { backupEligible: true }
    await assertRefused('authenticator-policy', world.sap.enrol((await requested(3, synced)).request))
    await world.sap.enrol((await requested(2, synced)).request)
  })

  it('does not register an authenticator a second time, for whomever', async () => {
    const { request } = await requested()
    await world.sap.enrol(request)
    const { grantId, enrolmentKey } = await invite(world, MALLORY, 3)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const statement = enrolStatementBytes(ticket)
    // Attestation "none" signs nothing, so the same authenticator can be put under another challenge.
    const device = createSoftwareAuthenticator()
    const fresh = await register(statement, enrolmentKey, { device, origin: ORIGIN })
    const { attestationObject } = request.registration
    const registration = { clientDataJSON: fresh.registration.clientDataJSON, attestationObject }
    const enrolmentSignature = await signRegistration(statement, registration, enrolmentKey)
    const again = { statement, registration, enrolmentSignature }
    await assertRefused('authenticator-registered', world.sap.enrol(again))
    const database = new DatabaseSync(world.storeFile)
    database.exec("DELETE FROM records WHERE kind = 'authenticator'")
    database.close()
    await assertRefused('authenticator-registered', world.sap.enrol(again))
    await world.sap.enrol(fresh)
  })

  it('ends with the grant', async () => {
    const { invitation, request } = await requested()
    world.clock.pass(3600)
    await assertRefused('ticket-expired', world.sap.enrol(request))
    await assertRefused('grant-expired', world.sap['tickets/enrol']({ grantId: invitation.grantId }))
    await assertRefused('grant-unknown', world.sap['tickets/enrol']({ grantId: 'none' }))
  })

  it('shows the person whom the grant names, in the ticket', async () => {
    const { grantId } = await invite(world, ALICE, 2)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const { subject, level, credentialClass } = peekJws(ticket, 'natsuin-ticket', enrolTicket)
    assert.deepEqual(
      { subject, level, credentialClass },
      { subject: ALICE, level: 2, credentialClass: 'level-2' },
    )
  })
})

describe('enrolment when the module fails', () => {
  it('leaves the grant to be tried again, with a new ticket', async () => {
    let isBroken = true
    const world = await newWorld(module => {
      const broken = watchModule(module, [])
      return new Proxy(broken, {
        get: (target, name) => {
          if (name !== 'generateWrapped' || !isBroken) return Reflect.get(target, name)
          return async () => {
            throw new ModuleRefusal('module-unavailable', 'the token was pulled out')
          }
        },
      })
    })
    const invitation = await invite(world, ALICE, 3)
    const device = createSoftwareAuthenticator()
    const request = await enrolRequest(world, invitation, device)
    await assertRefused('module-unavailable', world.sap.enrol(request))
    isBroken = false
    await assertRefused('ticket-spent', world.sap.enrol(request))
    await world.sap.enrol(await enrolRequest(world, invitation, device))
    await world.store.close()
  })
})

function spki(namedCurve: string): Uint8Array {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve })
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
}
