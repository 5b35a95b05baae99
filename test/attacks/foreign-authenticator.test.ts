/**
 * A second passkey, key or certificate in Alice's name (T-WA-13, T-WA-14, T-SAD-21; sole-control 6).
 *
 * The attacker is one officer: his passkey vouches for whatever he likes. He has what passes through `server`, the
 * grants and tickets of others; the one-time enrolment key reached the person outside it.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { EnrolmentGrant } from '@natsuin/protocol/approval'
import type { SapRefusal } from '@natsuin/protocol/sap'
import {
  type AuthenticatorOptions,
  createSoftwareAuthenticator,
  type Deviations,
} from '@natsuin/testing/authenticator'
import {
  type Answered,
  acceptInvitation,
  answer,
  classOf,
  enrolStatementBytes,
  grantFor,
  grantStatementBytes,
  invite,
  loadDevice,
  register,
  saveDevice,
  showMeans,
} from '@natsuin/testing/deployment'
import { assertRefused, databaseOf, flipped, openStage, type Stage, signs, withDatabase } from './stage.ts'

const ALICE = { commonName: 'Alice Victim', countryName: 'JP' }

let stage: Stage
before(async () => {
  stage = await openStage({ classes: [classOf(3), classOf(2)] })
})
after(() => stage.close())

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const newGrant = (
  members: Partial<EnrolmentGrant> = {},
  key: KeyObject = keyPair().publicKey,
): EnrolmentGrant => ({
  ...grantFor(ALICE, classOf(3), key),
  ...members,
})

interface Vouching {
  readonly grant: EnrolmentGrant
  /** Whose ticket. */
  readonly officer: string
  /** Whose passkey; default the same officer's. */
  readonly by?: string
  readonly deviations?: Deviations
}

async function vouches({ grant, officer, by = officer, deviations }: Vouching): Promise<Answered> {
  const { ticket } = await stage.sam.call('tickets/grant', { officerId: officer })
  const device = loadDevice(stage.deployment.directory, by)
  const origin = stage.deployment.urls.approval
  const answered = answer(grantStatementBytes(ticket, grant), {
    device,
    origin,
    ...(deviations && { deviations }),
  })
  saveDevice(stage.deployment.directory, by, device)
  return answered
}

const submit = (...approvals: readonly Answered[]) => stage.sam.call('grants/submit', { approvals })

async function submitBoth(grant: EnrolmentGrant) {
  return submit(
    await vouches({ grant, officer: 'officer-1' }),
    await vouches({ grant, officer: 'officer-2' }),
  )
}

describe('a grant at level 3', () => {
  it('is accepted from two officers', async () => {
    assert.ok((await submitBoth(newGrant())).grantId)
  })

  it('is refused from one, from the same twice, and from the same under two tickets', async () => {
    const grant = newGrant()
    const one = await vouches({ grant, officer: 'officer-1' })
    await assertRefused(stage, 'officers-too-few', () => submit(one))
    await assertRefused(stage, 'officers-too-few', () => submit(one, one))
    const again = await vouches({ grant, officer: 'officer-1' })
    await assertRefused(stage, 'officers-too-few', () => submit(one, again))
    await submit(again, await vouches({ grant, officer: 'officer-2' }))
  })

  it('is refused when one officer answers the other’s ticket', async () => {
    const grant = newGrant()
    const one = await vouches({ grant, officer: 'officer-1' })
    const two = await vouches({ grant, officer: 'officer-2', by: 'officer-1' })
    await assertRefused(stage, 'authenticator-unknown', () => submit(one, two))
    const { credentialId } = (await vouches({ grant, officer: 'officer-2' })).assertion
    const renamed = { ...two, assertion: { ...two.assertion, credentialId } }
    await assertRefused(stage, 'assertion-invalid', () => submit(one, renamed))
    await submitBoth(grant)
  })

  it('is refused from people who are no officers', async () => {
    await assertRefused(stage, 'person-unknown', () =>
      stage.sam.call('tickets/grant', { officerId: 'mallory' }),
    )
    const grant = newGrant()
    const { ticket } = await stage.sam.call('tickets/grant', { officerId: 'officer-2' })
    const { mallory, deployment } = stage
    const options = { device: mallory.device, origin: deployment.urls.approval }
    const byMallory = answer(grantStatementBytes(ticket, grant), options)
    await assertRefused(stage, 'authenticator-unknown', async () =>
      submit(await vouches({ grant, officer: 'officer-1' }), byMallory),
    )
    await submitBoth(grant)
  })

  it('is refused when the two vouched for different people, keys or classes', async () => {
    const grant = newGrant()
    const others: readonly Partial<EnrolmentGrant>[] = [
      { subject: { ...ALICE, commonName: 'Mallory Attacker' } },
      { enrolmentKey: newGrant().enrolmentKey },
      { credentialClass: 'level-2' },
      { notAfter: grant.notAfter + 1 },
      { nonce: flipped(grant.nonce) },
      { proofing: { ...grant.proofing, evidenceDigest: flipped(grant.proofing.evidenceDigest) } },
    ]
    for (const change of others) {
      const one = await vouches({ grant, officer: 'officer-1' })
      const two = await vouches({ grant: { ...grant, ...change }, officer: 'officer-2' })
      await assertRefused(stage, 'grants-differ', () => submit(one, two), Object.keys(change).join())
    }
    await submitBoth(grant)
  })

  it('is refused when an officer’s statement was changed on its way', async () => {
    const grant = newGrant()
    const one = await vouches({ grant, officer: 'officer-1' })
    const two = await vouches({ grant, officer: 'officer-2' })
    const changed = { ...two, statement: flipped(two.statement, two.statement.length - 20) }
    await assertRefused(stage, 'challenge-mismatch', () => submit(one, changed))
    await submit(one, two)
  })

  it('is refused from another origin, without user verification, and in a frame', async () => {
    const grant = newGrant()
    const wrong: readonly (readonly [SapRefusal, Deviations])[] = [
      ['user-not-verified', { flags: { userVerified: false } }],
      ['cross-origin', { crossOrigin: true }],
      ['rp-mismatch', { hashedRpId: 'localhost' }],
      ['ceremony-type', { type: 'webauthn.create' }],
    ]
    for (const [code, deviations] of wrong) {
      const one = await vouches({ grant, officer: 'officer-1' })
      const two = await vouches({ grant, officer: 'officer-2', deviations })
      await assertRefused(stage, code, () => submit(one, two))
    }
    await submitBoth(grant)
  })

  it('is refused from the copy of an officer’s passkey, and so is everything it says afterwards', async () => {
    const grant = newGrant()
    await submit(
      await vouches({ grant, officer: 'officer-1' }),
      await vouches({ grant, officer: 'officer-3' }),
    )
    await setTimeout(1100)
    const one = await vouches({ grant, officer: 'officer-1' })
    const copied = await vouches({ grant, officer: 'officer-3', deviations: { counter: 0 } })
    await assertRefused(stage, 'counter-regression', () => submit(one, copied))
    const later = await vouches({ grant, officer: 'officer-3' })
    await assertRefused(stage, 'authenticator-suspended', () => submit(one, later))
    await submitBoth(grant)
  })

  it('is refused for a class that nobody founded, a name that cannot be written, and when it is over', async () => {
    const wrong: readonly (readonly [SapRefusal, Partial<EnrolmentGrant>])[] = [
      ['class-unknown', { credentialClass: 'level-4' }],
      ['grant-expired', { notAfter: Math.floor(Date.now() / 1000) - 1 }],
      ['algorithm-mismatch', { keyType: 'rsa-3072' }],
      ['malformed', { subject: { ...ALICE, commonName: 'Alice\u202Eecila' } }],
    ]
    for (const [code, change] of wrong) await assertRefused(stage, code, () => submitBoth(newGrant(change)))
    await submitBoth(newGrant())
  })

  it('is refused a second time: an officer’s answer counts once', async () => {
    const grant = newGrant()
    const [one, two] = [
      await vouches({ grant, officer: 'officer-1' }),
      await vouches({ grant, officer: 'officer-2' }),
    ]
    await submit(one, two)
    await assertRefused(stage, 'ticket-spent', () => submit(one, two))
  })
})

/** The attacker under a grant: with his own authenticator, or Alice's, and with this key for the enrolment. */
async function enrols(
  grantId: string,
  key: KeyObject,
  how: { device?: AuthenticatorOptions; deviations?: Deviations; origin?: string } = {},
) {
  const { ticket } = await stage.sam.call('tickets/enrol', { grantId })
  const device = createSoftwareAuthenticator(how.device)
  const { approval } = stage.deployment.urls
  return register(enrolStatementBytes(ticket), key, {
    device,
    origin: how.origin ?? approval,
    ...(how.deviations && { deviations: how.deviations }),
  })
}

describe('a registration under Alice’s grant', () => {
  it('with the key that only she was given is accepted', async () => {
    const invitation = await invite(stage.deployment, ALICE)
    const alice = await acceptInvitation(stage.deployment, invitation, 'Alice Victim')
    await signs(stage, alice)
  })

  it('is refused without the enrolment key: the attacker’s authenticator is not hers', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const forged = await enrols(grantId, keyPair().privateKey)
    await assertRefused(stage, 'enrolment-key-mismatch', () => stage.sam.call('enrol', forged))
    const honest = await enrols(grantId, enrolmentKey)
    const swapped = { ...honest, means: forged.means }
    await assertRefused(stage, 'enrolment-key-mismatch', () => stage.sam.call('enrol', swapped))
    await stage.sam.call('enrol', honest)
  })

  it('is refused when only the authenticator was exchanged under the same statement', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const honest = await enrols(grantId, enrolmentKey)
    const device = createSoftwareAuthenticator()
    const { means } = await register(honest.statement, keyPair().privateKey, {
      device,
      origin: stage.deployment.urls.approval,
    })
    await assertRefused(stage, 'enrolment-key-mismatch', () => stage.sam.call('enrol', { ...honest, means }))
    await stage.sam.call('enrol', honest)
  })

  it('is refused once the grant was used: no second passkey, key or certificate (T-WA-13)', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const first = await enrols(grantId, enrolmentKey)
    const kept = await enrols(grantId, enrolmentKey)
    const { credentialId } = await stage.sam.call('enrol', first)
    await assertRefused(stage, 'grant-spent', () => stage.sam.call('enrol', kept))
    await assertRefused(stage, 'grant-spent', () => stage.sam.call('tickets/enrol', { grantId }))
    const before = stage.leaves('key-generated').length
    assert.equal((await stage.sam.call('enrol', first)).credentialId, credentialId, 'the first answer again')
    assert.equal(stage.leaves('key-generated').length, before)
  })

  it('is accepted once when fifty arrive at once', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const all = await Promise.all(Array.from({ length: 50 }, () => enrols(grantId, enrolmentKey)))
    const before = stage.leaves('enrolled').length
    const results = await Promise.allSettled(all.map(one => stage.sam.call('enrol', one)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal(stage.leaves('enrolled').length, before + 1)
  })

  it('is refused with an authenticator that somebody has already (T-WA-09)', async () => {
    const first = await invite(stage.deployment, ALICE)
    const taken = await enrols(first.grantId, first.enrolmentKey)
    await stage.sam.call('enrol', taken)
    const { grantId, enrolmentKey } = await invite(stage.deployment, { commonName: 'Mallory Attacker' })
    const honest = await enrols(grantId, enrolmentKey)
    const { statement } = honest
    // Without attestation nobody signs which key was made: it can be copied, and only the challenge is new.
    const { attestationObject } = taken.means.passkey
    const passkey = { ...honest.means.passkey, attestationObject }
    const request = await showMeans(statement, { passkey }, enrolmentKey)
    const copied = () => stage.sam.call('enrol', request)
    await assertRefused(stage, 'authenticator-registered', copied)
    withDatabase(databaseOf(stage.deployment, 'sam'), database =>
      database.exec("DELETE FROM records WHERE kind = 'authenticator'"),
    )
    await assertRefused(stage, 'authenticator-registered', copied)
    await stage.sam.call('enrol', honest)
  })

  it('is refused from another origin, without user verification, as an assertion, or synced at level 3', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const wrong: readonly (readonly [SapRefusal, Parameters<typeof enrols>[2]])[] = [
      ['origin-mismatch', { origin: stage.deployment.urls.server }],
      ['user-not-verified', { deviations: { flags: { userVerified: false } } }],
      ['ceremony-type', { deviations: { type: 'webauthn.get' } }],
      ['cross-origin', { deviations: { crossOrigin: true } }],
      ['rp-mismatch', { deviations: { hashedRpId: 'localhost' } }],
      ['authenticator-policy', { device: { backupEligible: true } }],
    ]
    for (const [code, how] of wrong) {
      const registered = await enrols(grantId, enrolmentKey, how)
      await assertRefused(stage, code, () => stage.sam.call('enrol', registered))
    }
    await stage.sam.call('enrol', await enrols(grantId, enrolmentKey))
  })

  it('is refused under an edited grant: the row is sealed (T-SAD-26)', async () => {
    const { grantId, enrolmentKey } = await invite(stage.deployment, ALICE)
    const mine = keyPair()
    const { grantId: other } = await submitBoth(newGrant({}, mine.publicKey))
    const registered = await enrols(grantId, mine.privateKey)
    const path = databaseOf(stage.deployment, 'sam')
    const sealedOf = (id: string) =>
      withDatabase(path, database =>
        database.prepare("SELECT sealed FROM records WHERE kind = 'grant' AND id = ?").get(id),
      )?.['sealed'] ?? null
    const put = (id: string, sealed: ReturnType<typeof sealedOf>) =>
      withDatabase(path, database =>
        database.prepare("UPDATE records SET sealed = ? WHERE kind = 'grant' AND id = ?").run(sealed, id),
      )
    const own = sealedOf(grantId)
    put(grantId, sealedOf(other))
    await assertRefused(stage, 'record-altered', () => stage.sam.call('enrol', registered))
    put(grantId, own)
    await assertRefused(stage, 'enrolment-key-mismatch', () => stage.sam.call('enrol', registered))
    await stage.sam.call('enrol', await enrols(grantId, enrolmentKey))
  })

  it('is refused for a grant that does not exist', async () => {
    await assertRefused(stage, 'grant-unknown', () => stage.sam.call('tickets/enrol', { grantId: 'none' }))
  })
})
