/**
 * Seals that nobody sits in front of (sole-control 7), on their way through a server that is not honest.
 *
 * The attacker has `server` whole, a client of his own with its secret, and an organisation of his own with a seal key.
 * He carries tickets and seals as he likes. He has no seal key of the victim's. Each attempt has a twin that passes.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import {
  approveStatementBytes,
  bySeal,
  classOf,
  ECDSA_SHA256_OID,
  enrolSealer,
  newSealKey,
  ORGANISATION,
  openApplication,
  openBrowser,
  PageRefused,
  REDIRECT_URI,
  type Sealer,
  sealedToken,
  sealOver,
  testDocuments,
} from '@natsuin/testing/deployment'
import { assertRefused, openStage, type Stage, useOf } from './stage.ts'

const SEALS = classOf(2, { id: 'seals', approvals: ['seal-key'] })
const VICTIM = {
  id: 'victim',
  name: 'Victim',
  redirectUris: [REDIRECT_URI],
  secret: 'a secret: with + and %',
}
const ATTACKER = { id: 'attacker', name: 'Attacker', redirectUris: [REDIRECT_URI], secret: 'another secret' }
const OPEN = { id: 'application', name: 'Open', redirectUris: [REDIRECT_URI] }

let stage: Stage
let victim: Sealer
let attacker: Sealer
before(async () => {
  stage = await openStage({ classes: [classOf(3), SEALS], clients: [OPEN, VICTIM, ATTACKER] })
  victim = await enrolSealer(stage.deployment, ORGANISATION, SEALS.id)
  const own = { ...ORGANISATION, commonName: 'Attacker K.K.', organizationIdentifier: 'NTRJP-2' }
  attacker = await enrolSealer(stage.deployment, own, SEALS.id)
})
after(() => stage.close())

function newItem() {
  const [document = assert.fail()] = testDocuments(1)
  const { dtbsr } = document
  return { item: { basis: 'unseen', label: 'invoice', dtbsr } as const, hash: document.digest.hash, dtbsr }
}

/** A statement under a ticket that the attacker fetched, as a sealer would write it. */
async function statementFor({ credentialId }: Sealer, clientId = VICTIM.id) {
  const { item, dtbsr } = newItem()
  const { ticket } = await stage.sam.call('tickets/approve', { credentialId, clientId })
  return { statement: approveStatementBytes(ticket, [item]), items: [{ dtbsr }], ticket }
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

const askSeals = (path: string, body: object, headers: Readonly<Record<string, string>>) =>
  openBrowser().post(`${stage.deployment.urls.server}/natsuin/v1/seals${path}`, body, headers)

describe('a seal through an honest server', () => {
  it('has the key sign by signatures/signHash, without anybody', async () => {
    const { item, hash } = newItem()
    const token = await sealedToken(stage.deployment, VICTIM, victim, [item])
    const application = openApplication(stage.deployment, { clientId: VICTIM.id })
    const request = { credentialID: victim.credentialId, hashes: [hash], signAlgo: ECDSA_SHA256_OID }
    const { status, body } = await application.call('signatures/signHash', request, token)
    assert.equal(status, 200)
    assert.equal((body as { signatures: string[] }).signatures.length, 1)
    assert.equal((await application.call('signatures/signHash', request, token)).status, 400, 'not twice')
  })

  it('is for clients that prove who they are: none without a secret, or with a wrong one', async () => {
    const body = { credentialID: victim.credentialId }
    const wrong = [{}, basic(VICTIM.id, 'wrong'), basic(OPEN.id, ''), basic('nobody', VICTIM.secret)]
    for (const headers of wrong) {
      await assert.rejects(
        askSeals('/ticket', body, headers),
        (error: unknown) =>
          error instanceof PageRefused && error.status === 401 && error.code === 'invalid_client',
      )
    }
    const { ticket } = await askSeals('/ticket', body, basic(VICTIM.id, VICTIM.secret))
    assert.equal(typeof ticket, 'string')
  })

  it('is not carried by another client than the one whom its ticket names', async () => {
    const { statement } = await statementFor(victim)
    const sealed = { statement: toBase64url(statement), seal: sealOver(statement, victim.sealKey) }
    await assert.rejects(askSeals('', sealed, basic(ATTACKER.id, ATTACKER.secret)), PageRefused)
    const { token_type: type } = await askSeals('', sealed, basic(VICTIM.id, VICTIM.secret))
    assert.equal(type, 'Bearer')
  })
})

describe('a seal through a server that is the attacker’s', () => {
  it('is no seal by any other key: a new one, the attacker’s own, or the server’s word', async () => {
    const { statement, items } = await statementFor(victim)
    for (const key of [newSealKey(), attacker.sealKey]) {
      await assertRefused(stage, 'seal-invalid', () => stage.sam.call('approve', bySeal(statement, key)))
    }
    const sad = await stage.sam.call('approve', bySeal(statement, victim.sealKey))
    await stage.sam.call('sign', useOf(sad, items))
  })

  it('covers the digests, their order and their number: with others it is none', async () => {
    const [one, two] = [newItem(), newItem()]
    const { ticket } = await statementFor(victim)
    const honest = approveStatementBytes(ticket, [one.item, two.item])
    const seal = sealOver(honest, victim.sealKey)
    const others = [[two.item, one.item], [one.item], [one.item, two.item, newItem().item]]
    for (const items of others) {
      const statement = approveStatementBytes(ticket, items)
      const proof = { kind: 'seal-key', seal } as const
      await assertRefused(stage, 'seal-invalid', () => stage.sam.call('approve', { statement, proof }))
    }
    await stage.sam.call('approve', { statement: honest, proof: { kind: 'seal-key', seal } })
  })

  it('is good for one approval (T-SAD-01)', async () => {
    const { statement } = await statementFor(victim)
    const sealed = bySeal(statement, victim.sealKey)
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => stage.sam.call('approve', sealed)),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    await assertRefused(stage, 'ticket-spent', () => stage.sam.call('approve', sealed))
  })

  it('is for its client alone: another one cannot use it (T-SAD-14)', async () => {
    const { statement, items } = await statementFor(victim)
    const sad = await stage.sam.call('approve', bySeal(statement, victim.sealKey))
    const stolen = { ...useOf(sad, items), clientId: ATTACKER.id }
    await assertRefused(stage, 'sad-other-client', () => stage.sam.call('sign', stolen))
    await stage.sam.call('sign', useOf(sad, items))
  })

  it('approves nothing that a person approves with a passkey', async () => {
    const { credentialId } = stage.alice
    const { ticket } = await stage.sam.call('tickets/approve', { credentialId, clientId: VICTIM.id })
    const statement = approveStatementBytes(ticket, [newItem().item])
    const sealed = bySeal(statement, attacker.sealKey)
    await assertRefused(stage, 'proof-refused', () => stage.sam.call('approve', sealed))
  })
})
