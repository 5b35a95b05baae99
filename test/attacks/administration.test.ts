/**
 * The roster changed by fewer than have to agree (T-ADM-02, -03, -05, -07, -08; sole-control 8).
 *
 * The attacker holds `server` and is one security officer: his passkey is genuine, he sees every request and every
 * ticket, and carries everybody's answers.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { AdministrativeRequest, Change } from '@natsuin/protocol/administration'
import type { SapResponse } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator, type Deviations } from '@natsuin/testing/authenticator'
import {
  type AdministrativeChannel,
  type Answered,
  APPROVAL_HOST,
  administerStatementBytes,
  answer,
  approvalBy,
  classOf,
  grantFor,
  grantStatementBytes,
  loadDevice,
  openAdministration,
  ProcessEnded,
  propose,
  saveDevice,
} from '@natsuin/testing/deployment'
import {
  assertRefused,
  databaseOf,
  flipped,
  openStage,
  type Stage,
  startSam,
  stopSam,
  withDatabase,
} from './stage.ts'

const ATTACKER = 'security-officer-1'
const HONEST = ['security-officer-2', 'security-officer-3'] as const

let stage: Stage
let channel: AdministrativeChannel
before(async () => {
  stage = await openStage({ classes: [classOf(3), classOf(2)] })
  channel = openAdministration(stage.deployment)
})
after(async () => {
  channel.close()
  await stage.close()
})

/** Makes the attacker a quorum of his own. */
const COUP: Change = { kind: 'quorum-set', quorum: 2 }
const HARMLESS: Change = { kind: 'class-set', class: classOf(2) }

const proposed = async (...changes: Change[]) => propose(channel, { kind: 'amend', changes })
type Ticket = SapResponse<'tickets/administer'>
const ticketFor = (requestId: string, personId: string): Promise<Ticket> =>
  stage.sam.call('tickets/administer', { requestId, personId })

interface How {
  readonly origin?: string
  readonly deviations?: Deviations
  readonly request?: AdministrativeRequest
}

/** What somebody's device says to a ticket. */
function answered(owner: string, { ticket, request }: Ticket, how: How = {}): Answered {
  const { directory, urls } = stage.deployment
  const device = loadDevice(directory, owner)
  const { origin = urls.approval, deviations } = how
  const statement = administerStatementBytes(ticket, how.request ?? request)
  const said = answer(statement, { device, origin, ...(deviations && { deviations }) })
  saveDevice(directory, owner, device) // its signature counter moved on
  return said
}

const approves = (personId: string, requestId: string) =>
  approvalBy(stage.deployment, stage.sam, requestId, personId).then(one => stage.sam.call('administer', one))
const version = async () => (await channel.call('roster/read', {})).roster.version

/** The attack is refused, and no roster came of it. */
async function assertNoAmendment(code: Parameters<typeof assertRefused>[1], attempt: () => Promise<unknown>) {
  const before = await version()
  await assertRefused(stage, code, attempt)
  assert.equal(await version(), before)
  assert.equal(stage.leaves('roster-amended').length, before - 1)
}

describe('one security officer against dual control (T-ADM-02)', () => {
  it('changes nothing alone, and something with another', async () => {
    const { requestId } = await proposed(HARMLESS)
    assert.equal((await approves(ATTACKER, requestId)).done, false)
    const before = await version()
    assert.equal((await approves(HONEST[0], requestId)).done, true)
    assert.equal(await version(), before + 1)
  })

  it('does not approve twice: one after the other, at once, or with the same answer again', async () => {
    const { requestId } = await proposed(COUP)
    const tickets = [await ticketFor(requestId, ATTACKER), await ticketFor(requestId, ATTACKER)]
    const answers = tickets.map(ticket => answered(ATTACKER, ticket))
    const results = await Promise.allSettled(answers.map(one => stage.sam.call('administer', one)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    await assertNoAmendment('request-approved-already', () => ticketFor(requestId, ATTACKER))
    const [first] = answers
    assert.ok(first)
    await assertNoAmendment('ticket-spent', () => stage.sam.call('administer', first))
  })

  it('does not use somebody’s approval of one request for another', async () => {
    const [harmless, coup] = [await proposed(HARMLESS), await proposed(COUP)]
    const own = await ticketFor(coup.requestId, HONEST[0])
    const other = await ticketFor(harmless.requestId, HONEST[0])
    // The honest officer approved what he was shown; the attacker changes which of the two it was for.
    const mixed = { ...answered(HONEST[0], own, { request: other.request }) }
    await assertNoAmendment('request-differs', () => stage.sam.call('administer', mixed))
    const approved = answered(HONEST[0], other)
    const relabelled = { ...approved, statement: administerStatementBytes(own.ticket, own.request) }
    await assertNoAmendment('challenge-mismatch', () => stage.sam.call('administer', relabelled))
    await stage.sam.call('administer', approved)
  })

  it('does not change a request after somebody approved it', async () => {
    const { requestId } = await proposed(HARMLESS)
    const ticket = await ticketFor(requestId, HONEST[0])
    const coup = { ...ticket.request, act: { kind: 'amend', changes: [COUP] } } as const
    await assertNoAmendment('request-differs', () =>
      stage.sam.call('administer', answered(HONEST[0], ticket, { request: coup })),
    )
    const longer = { ...ticket.request, notAfter: ticket.request.notAfter + 1 }
    await assertNoAmendment('request-differs', () =>
      stage.sam.call('administer', answered(HONEST[0], ticket, { request: longer })),
    )
    await stage.sam.call('administer', answered(HONEST[0], ticket))
  })

  it('does not answer for somebody else', async () => {
    const { requestId } = await proposed(COUP)
    const ticket = await ticketFor(requestId, HONEST[0])
    await assertNoAmendment('authenticator-unknown', () =>
      stage.sam.call('administer', answered(ATTACKER, ticket)),
    )
    const forged = answered(ATTACKER, ticket)
    const [credentialId] = ticket.allow
    assert.ok(credentialId)
    const renamed = { ...forged, assertion: { ...forged.assertion, credentialId } }
    await assertNoAmendment('assertion-invalid', () => stage.sam.call('administer', renamed))
    await stage.sam.call('administer', answered(HONEST[0], ticket))
  })

  it('has no say in what is about himself', async () => {
    const { requestId } = await proposed({ kind: 'person-remove', personId: ATTACKER })
    await assertNoAmendment('request-about-oneself', () => ticketFor(requestId, ATTACKER))
  })
})

describe('an approval from elsewhere (T-ADM-02, T-ADM-05)', () => {
  it('is refused from another origin, in a frame, without user verification, and as another ceremony', async () => {
    const { requestId } = await proposed(HARMLESS)
    const wrong = [
      ['origin-mismatch', { origin: stage.deployment.urls.server }],
      ['cross-origin', { deviations: { crossOrigin: true } }],
      ['user-not-verified', { deviations: { flags: { userVerified: false } } }],
      ['ceremony-type', { deviations: { type: 'webauthn.create' } }],
    ] as const
    for (const [code, how] of wrong) {
      const ticket = await ticketFor(requestId, HONEST[0])
      await assertNoAmendment(code, () => stage.sam.call('administer', answered(HONEST[0], ticket, how)))
    }
    await stage.sam.call('administer', answered(HONEST[0], await ticketFor(requestId, HONEST[0])))
  })

  it('has one form, the answer of a passkey: no code and no password is one (T-ADM-05)', async () => {
    const { requestId } = await proposed(HARMLESS)
    const { statement } = answered(HONEST[0], await ticketFor(requestId, HONEST[0]))
    for (const proof of [{ pin: '123456', otp: '123456' }, { assertion: '123456' }, {}]) {
      const { status, body } = await rawCall({
        statement: Buffer.from(statement).toString('base64url'),
        ...proof,
      })
      assert.deepEqual([status, body], [422, { refusal: 'malformed' }])
    }
  })

  it('needs a device that the person registered', async () => {
    const device = createSoftwareAuthenticator()
    const { requestId } = await proposed(HARMLESS)
    const { ticket, request } = await ticketFor(requestId, HONEST[0])
    device.register({
      rpId: APPROVAL_HOST,
      origin: stage.deployment.urls.approval,
      challenge: new Uint8Array(32),
    })
    const statement = administerStatementBytes(ticket, request)
    const own = answer(statement, { device, origin: stage.deployment.urls.approval })
    await assertNoAmendment('authenticator-unknown', () => stage.sam.call('administer', own))
  })
})

/** What the SAM says to JSON that no client of ours would send. */
function rawCall(body: unknown): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>()
  const socketPath = join(stage.deployment.directory, 'sam.sock')
  const outgoing = request({ socketPath, path: '/administer', method: 'POST' }, response => {
    json(response).then(answer => resolve({ status: response.statusCode ?? 0, body: answer }), reject)
  })
  outgoing.on('error', reject)
  outgoing.end(JSON.stringify(body))
  return promise
}

describe('more than was asked for (T-ADM-03)', () => {
  it('is not taken: members that no change has, kinds that there are not, and ids of another kind', async () => {
    const { requestId } = await proposed(HARMLESS)
    const ticket = await ticketFor(requestId, HONEST[0])
    const acts = [
      { kind: 'amend', changes: [{ ...HARMLESS, roles: ['security-officer'] }] },
      { kind: 'amend', changes: [{ kind: 'person-roles', personId: ATTACKER, roles: ['everything'] }] },
      { kind: 'amend', changes: [{ kind: 'roster-set', roster: {} }] },
      { kind: 'amend', changes: [] },
      { kind: 'become-root' },
    ]
    for (const act of acts) {
      const request_ = { ...ticket.request, act } as unknown as AdministrativeRequest
      await assertNoAmendment('malformed', () =>
        stage.sam.call('administer', answered(HONEST[0], ticket, { request: request_ })),
      )
    }
    await stage.sam.call('administer', answered(HONEST[0], ticket))
  })

  it('is not had under another’s id: each person’s ticket, each request, each way round', async () => {
    const { requestId } = await proposed(HARMLESS)
    const ids = [
      'auditor',
      'administrator',
      'operator',
      'officer-1',
      stage.alice.signerId,
      'nobody',
      requestId,
    ]
    for (const id of ids) {
      const known = stage.deployment.plan.people.some(person => person.id === id)
      await assertNoAmendment(known ? 'role-refused' : 'person-unknown', () => ticketFor(requestId, id))
    }
    await assertNoAmendment('request-unknown', () => ticketFor(stage.alice.credentialId, HONEST[0]))
    const { ticket } = await stage.sam.call('tickets/grant', { officerId: 'officer-1' })
    const { request: asked } = await ticketFor(requestId, HONEST[0])
    const own = answered(HONEST[0], { ...(await ticketFor(requestId, HONEST[0])), ticket, request: asked })
    await assertNoAmendment('ticket-purpose', () => stage.sam.call('administer', own))
  })
})

describe('somebody who has been removed (T-ADM-08)', () => {
  it('is refused at the next call, with the tickets that he holds and with new ones', async () => {
    const [waiting, removal] = [
      await proposed(HARMLESS),
      await proposed({ kind: 'person-remove', personId: ATTACKER }),
    ]
    const held = answered(ATTACKER, await ticketFor(waiting.requestId, ATTACKER))
    const vouching = await stage.sam.call('tickets/grant', { officerId: 'officer-3' })
    for (const person of HONEST) await approves(person, removal.requestId)
    await assertRefused(stage, 'roster-changed', () => stage.sam.call('administer', held))
    const { requestId } = await proposed({ kind: 'person-remove', personId: 'officer-3' })
    await assertRefused(stage, 'person-unknown', () => ticketFor(requestId, ATTACKER))
    for (const person of HONEST) await approves(person, requestId)
    const device = loadDevice(stage.deployment.directory, 'officer-3')
    const grant = grantFor(
      { commonName: 'Somebody' },
      classOf(2),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    )
    const options = { device, origin: stage.deployment.urls.approval }
    const approvals = [answer(grantStatementBytes(vouching.ticket, grant), options)]
    await assertRefused(stage, 'person-unknown', () => stage.sam.call('grants/submit', { approvals }))
  })

  it('stays removed when the SAM restarts, also when the database says otherwise (T-ADM-07)', async () => {
    const { version: newest } = (await channel.call('roster/read', {})).roster
    channel.close()
    await stopSam(stage)
    const database = databaseOf(stage.deployment, 'sam')
    const read = (id: number) =>
      withDatabase(database, db =>
        db.prepare("SELECT sealed FROM records WHERE kind = 'roster' AND id = ?").get(String(id)),
      )?.['sealed']
    const [first, last] = [read(1), read(newest)]
    const write = (sealed: unknown) =>
      withDatabase(database, db =>
        db
          .prepare("UPDATE records SET sealed = ? WHERE kind = 'roster' AND id = ?")
          .run(sealed as Uint8Array, String(newest)),
      )
    write(first)
    await assert.rejects(startSam(stage), ProcessEnded)
    write(last)
    stage = await startSam(stage)
    channel = openAdministration(stage.deployment)
    const { requestId } = await proposed({ kind: 'quorum-set', quorum: 2 })
    await assertRefused(stage, 'person-unknown', () => ticketFor(requestId, ATTACKER))
  })
})

describe('the stored roster, changed while the SAM runs (T-ADM-07)', () => {
  it('is noticed by whoever needs a role next, and changes nothing', async () => {
    const { requestId } = await proposed({ kind: 'quorum-set', quorum: 2 })
    const database = databaseOf(stage.deployment, 'sam')
    const sealed = withDatabase(database, db =>
      db
        .prepare(
          "SELECT id, sealed FROM records WHERE kind = 'roster' ORDER BY length(id) DESC, id DESC LIMIT 1",
        )
        .get(),
    )
    const flip = (bytes: unknown) =>
      withDatabase(database, db =>
        db
          .prepare("UPDATE records SET sealed = ? WHERE kind = 'roster' AND id = ?")
          .run(bytes as Uint8Array, String(sealed?.['id'])),
      )
    flip(flipped(sealed?.['sealed'] as Uint8Array))
    await assertRefused(stage, 'record-altered', () =>
      stage.sam.call('tickets/grant', { officerId: 'officer-1' }),
    )
    await assertRefused(stage, 'record-altered', () => ticketFor(requestId, HONEST[0]))
    flip(sealed?.['sealed'])
    await ticketFor(requestId, HONEST[0])
    await stage.sam.call('tickets/grant', { officerId: 'officer-1' })
  })
})
