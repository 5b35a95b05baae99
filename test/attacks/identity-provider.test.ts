/**
 * An identity provider's word (sole-control 7 and 13), carried by a server that is not honest. The provider is a process
 * of its own with its own keys, and honest; Alice is logged in there, as people are.
 *
 * The attacker has `server` whole, an account of his own at the provider, and can send Alice's browser wherever he likes.
 * He cannot make her log in. Each attempt has a twin that passes.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import {
  approveStatementBytes,
  challengeOf,
  classOf,
  freePort,
  invite,
  openBrowser,
} from '@natsuin/testing/deployment'
import {
  createForeignProvider,
  enrolAtProvider,
  entryInFile,
  type ForeignProvider,
  logInToApprove,
  logOutAtProvider,
  type ProviderSigner,
  proveAtProvider,
  serveDeployment,
} from '@natsuin/testing/provider'
import { assertRefused, CLIENT, openStage, type Stage, seenItems, useOf } from './stage.ts'

const VOUCHED = classOf(2, { id: 'vouched', approvals: ['provider'], provider: 'example' })
const STRICT = classOf(3, { id: 'strict', approvals: ['provider-and-passkey'], provider: 'example' })

let idp: ForeignProvider
let stage: Stage
let alice: ProviderSigner
let strict: ProviderSigner
let mallory: ProviderSigner

before(async () => {
  idp = createForeignProvider(await freePort())
  stage = await openStage({ classes: [classOf(3), VOUCHED, STRICT], providers: [entryInFile(idp)] })
  await serveDeployment(idp, stage.deployment)
  alice = await enrol('alice', VOUCHED.id)
  strict = await enrol('alice', STRICT.id, true)
  mallory = await enrol('mallory', VOUCHED.id)
})
after(async () => {
  await idp.stop()
  await stage.close()
})

async function enrol(name: string, classId: string, withPasskey = false): Promise<ProviderSigner> {
  const subject = { commonName: name, countryName: 'JP' }
  const invitation = await invite(stage.deployment, subject, classId)
  return enrolAtProvider(stage.deployment, idp, invitation, { name, commonName: name, withPasskey })
}

async function statementFor({ credentialId }: ProviderSigner) {
  const items = await seenItems('contract.pdf')
  const { ticket } = await stage.sam.call('tickets/approve', { credentialId, clientId: CLIENT })
  return { items, statement: approveStatementBytes(ticket, items) }
}

/** What the attacker has Alice's browser ask the provider, in the name of the approval client. */
const asked = (statement: Uint8Array) => ({
  challenge: challengeOf(statement),
  origin: stage.deployment.urls.approval,
})

async function approves(signer: ProviderSigner, withPasskey = false) {
  const { items, statement } = await statementFor(signer)
  const proof = await proveAtProvider(stage.deployment, idp, signer, { withPasskey })(statement)
  return { items, approved: await stage.sam.call('approve', { statement, proof }) }
}

async function signs(signer: ProviderSigner, withPasskey = false): Promise<void> {
  const { items, approved } = await approves(signer, withPasskey)
  const { signatures } = await stage.sam.call('sign', useOf(approved, items))
  assert.equal(signatures.length, 1)
}

describe('a log-in taken for an approval', () => {
  it('is no silent one: not a session that is there already, however it is asked for (T-IDP-04)', async () => {
    for (const parameters of [
      { prompt: undefined, max_age: undefined },
      { prompt: 'none', max_age: undefined },
      { prompt: undefined, max_age: '3600' },
    ]) {
      const { statement } = await statementFor(alice)
      const { name, atProvider: browser } = alice
      // The provider gives a code at once: nobody was asked.
      const logIn = await logInToApprove(idp.entry, asked(statement), { name, browser, parameters })
      const proof = { kind: 'provider', logIn } as const
      await assertRefused(stage, 'log-in-stale', () => stage.sam.call('approve', { statement, proof }))
    }
    await signs(alice)
  })

  it('is not the attacker’s own, nor one for something else (T-IDP-05, T-IDP-06)', async () => {
    const { statement } = await statementFor(alice)
    const { name, atProvider: browser } = mallory
    const own = await logInToApprove(idp.entry, asked(statement), { name, browser })
    await assertRefused(stage, 'account-differs', () =>
      stage.sam.call('approve', { statement, proof: { kind: 'provider', logIn: own } }),
    )
    const other = await statementFor(alice)
    const logIn = await logInToApprove(idp.entry, asked(other.statement), { name: 'alice' })
    await assertRefused(stage, 'id-token-invalid', () =>
      stage.sam.call('approve', { statement, proof: { kind: 'provider', logIn } }),
    )
    await signs(alice)
  })

  it('is not a weak one (T-IDP-04)', async () => {
    const { statement } = await statementFor(alice)
    const logIn = await logInToApprove(idp.entry, asked(statement), { name: 'alice', method: 'password' })
    await assertRefused(stage, 'log-in-insufficient', () =>
      stage.sam.call('approve', { statement, proof: { kind: 'provider', logIn } }),
    )
  })

  it('is not enough where the class wants a passkey as well', async () => {
    const { statement } = await statementFor(strict)
    const logIn = await logInToApprove(idp.entry, asked(statement), { name: 'alice' })
    await assertRefused(stage, 'proof-refused', () =>
      stage.sam.call('approve', { statement, proof: { kind: 'provider', logIn } }),
    )
    await signs(strict, true)
  })
})

describe('a code on its way', () => {
  it('is of no use to whoever carries it: the SAM alone redeems it', async () => {
    const { statement, items } = await statementFor(alice)
    const logIn = await logInToApprove(idp.entry, asked(statement), { name: 'alice' })
    const { ticket } = await stage.sam.call('tickets/approve', {
      credentialId: alice.credentialId,
      clientId: CLIENT,
    })
    // Without a proof of who asks, and with something else that the SAM key signed.
    for (const shown of [{}, { client_assertion: ticket }]) {
      assert.notEqual((await redeem(logIn, shown)).status, 200)
    }
    const proof = { kind: 'provider', logIn } as const
    const approved = await stage.sam.call('approve', { statement, proof })
    assert.equal((await stage.sam.call('sign', useOf(approved, items))).signatures.length, 1)
  })

  it('goes to the approval origin and nowhere else', async () => {
    const url = new URL(idp.entry.authorizationEndpoint)
    const verifier = randomBytes(32).toString('base64url')
    const elsewhere = `${stage.deployment.urls.server}${PROVIDER_CALLBACK}`
    const parameters = {
      response_type: 'code',
      client_id: idp.entry.clientId,
      redirect_uri: elsewhere,
      scope: 'openid',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    await assert.rejects(openBrowser().visit(url.href, [elsewhere]), /answered 400/)
  })
})

function redeem(
  { code, codeVerifier }: { code: string; codeVerifier: string },
  shown: Record<string, string>,
) {
  const { urls } = stage.deployment
  return fetch(idp.entry.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: `${urls.approval}${PROVIDER_CALLBACK}`,
      client_id: idp.entry.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      ...shown,
    }),
  })
}

describe('a log-out at the provider (T-IDP-10)', () => {
  it('ends what was approved with that log-in; what is approved afterwards is signed', async () => {
    const { items, approved } = await approves(alice)
    await logOutAtProvider(idp.entry, alice.atProvider)
    await assertRefused(stage, 'log-in-ended', () => stage.sam.call('sign', useOf(approved, items)))
    await signs(alice)
    const other = await approves(mallory)
    await logOutAtProvider(idp.entry, alice.atProvider)
    assert.equal((await stage.sam.call('sign', useOf(other.approved, other.items))).signatures.length, 1)
  })

  it('is one that the provider signed: the attacker ends nothing with a token of his own', async () => {
    const url = `${stage.deployment.urls.server}/identity-providers/log-out`
    for (const token of ['a.b.c', 'nothing']) {
      const body = new URLSearchParams({ logout_token: token })
      assert.equal((await fetch(url, { method: 'POST', body })).status, 400)
    }
  })
})
