/**
 * A second authenticator in Alice's name, or one of hers taken from her (T-WA-13); the way back as a way in (T-WA-14).
 *
 * The attacker holds Alice's session on the account page, `server` with everything it has, and an account of his own.
 * Each attempt has a twin by Alice herself.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import {
  createSoftwareAuthenticator,
  type Deviations,
  type SoftwareAuthenticator,
} from '@natsuin/testing/authenticator'
import {
  type Answered,
  APPROVAL_HOST,
  acceptInvitation,
  addDevice,
  addPasskey,
  answer,
  askAccount,
  byPasskey,
  classOf,
  enrolSigner,
  grantFor,
  grantStatementBytes,
  inviteAnew,
  loadDevice,
  openAccount,
  openChange,
  PageRefused,
  removeAuthenticatorStatementBytes,
  removePasskey,
  type Signer,
  saveDevice,
} from '@natsuin/testing/deployment'
import { approval, approved, assertRefused, openStage, type Stage, seenItems, signs, useOf } from './stage.ts'

const ALICE = { commonName: 'Alice Victim', countryName: 'JP' }

let stage: Stage
before(async () => {
  stage = await openStage({ classes: [classOf(3), classOf(1)] })
})
after(() => stage.close())

/** A device of the attacker's that has a credential for the approval origin. */
function ownDevice(): SoftwareAuthenticator {
  const device = createSoftwareAuthenticator()
  const origin = stage.deployment.urls.approval
  device.register({ rpId: APPROVAL_HOST, origin, challenge: new Uint8Array(32) })
  return device
}

interface Attempt {
  readonly by: SoftwareAuthenticator
  /** Of the assertion that is to approve. */
  readonly deviations?: Deviations
  readonly origin?: string
}

/** An addition to Alice's authenticators; `by` is to approve it. */
async function adds({ by, deviations = {}, origin = stage.deployment.urls.approval }: Attempt) {
  const { ticket } = await stage.sam.call('tickets/add-authenticator', { signerId: stage.alice.signerId })
  const device = createSoftwareAuthenticator()
  const page = stage.deployment.urls.approval
  const answered = addDevice(
    ticket,
    { device, label: 'Second', origin: page },
    { device: by, origin, deviations },
  )
  return { device, ...(await stage.sam.call('authenticators/add', answered)) }
}

async function removes(authenticatorId: string, { by, deviations = {}, origin }: Attempt) {
  const { signerId } = stage.alice
  const { ticket } = await stage.sam.call('tickets/remove-authenticator', { signerId, authenticatorId })
  const at = origin ?? stage.deployment.urls.approval
  const answered = answer(removeAuthenticatorStatementBytes(ticket), { device: by, origin: at, deviations })
  return stage.sam.call('authenticators/remove', answered)
}

const idsOf = async ({ signerId }: Signer) =>
  (await stage.sam.call('authenticators/list', { signerId })).authenticators.map(({ id }) => id)

describe('an authenticator that somebody else adds to Alice’s', () => {
  it('is refused, whichever authenticator of his approves it (T-WA-13)', async () => {
    for (const by of [ownDevice(), stage.mallory.device]) {
      await assertRefused(stage, 'authenticator-unknown', () => adds({ by }))
    }
    const { device } = await adds({ by: stage.alice.device })
    const items = await seenItems('contract.pdf')
    const { sadId } = await approved(stage, stage.alice, items, { device })
    assert.ok(sadId)
  })

  it('is refused when Alice’s own answers on another page, in a frame, or without her (T-WA-13)', async () => {
    const by = stage.alice.device
    await assertRefused(stage, 'origin-mismatch', () => adds({ by, origin: stage.deployment.urls.server }))
    await assertRefused(stage, 'cross-origin', () => adds({ by, deviations: { crossOrigin: true } }))
    const flags = { userVerified: false }
    await assertRefused(stage, 'user-not-verified', () => adds({ by, deviations: { flags } }))
    await adds({ by })
  })

  it('is refused when what Alice approved was a signature, or her log-in (T-SAD-24)', async () => {
    const { signerId } = stage.alice
    const { ticket } = await stage.sam.call('tickets/add-authenticator', { signerId })
    const signature = await approval(stage, stage.alice, await seenItems('contract.pdf'))
    await assertRefused(stage, 'malformed', () => stage.sam.call('authenticators/add', signature))
    const device = createSoftwareAuthenticator()
    const { approval: origin, server } = stage.deployment.urls
    const by = { device: stage.alice.device, origin }
    const honest = addDevice(ticket, { device, label: 'Second', origin }, by)
    const logIn = answer(honest.statement, { ...by, origin: server, deviations: { hashedRpId: 'localhost' } })
    await assertRefused(stage, 'origin-mismatch', () => stage.sam.call('authenticators/add', logIn))
    await stage.sam.call('authenticators/add', honest)
  })

  it('is not to be had with Alice’s session: it lists, and begins what it cannot finish (T-WA-13)', async () => {
    const { deployment, alice } = stage
    const token = await openAccount(deployment, alice)
    const { authenticators } = await askAccount(deployment, token, 'authenticators')
    assert.ok(Array.isArray(authenticators))
    const begun = await askAccount(deployment, token, 'authenticators/add')
    const change = await openChange(deployment, String(begun['continue']))
    const origin = deployment.urls.approval
    const device = createSoftwareAuthenticator()
    const mine = addDevice(
      change.ticket,
      { device, label: 'Second', origin },
      { device: ownDevice(), origin },
    )
    await refusedByPage('authenticator-unknown', change.submit(mine))
    await addPasskey(deployment, alice)
  })

  it('is told to Alice: on the account page, and in the next ticket, which only the SAM can write (T-WA-13)', async () => {
    const erin = await enrolSigner(stage.deployment, ALICE)
    await addPasskey(stage.deployment, erin, { label: 'Phone' })
    const token = await openAccount(stage.deployment, erin)
    const told = await askAccount(stage.deployment, token, 'authenticators')
    const notices = told['notices'] as readonly { kind: string }[]
    assert.deepEqual(
      notices.map(({ kind }) => kind),
      ['authenticator-added'],
    )
    const labels = (told['authenticators'] as readonly { label?: string }[]).map(({ label }) => label)
    assert.deepEqual(labels, [undefined, 'Phone'])
  })
})

describe('an authenticator that somebody else takes from Alice', () => {
  it('stays, whoever asks for it without one of hers (T-WA-13)', async () => {
    const { authenticatorId } = await adds({ by: stage.alice.device })
    for (const by of [ownDevice(), stage.mallory.device]) {
      await assertRefused(stage, 'authenticator-unknown', () => removes(authenticatorId, { by }))
    }
    const by = stage.alice.device
    await assertRefused(stage, 'cross-origin', () =>
      removes(authenticatorId, { by, deviations: { crossOrigin: true } }),
    )
    await removes(authenticatorId, { by })
    assert.ok(!(await idsOf(stage.alice)).includes(authenticatorId))
  })

  it('is not another one than the ticket says (T-WA-13)', async () => {
    const { alice, deployment } = stage
    const [one, two] = [await adds({ by: alice.device }), await adds({ by: alice.device })]
    const { signerId } = alice
    const ticketFor = async ({ authenticatorId }: { authenticatorId: string }) =>
      (await stage.sam.call('tickets/remove-authenticator', { signerId, authenticatorId })).ticket
    const shown = removeAuthenticatorStatementBytes(await ticketFor(one))
    const wanted = removeAuthenticatorStatementBytes(await ticketFor(two))
    const answered = answer(shown, { device: alice.device, origin: deployment.urls.approval })
    await assertRefused(stage, 'challenge-mismatch', () =>
      stage.sam.call('authenticators/remove', { ...answered, statement: wanted }),
    )
    await stage.sam.call('authenticators/remove', answered)
    const left = await idsOf(alice)
    assert.ok(left.includes(two.authenticatorId) && !left.includes(one.authenticatorId))
  })

  it('and then approves nothing, be it in the middle of an approval', async () => {
    const { device, authenticatorId } = await adds({ by: stage.alice.device })
    const items = await seenItems('one.pdf', 'two.pdf')
    const sad = await approved(stage, stage.alice, items, { device })
    const pending = await approval(stage, stage.alice, await seenItems('contract.pdf'), { device })
    await stage.sam.call('sign', useOf(sad, items.slice(0, 1)))
    await removes(authenticatorId, { by: stage.alice.device })
    await assertRefused(stage, 'authenticator-unknown', () => stage.sam.call('approve', byPasskey(pending)))
    await assertRefused(stage, 'authenticator-unknown', () =>
      stage.sam.call('sign', useOf(sad, items.slice(1))),
    )
    await signs(stage, stage.alice)
  })
})

describe('recovery', () => {
  async function vouches(officer: string, replaces: string): Promise<Answered> {
    const { ticket } = await stage.sam.call('tickets/grant', { officerId: officer })
    const device = loadDevice(stage.deployment.directory, officer)
    const statement = grantStatementBytes(ticket, { ...grant, replaces })
    const answered = answer(statement, { device, origin: stage.deployment.urls.approval })
    saveDevice(stage.deployment.directory, officer, device)
    return answered
  }
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const grant = grantFor(ALICE, classOf(1), key.publicKey)

  it('by one officer closes no signer of level 3, be the new class as low as it may (T-WA-14)', async () => {
    const erin = await enrolSigner(stage.deployment, ALICE, { classId: 'level-3' })
    const one = await vouches('officer-1', erin.signerId)
    const submit = (...approvals: readonly Answered[]) => stage.sam.call('grants/submit', { approvals })
    await assertRefused(stage, 'officers-too-few', () => submit(one))
    await signs(stage, erin)
    await submit(one, await vouches('officer-2', erin.signerId))
    await assertRefused(stage, 'credential-revoked', () => signs(stage, erin))
  })

  it('opens the old key to nobody: neither to the old authenticators nor to the new ones (T-WA-14)', async () => {
    const erin = await enrolSigner(stage.deployment, ALICE)
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, erin, items)
    const token = await openAccount(stage.deployment, erin)
    const invitation = await inviteAnew(stage.deployment, ALICE, erin.signerId)
    const anew = await acceptInvitation(stage.deployment, invitation, ALICE.commonName)
    await assertRefused(stage, 'credential-revoked', () => stage.sam.call('sign', useOf(sad, items)))
    await assertRefused(stage, 'credential-revoked', () => signs(stage, { ...erin, device: anew.device }))
    await assertRefused(stage, 'signer-unknown', () =>
      stage.sam.call('tickets/add-authenticator', { signerId: erin.signerId }),
    )
    await refusedByPage('account-session-over', askAccount(stage.deployment, token, 'authenticators'))
    await signs(stage, anew)
  })

  it('is not to be had with a session, or with server: no method of it re-binds a key (T-WA-14)', async () => {
    const erin = await enrolSigner(stage.deployment, ALICE)
    // With the one passkey gone nothing of the account page helps: it cannot even remove what was lost.
    const [only = ''] = await idsOf(erin)
    await refusedByPage('authenticator-last', removePasskey(stage.deployment, erin, only))
    const attacker = ownDevice()
    const { ticket } = await stage.sam.call('tickets/remove-authenticator', {
      signerId: erin.signerId,
      authenticatorId: only,
    })
    const statement = removeAuthenticatorStatementBytes(ticket)
    const answered = answer(statement, { device: attacker, origin: stage.deployment.urls.approval })
    await assertRefused(stage, 'authenticator-unknown', () =>
      stage.sam.call('authenticators/remove', answered),
    )
    await signs(stage, erin)
  })
})

async function refusedByPage(code: string, asked: Promise<unknown>): Promise<void> {
  await assert.rejects(asked, (error: unknown) => {
    if (!(error instanceof PageRefused)) throw error
    assert.equal(error.code, code)
    return true
  })
}
