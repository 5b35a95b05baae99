import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { approveTicket, enrolTicket, type GivenCode, peekJws } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  answer,
  approveStatementBytes,
  challengeOf,
  classOf,
  enrolStatementBytes,
  register,
  showMeans,
} from '@natsuin/testing/deployment'
import { LOG_INS } from '@natsuin/testing/provider'
import { administered, amend } from '../../fixture/administrators.ts'
import { approvingOf } from '../../fixture/approving.ts'
import {
  ALICE,
  attestedKey,
  certify,
  invite,
  MALLORY,
  seenItem,
  signRequestFor,
} from '../../fixture/people.ts'
import { foundPlace, HandClock, type OpenPlace, ORIGIN, openPlace, type Place } from '../../fixture/place.ts'
import { assertRefused, assertRefuses } from '../../fixture/refusals.ts'
import { openScriptedProvider, type ScriptedProvider } from '../../fixture/scripted-provider.ts'
import { openProviderProof } from './provider.ts'

type World = OpenPlace & Place & { readonly idp: ScriptedProvider; readonly other: ScriptedProvider }

/** Level 2 takes a provider's word, level 3 takes it with a passkey, level 1 either; the other provider is for nobody. */
async function newWorld(): Promise<World> {
  const clock = new HandClock()
  const idp = await openScriptedProvider(clock)
  const other = await openScriptedProvider(clock, 'other')
  const vouched = { provider: 'example' } as const
  const classes = [
    classOf(1, { ...vouched, approvals: ['passkey', 'provider'] }),
    classOf(2, { ...vouched, approvals: ['provider'] }),
    classOf(3, { ...vouched, approvals: ['provider-and-passkey'] }),
  ]
  const place = await foundPlace({ founding: { classes, providers: [idp.entry, other.entry] } })
  const world = { ...place, clock, ...(await openPlace(place, { clock })) }
  return { ...world, idp, other }
}

interface Signer {
  readonly device: SoftwareAuthenticator
  readonly signerId: string
  readonly credentialId: string
}

interface LinkOptions {
  readonly level?: 1 | 2 | 3
  readonly subject?: typeof ALICE
  readonly sub?: string
}

async function enrol(
  { idp, ...world }: World,
  { level = 2, subject = ALICE, sub = 'alice' }: LinkOptions = {},
): Promise<Signer> {
  const { grantId, enrolmentKey } = await invite(world, subject, level)
  const statement = await statementToEnrol(world, grantId)
  const device = createSoftwareAuthenticator()
  const passkey = (await register(statement, enrolmentKey, { device, origin: ORIGIN })).means.passkey
  const provider = idp.code(statement, { sub })
  const means = level === 2 ? { provider } : { passkey, provider }
  const { signerId, credentialId, keyAttestation } = await world.sap.enrol(
    await showMeans(statement, means, enrolmentKey),
  )
  const certificates = await certify(attestedKey(keyAttestation), subject)
  await world.sap['certificates/link']({ credentialId, certificates })
  return { device, signerId, credentialId }
}

async function statementToEnrol({ sap }: Pick<World, 'sap'>, grantId: string): Promise<Uint8Array> {
  return enrolStatementBytes((await sap['tickets/enrol']({ grantId })).ticket)
}

async function statementFor({ sap }: World, { credentialId }: Signer, label = 'contract.pdf') {
  const item = await seenItem(label)
  const { ticket } = await sap['tickets/approve']({ credentialId, clientId: 'app' })
  return { statement: approveStatementBytes(ticket, [item]), item }
}

const byProvider = (statement: Uint8Array, logIn: GivenCode) => ({
  statement,
  proof: { kind: 'provider', logIn } as const,
})

const byBoth = (statement: Uint8Array, device: SoftwareAuthenticator, logIn: GivenCode) => ({
  statement,
  proof: {
    kind: 'provider-and-passkey',
    assertion: answer(statement, { device, origin: ORIGIN }).assertion,
    logIn,
  } as const,
})

describe('an approval by an identity provider', () => {
  let world: World
  let alice: Signer
  before(async () => {
    world = await newWorld()
    alice = await enrol(world)
  })
  after(async () => {
    world.idp.close()
    world.other.close()
    await world.store.close()
  })

  const approve = async (claims: Readonly<Record<string, unknown>> = {}) => {
    const { statement, item } = await statementFor(world, alice)
    return { item, approved: world.sap.approve(byProvider(statement, world.idp.code(statement, claims))) }
  }
  const sign = async ({ item, approved }: Awaited<ReturnType<typeof approve>>) =>
    world.sap.sign(signRequestFor(await approved, [item.dtbsr]))

  it('is a log-in there for these bytes, and yields signatures over what was approved', async () => {
    const { signatures } = await sign(await approve())
    assert.equal(signatures.length, 1)
  })

  it('is asked for by a ticket that says whom the page sends the signer to, and by no passkey', async () => {
    const { credentialId } = alice
    const { ticket, allow } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
    const told = peekJws(ticket, 'natsuin-ticket', approveTicket)
    assert.deepEqual([told.provider, told.approvals, allow], [world.idp.entry, ['provider'], []])
  })

  it('keeps the provider’s word, and not the code', async () => {
    const { approved } = await approve()
    const { sadId } = await approved
    const { proof } = await world.sam.records.need('approval', sadId)
    assert.deepEqual(proof, { kind: 'provider', idToken: world.idp.said() })
  })

  it('is not a token that was good once already (T-IDP-01)', async () => {
    const { statement } = await statementFor(world, alice)
    const first = byProvider(statement, world.idp.code(statement))
    await world.sap.approve(first)
    const token = world.idp.said()
    // The same bytes again: their ticket is spent, whatever the provider says.
    await assertRefused('ticket-spent', world.sap.approve(first))
    await assertRefused('ticket-spent', world.sap.approve(byProvider(statement, world.idp.repeat(token))))
    const next = await statementFor(world, alice)
    await assertRefused(
      'id-token-invalid',
      world.sap.approve(byProvider(next.statement, world.idp.repeat(token))),
    )
  })

  it('is not a code that was redeemed already', async () => {
    const { statement } = await statementFor(world, alice)
    const code = world.idp.code(statement)
    await world.sap.approve(byProvider(statement, code))
    const next = await statementFor(world, alice)
    await assertRefused('code-refused', world.sap.approve(byProvider(next.statement, code)))
  })

  it('is not the word of another provider, which claims the person for itself (T-IDP-02, T-IDP-07)', async () => {
    const { statement } = await statementFor(world, alice)
    const { idp, other, sap } = world
    const good = { nonce: toBase64url(challengeOf(statement)) }
    for (const token of [
      // In its own name, and in the name of the one that was asked.
      other.sign({
        ...good,
        iss: other.entry.issuer,
        sub: 'alice',
        aud: idp.entry.clientId,
        iat: 1,
        exp: 2 ** 33,
      }),
      other.sign({
        ...good,
        iss: idp.entry.issuer,
        sub: 'alice',
        aud: idp.entry.clientId,
        iat: 1,
        exp: 2 ** 33,
      }),
    ]) {
      await assertRefused('id-token-invalid', sap.approve(byProvider(statement, idp.repeat(token))))
    }
    assert.equal(other.asked(), 0)
    await assertRefused('id-token-invalid', (await approve({ iss: other.entry.issuer })).approved)
    await assertRefused('id-token-invalid', (await approve({ aud: 'log-in' })).approved)
  })

  it('is not a log-in by somebody else, whatever else is the same (T-IDP-05)', async () => {
    for (const sub of ['alice-2', 'Alice', 'mallory']) {
      const claims = { sub, email: 'alice@example.com', email_verified: true, preferred_username: 'alice' }
      await assertRefused('account-differs', (await approve(claims)).approved)
    }
    await sign(await approve({ email: 'another@example.com' }))
  })

  it('is not a log-in for other bytes (T-IDP-06)', async () => {
    const [one, two] = [await statementFor(world, alice), await statementFor(world, alice, 'other.pdf')]
    const forOne = world.idp.code(one.statement)
    await assertRefused('id-token-invalid', world.sap.approve(byProvider(two.statement, forOne)))
    await world.sap.approve(byProvider(two.statement, world.idp.code(two.statement)))
  })

  it('is not a session from before the ticket, and not one whose age nobody says (T-IDP-04)', async () => {
    const { statement } = await statementFor(world, alice)
    const { issuedAt } = peekJws(
      String(JSON.parse(Buffer.from(statement).toString()).ticket),
      'natsuin-ticket',
      approveTicket,
    )
    for (const at of [issuedAt, issuedAt - 1, 0, undefined]) {
      const code = world.idp.code(statement, { auth_time: at })
      await assertRefused('log-in-stale', world.sap.approve(byProvider(statement, code)))
    }
    const { acr, amr } = LOG_INS.password
    const weak = world.idp.code(statement, { acr, amr })
    await assertRefused('log-in-insufficient', world.sap.approve(byProvider(statement, weak)))
    await world.sap.approve(byProvider(statement, world.idp.code(statement, { auth_time: issuedAt + 1 })))
  })

  it('is over when its ticket is, without asking the provider', async () => {
    const { statement } = await statementFor(world, alice)
    const code = world.idp.code(statement)
    const before = world.idp.asked()
    world.clock.pass(300)
    await assertRefused('ticket-expired', world.sap.approve(byProvider(statement, code)))
    assert.equal(world.idp.asked(), before)
  })

  it('is refused where the class wants a passkey besides; and the provider is not asked without one', async () => {
    const strict = await enrol(world, { level: 3 })
    const { statement, item } = await statementFor(world, strict)
    const before = world.idp.asked()
    await assertRefused(
      'authenticator-unknown',
      world.sap.approve(byBoth(statement, alice.device, world.idp.code(statement))),
    )
    assert.equal(world.idp.asked(), before)
    await assertRefused('proof-refused', world.sap.approve(byProvider(statement, world.idp.code(statement))))
    await assertRefused(
      'account-differs',
      world.sap.approve(byBoth(statement, strict.device, world.idp.code(statement, { sub: 'mallory' }))),
    )
    const approved = await world.sap.approve(byBoth(statement, strict.device, world.idp.code(statement)))
    const { proof } = await world.sam.records.need('approval', approved.sadId)
    assert.equal(proof.kind, 'provider-and-passkey')
    assert.equal((await world.sap.sign(signRequestFor(approved, [item.dtbsr]))).signatures.length, 1)
  })

  it('ends when the person logs out at the provider, and what he approves afterwards does not (T-IDP-10)', async () => {
    const { idp, sap, clock } = world
    const pending = await approve()
    await pending.approved
    const logout = (claims: Readonly<Record<string, unknown>> = {}) => {
      const { issuer: iss, clientId: aud } = idp.entry
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const iat = Math.floor(clock.wall() / 1000) + 1
      return idp.sign({ iss, aud, sub: 'alice', iat, jti: 'one', events, ...claims }, 'logout+jwt')
    }
    const tell = (logoutToken: string) => sap['providers/log-out']({ logoutToken })
    // Of somebody else, and what is no log-out: nothing ends.
    await tell(logout({ sub: 'bob' }))
    await assertRefused('logout-token-invalid', tell(logout({ aud: 'log-in' })))
    await assertRefused('provider-unknown', tell(logout({ iss: 'https://other.example' })))
    await assertRefused('logout-token-invalid', tell(`${logout().slice(0, -4)}AAAA`))
    await assert.rejects(async () => tell(logout({ events: {} })), { code: 'malformed' })
    await assert.rejects(async () => tell(logout({ nonce: 'n' })), { code: 'malformed' })
    await sign(await approve())

    const { statement } = await statementFor(world, alice)
    const underWay = openProviderProof({ logIn: idp.code(statement) })
    const loaded = await underWay.load(world.sam, await approvingOf(world.sam, statement))
    loaded.check()
    await tell(logout())
    assertRefuses('log-in-ended', () => loaded.check())
    await assertRefused('log-in-ended', sign(pending))
    clock.pass(1)
    await sign(await approve())
  })
})

describe('an account at an identity provider', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(async () => {
    world.idp.close()
    world.other.close()
    await world.store.close()
  })

  it('is linked by a log-in for the enrolment, under the grant', async () => {
    const { signerId } = await enrol(world)
    const { account } = await world.sam.records.need('signer', signerId)
    assert.deepEqual(account, { providerId: 'example', issuer: world.idp.entry.issuer, subject: 'alice' })
    const { idToken } = await world.sam.records.need('enrolment', signerId)
    assert.equal(idToken, world.idp.said())
  })

  it('is not put in the place of the person’s by whoever carries the messages (T-IDP-07)', async () => {
    const { idp, sap } = world
    const { grantId, enrolmentKey } = await invite(world, ALICE, 2)
    const statement = await statementToEnrol(world, grantId)
    const shown = await showMeans(statement, { provider: idp.code(statement) }, enrolmentKey)
    const before = idp.asked()
    const means = { provider: idp.code(statement, { sub: 'mallory' }) }
    await assertRefused('enrolment-key-mismatch', sap.enrol({ ...shown, means }))
    assert.equal(idp.asked(), before, 'nobody was asked')
    assert.equal(
      peekJws(String(JSON.parse(Buffer.from(statement).toString()).ticket), 'natsuin-ticket', enrolTicket)
        .provider?.id,
      'example',
    )
    await sap.enrol(shown)
  })

  it('is not linked by a log-in for something else, from before or too weak (T-IDP-04, T-IDP-06)', async () => {
    const { idp, sap } = world
    const { grantId, enrolmentKey } = await invite(world, MALLORY, 2)
    const statement = await statementToEnrol(world, grantId)
    const wrong = [
      ['id-token-invalid', { nonce: toBase64url(new Uint8Array(32)) }],
      ['log-in-stale', { auth_time: 1 }],
      ['log-in-insufficient', { acr: LOG_INS.password.acr }],
    ] as const
    for (const [code, claims] of wrong) {
      const means = { provider: idp.code(statement, claims) }
      await assertRefused(code, sap.enrol(await showMeans(statement, means, enrolmentKey)))
    }
    const passkey = (
      await register(statement, enrolmentKey, { device: createSoftwareAuthenticator(), origin: ORIGIN })
    ).means.passkey
    await assertRefused('means-differ', sap.enrol(await showMeans(statement, { passkey }, enrolmentKey)))
    await sap.enrol(await showMeans(statement, { provider: idp.code(statement) }, enrolmentKey))
  })

  it('is of nobody else with the same address: a link is issuer and subject (T-IDP-05)', async () => {
    const first = await enrol(world, { sub: 'alice' })
    const second = await enrol(world, { subject: MALLORY, sub: 'alice-2' })
    const { statement } = await statementFor(world, second)
    const asFirst = world.idp.code(statement, { sub: 'alice', email: 'alice@example.com' })
    await assertRefused('account-differs', world.sap.approve(byProvider(statement, asFirst)))
    assert.notEqual(first.signerId, second.signerId)
  })
})

describe('an identity provider that is taken away (T-IDP-07)', () => {
  it('vouches for nobody any more: not for who asks, not for what is under way, not for what was approved; a passkey still does', async () => {
    const world = await newWorld()
    const { idp, sap } = world
    const [vouched, either] = [await enrol(world), await enrol(world, { level: 1, subject: MALLORY })]
    const [ready, underWay] = [await statementFor(world, vouched), await statementFor(world, vouched)]
    const approved = await sap.approve(byProvider(ready.statement, idp.code(ready.statement)))
    const invited = await invite(world, ALICE, 2)
    const toEnrol = await statementToEnrol(world, invited.grantId)
    const asked = idp.asked()

    await amend({ ...world, ...administered(world) }, { kind: 'provider-remove', providerId: 'example' })

    await assertRefused('provider-unknown', sap.sign(signRequestFor(approved, [ready.item.dtbsr])))
    const late = byProvider(underWay.statement, idp.code(underWay.statement))
    await assertRefused('provider-unknown', sap.approve(late))
    const means = { provider: idp.code(toEnrol) }
    await assertRefused('provider-unknown', sap.enrol(await showMeans(toEnrol, means, invited.enrolmentKey)))
    const { credentialId } = vouched
    await assertRefused('provider-unknown', sap['tickets/approve']({ credentialId, clientId: 'app' }))
    assert.equal(idp.asked(), asked, 'nobody was asked any more')

    const { statement } = await statementFor(world, either)
    const { assertion } = answer(statement, { device: either.device, origin: ORIGIN })
    await sap.approve({ statement, proof: { kind: 'passkey', assertion } })
    idp.close()
    world.other.close()
    await world.store.close()
  })
})
