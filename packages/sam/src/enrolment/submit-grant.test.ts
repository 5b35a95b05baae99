import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { EnrolmentGrant } from '@natsuin/protocol/approval'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { answer, grantStatementBytes } from '@natsuin/testing/deployment'
import { ALICE, enrolSigner, MALLORY, newGrant, vouch } from '../fixture/people.ts'
import { foundPlace, type Officer, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('grants/submit (sole-control 6)', () => {
  let world: OpenPlace & Place
  let first: Officer
  let second: Officer
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
    const [one, two] = world.officers
    assert.ok(one && two)
    ;[first, second] = [one, two]
  })
  after(() => world.store.close())

  const grantAt = (level: 1 | 2 | 3, changed: Partial<EnrolmentGrant> = {}) => ({
    ...newGrant(world, ALICE, level).grant,
    ...changed,
  })
  const submit = async (...vouchings: readonly (readonly [Officer, EnrolmentGrant])[]) => {
    const approvals = []
    for (const [officer, grant] of vouchings) approvals.push(await vouch(world, officer, grant))
    return world.sap['grants/submit']({ approvals })
  }

  it('accepts one officer below level 3, and two different ones at level 3', async () => {
    const grant = grantAt(3)
    await submit([first, grantAt(1)])
    await submit([first, grantAt(2)])
    await submit([first, grant], [second, grant])
    await assertRefused('officers-too-few', submit([first, grant]))
    await assertRefused('officers-too-few', submit([first, grant], [first, grant]))
  })

  it('refuses officers who vouched for different grants', async () => {
    const grant = grantAt(3)
    const differing: readonly EnrolmentGrant[] = [
      { ...grant, subject: MALLORY },
      { ...grant, enrolmentKey: grantAt(3).enrolmentKey },
      { ...grant, notAfter: grant.notAfter + 1 },
      grantAt(3),
    ]
    for (const other of differing)
      await assertRefused('grants-differ', submit([first, grant], [second, other]))
  })

  it('refuses a proof of identity below the class, too old, or from the future (requirements C-ID-2, C-ID-4)', async () => {
    const good = grantAt(2)
    const at = good.proofing.completedAt + 60
    const with_ = (changed: Partial<EnrolmentGrant['proofing']>) =>
      submit([first, { ...good, proofing: { ...good.proofing, ...changed } }])
    for (const level of [2, 3]) await with_({ level })
    await assertRefused('proofing-too-low', with_({ level: 1 }))
    for (const completedAt of [at, at - 90 * 86_400]) await with_({ completedAt })
    for (const completedAt of [at + 1, at - 90 * 86_400 - 1])
      await assertRefused('proofing-out-of-time', with_({ completedAt }))
  })

  it('refuses an officer whom the roster does not name, and the passkey of another', async () => {
    await assertRefused('person-unknown', vouch(world, { ...first, id: 'o-3' }, grantAt(1)))
    const { ticket } = await world.sap['tickets/grant']({ officerId: first.id })
    const bySecond = answer(grantStatementBytes(ticket, grantAt(1)), {
      device: second.device,
      origin: ORIGIN,
    })
    await assertRefused('authenticator-unknown', world.sap['grants/submit']({ approvals: [bySecond] }))
  })

  it('refuses a signer’s passkey in an officer’s place', async () => {
    const { device } = await enrolSigner(world)
    const { ticket } = await world.sap['tickets/grant']({ officerId: first.id })
    const bySigner = answer(grantStatementBytes(ticket, grantAt(1)), { device, origin: ORIGIN })
    await assertRefused('authenticator-unknown', world.sap['grants/submit']({ approvals: [bySigner] }))
  })

  it('accepts an officer’s answer once', async () => {
    const approvals = [await vouch(world, first, grantAt(1))]
    await world.sap['grants/submit']({ approvals })
    await assertRefused('ticket-spent', world.sap['grants/submit']({ approvals }))
  })

  it('refuses a synced passkey of an officer at level 3', async () => {
    const grant = grantAt(3)
    const { ticket } = await world.sap['tickets/grant']({ officerId: first.id })
    const synced = { flags: { backupEligible: true, backupState: true } }
    const options = { device: first.device, origin: ORIGIN, deviations: synced }
    const approvals = [answer(grantStatementBytes(ticket, grant), options), await vouch(world, second, grant)]
    await assertRefused('authenticator-policy', world.sap['grants/submit']({ approvals }))
  })

  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({
    type: 'spki',
    format: 'der',
  })
  const wrong: readonly (readonly [
    string,
    SapRefusal,
    (grant: EnrolmentGrant) => Partial<EnrolmentGrant>,
  ])[] = [
    ['a class that does not exist', 'class-unknown', () => ({ credentialClass: 'none' })],
    ['another kind of key than the class has', 'algorithm-mismatch', () => ({ keyType: 'rsa-3072' })],
    ['a grant that is over', 'grant-expired', () => ({ notAfter: Math.floor(world.clock.wall() / 1000) })],
    [
      'an enrolment key of another curve',
      'enrolment-key-mismatch',
      () => ({ enrolmentKey: new Uint8Array(p384) }),
    ],
    [
      'an enrolment key that is no point of its curve',
      'enrolment-key-mismatch',
      ({ enrolmentKey }) => ({ enrolmentKey: enrolmentKey.with(-1, (enrolmentKey.at(-1) ?? 0) ^ 1) }),
    ],
  ]
  for (const [what, code, change] of wrong) {
    it(`refuses ${what}: ${code}`, async () => {
      const good = grantAt(1)
      await submit([first, good])
      await assertRefused(code, submit([first, { ...good, ...change(good) }]))
    })
  }
})
