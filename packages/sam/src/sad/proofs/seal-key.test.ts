import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { enrolTicket, type Means, type Proof, peekJws } from '@natsuin/protocol/approval'
import { leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  answer,
  approveStatementBytes,
  byPasskey,
  bySeal,
  challengeOf,
  classOf,
  enrolStatementBytes,
  newSealKey,
  ORGANISATION,
  sealOver,
  showMeans,
  shownSealKey,
} from '@natsuin/testing/deployment'
import { enrol } from '../../enrolment/enrol.ts'
import {
  ALICE,
  approval,
  attestedKey,
  certify,
  enrolSigner,
  type Invitation,
  invite,
  newGrant,
  signRequestFor,
  unseenItem,
  vouch,
} from '../../fixture/people.ts'
import {
  ACTIVITY_LOG,
  foundPlace,
  type OpenPlace,
  ORIGIN,
  openPlace,
  type Place,
  RP_ID,
} from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'

type World = OpenPlace & Place

/** Level 1 takes passkeys; level 2 takes seals. */
async function newWorld(): Promise<World> {
  const classes = [classOf(1), classOf(2, { approvals: ['seal-key'] })]
  const place = await foundPlace({ founding: { classes } })
  return { ...place, ...(await openPlace(place)) }
}

interface Sealer {
  readonly sealKey: KeyObject
  readonly credentialId: string
  readonly signerId: string
}

async function statementToEnrol({ sap }: World, { grantId }: Invitation) {
  const { ticket } = await sap['tickets/enrol']({ grantId })
  return enrolStatementBytes(ticket)
}

async function enrolSealer(world: World, subject = ORGANISATION): Promise<Sealer> {
  const invitation = await invite(world, subject, 2)
  const statement = await statementToEnrol(world, invitation)
  const sealKey = newSealKey()
  const means = { sealKey: shownSealKey(statement, sealKey) }
  const enrolled = await world.sap.enrol(await showMeans(statement, means, invitation.enrolmentKey))
  const { credentialId, signerId, keyAttestation } = enrolled
  const certificates = await certify(attestedKey(keyAttestation), subject)
  await world.sap['certificates/link']({ credentialId, certificates })
  return { sealKey, credentialId, signerId }
}

async function statementFor(
  { sap }: World,
  { credentialId }: Pick<Sealer, 'credentialId'>,
  clientId = 'app',
) {
  const { ticket } = await sap['tickets/approve']({ credentialId, clientId })
  const item = unseenItem()
  return { bytes: approveStatementBytes(ticket, [item]), dtbsrs: [item.dtbsr] }
}

describe('a seal key (sole-control 7)', () => {
  let world: World
  let sealer: Sealer
  before(async () => {
    world = await newWorld()
    sealer = await enrolSealer(world)
  })
  after(() => world.store.close())

  it('approves with nobody present, and the key signs exactly that, once', async () => {
    const { bytes, dtbsrs } = await statementFor(world, sealer)
    const sad = await world.sap.approve(bySeal(bytes, sealer.sealKey))
    const { signatures } = await world.sap.sign(signRequestFor(sad, dtbsrs))
    assert.equal(signatures.length, 1)
    await assertRefused('sad-spent', world.sap.sign(signRequestFor(sad, dtbsrs)))
  })

  it('is in the record of the approval, for evidence', async () => {
    const { bytes } = await statementFor(world, sealer)
    const answered = bySeal(bytes, sealer.sealKey)
    const { sadId } = await world.sap.approve(answered)
    assert.deepEqual((await world.sam.records.need('approval', sadId)).proof, answered.proof)
    const [row] = await world.store.rows(ACTIVITY_LOG, world.sam.logs.activity.size - 1, 1)
    assert.ok(row)
    const logged = readStrictJson(row.leaf, leaf)
    assert.ok(logged.event === 'sad-accepted' && logged.sadId === sadId)
  })

  it('approves nothing by another key, over other bytes, or twice', async () => {
    const { bytes } = await statementFor(world, sealer)
    await assertRefused('seal-invalid', world.sap.approve(bySeal(bytes, newSealKey())))
    const other = await statementFor(world, sealer)
    const elsewhere = sealOver(other.bytes, sealer.sealKey)
    const moved = { statement: bytes, proof: { kind: 'seal-key', seal: elsewhere } as const }
    await assertRefused('seal-invalid', world.sap.approve(moved))
    const good = bySeal(bytes, sealer.sealKey)
    await world.sap.approve(good)
    await assertRefused('ticket-spent', world.sap.approve(good))
  })

  it('approves under one spelling of its header alone, with the payload detached', async () => {
    const { bytes } = await statementFor(world, sealer)
    const [, , signature] = sealOver(bytes, sealer.sealKey).split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'natsuin-approval' })).toString('base64url')
    const ticket = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'natsuin-ticket' })).toString('base64url')
    for (const seal of [`${none}..${signature}`, `${ticket}..${signature}`]) {
      const proof: Proof = { kind: 'seal-key', seal }
      await assertRefused('malformed', world.sap.approve({ statement: bytes, proof }))
    }
    await world.sap.approve(bySeal(bytes, sealer.sealKey))
  })

  it('approves for the client whom its ticket names, and no other uses it', async () => {
    const { bytes, dtbsrs } = await statementFor(world, sealer, 'app')
    const sad = await world.sap.approve(bySeal(bytes, sealer.sealKey))
    const stolen = { ...signRequestFor(sad, dtbsrs), clientId: 'other' }
    await assertRefused('sad-other-client', world.sap.sign(stolen))
    await world.sap.sign(signRequestFor(sad, dtbsrs))
  })

  it('is no way to approve where the class wants a passkey; nor is a passkey where it wants a seal', async () => {
    const alice = await enrolSigner(world, { level: 1 })
    const hers = await statementFor(world, alice)
    await assertRefused('proof-refused', world.sap.approve(bySeal(hers.bytes, sealer.sealKey)))
    await world.sap.approve(byPasskey(await approval(world, alice, [unseenItem()])))
    const { bytes } = await statementFor(world, sealer)
    const foreign = answer(bytes, { device: alice.device, origin: ORIGIN })
    await assertRefused('authenticator-unknown', world.sap.approve(byPasskey(foreign)))
  })

  it('of another organisation approves nothing of this one', async () => {
    const other = await enrolSealer(world, { ...ORGANISATION, organizationIdentifier: 'NTRJP-2' })
    const { bytes } = await statementFor(world, sealer)
    await assertRefused('seal-invalid', world.sap.approve(bySeal(bytes, other.sealKey)))
    await world.sap.approve(bySeal(bytes, sealer.sealKey))
  })
})

describe('enrolment of a seal key', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  it('is asked for by the ticket, because the class takes nothing else', async () => {
    const { grantId } = await invite(world, ORGANISATION, 2)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    assert.deepEqual(peekJws(ticket, 'natsuin-ticket', enrolTicket).approvals, ['seal-key'])
  })

  const wrong: readonly (readonly [string, (statement: Uint8Array, key: KeyObject) => Means])[] = [
    ['no means at all', () => ({})],
    ['a passkey in its place', statement => ({ passkey: passkeyOver(statement) })],
    [
      'a passkey beside it',
      (statement, key) => ({ passkey: passkeyOver(statement), sealKey: shownSealKey(statement, key) }),
    ],
  ]
  for (const [what, meansOf] of wrong) {
    it(`refuses ${what}: means-differ`, async () => {
      const invitation = await invite(world, ORGANISATION, 2)
      const statement = await statementToEnrol(world, invitation)
      const means = meansOf(statement, newSealKey())
      const request = await showMeans(statement, means, invitation.enrolmentKey)
      await assertRefused('means-differ', world.sap.enrol(request))
    })
  }

  it('refuses a key that did not seal the statement, or of another curve', async () => {
    const invitation = await invite(world, ORGANISATION, 2)
    const statement = await statementToEnrol(world, invitation)
    const { publicKey } = shownSealKey(statement, newSealKey())
    const { seal } = shownSealKey(statement, newSealKey())
    const unproven = await showMeans(statement, { sealKey: { publicKey, seal } }, invitation.enrolmentKey)
    await assertRefused('seal-invalid', world.sap.enrol(unproven))
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const foreign = { sealKey: shownSealKey(statement, privateKey) }
    await assertRefused(
      'seal-invalid',
      world.sap.enrol(await showMeans(statement, foreign, invitation.enrolmentKey)),
    )
  })

  it('refuses a key that somebody exchanged, because the holder of the grant did not sign for it', async () => {
    const invitation = await invite(world, ORGANISATION, 2)
    const statement = await statementToEnrol(world, invitation)
    const honest = await showMeans(
      statement,
      { sealKey: shownSealKey(statement, newSealKey()) },
      invitation.enrolmentKey,
    )
    const means = { sealKey: shownSealKey(statement, newSealKey()) }
    await assertRefused('enrolment-key-mismatch', world.sap.enrol({ ...honest, means }))
    await world.sap.enrol(honest)
  })

  it('refuses a key that is somebody’s already', async () => {
    const { sealKey } = await enrolSealer(world)
    const invitation = await invite(world, { ...ORGANISATION, organizationIdentifier: 'NTRJP-3' }, 2)
    const statement = await statementToEnrol(world, invitation)
    const means = { sealKey: shownSealKey(statement, sealKey) }
    const again = await showMeans(statement, means, invitation.enrolmentKey)
    await assertRefused('seal-key-registered', world.sap.enrol(again))
  })

  it('is for organisations: no person’s signatures are made with nobody present', async () => {
    const [officer = assert.fail()] = world.officers
    const { grant } = newGrant(world, ALICE, 2)
    const person = { approvals: [await vouch(world, officer, grant)] }
    await assertRefused('subject-unfit', world.sap['grants/submit'](person))
    const organisation = { ...grant, subject: ORGANISATION }
    await world.sap['grants/submit']({ approvals: [await vouch(world, officer, organisation)] })
  })

  it('refuses what was asked for once the class takes something else', async () => {
    const own = await newWorld()
    const invitation = await invite(own, ORGANISATION, 2)
    const statement = await statementToEnrol(own, invitation)
    const { roster } = own.sam
    const classes = [classOf(2, { approvals: ['passkey', 'seal-key'] })]
    const changed = { ...own.sam, roster: { ...roster, classes } }
    const means = { sealKey: shownSealKey(statement, newSealKey()) }
    const request = await showMeans(statement, means, invitation.enrolmentKey)
    await assertRefused('class-changed', enrol(changed, request))
    await own.sap.enrol(request)
    await own.store.close()
  })
})

function passkeyOver(statement: Uint8Array) {
  const device = createSoftwareAuthenticator()
  const challenge = challengeOf(statement)
  return device.register({ rpId: RP_ID, origin: ORIGIN, challenge }).registration
}
