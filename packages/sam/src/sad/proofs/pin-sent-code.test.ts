import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { approveTicket, peekJws } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  approveStatementBytes,
  classOf,
  enrolStatementBytes,
  register,
  showMeans,
  shownAddress,
} from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import {
  ALICE,
  attestedKey,
  certify,
  enrolSigner,
  invite,
  MALLORY,
  signRequestFor,
  unseenItem,
} from '../../fixture/people.ts'
import { breakOff, foundPlace, type OpenPlace, ORIGIN, openPlace, type Place } from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'

type World = OpenPlace & Place

const PIN = '830512'
const ADDRESS = 'alice@example.org'
const SENT = classOf(1, { approvals: ['pin-sent-code'] })
const EITHER = classOf(1, { id: 'level-2', approvals: ['passkey', 'pin-sent-code'] })

async function newWorld(): Promise<World> {
  const place = await foundPlace({ founding: { classes: [SENT, EITHER, classOf(3)] } })
  return { ...place, ...(await openPlace(place)) }
}

/** @param inClass of which the id has this number */
async function invited(world: World, subject = ALICE, inClass: 1 | 2 = 1) {
  const { grantId, enrolmentKey } = await invite(world, subject, inClass)
  const { ticket } = await world.sap['tickets/enrol']({ grantId })
  return { ticket, enrolmentKey, statement: enrolStatementBytes(ticket) }
}

/** The id of a credential that has its certificate. */
async function linked(
  world: World,
  enrolled: Awaited<ReturnType<World['sap']['enrol']>>,
  subject = ALICE,
): Promise<string> {
  const { credentialId, keyAttestation } = enrolled
  const certificates = await certify(attestedKey(keyAttestation), subject)
  await world.sap['certificates/link']({ credentialId, certificates })
  return credentialId
}

async function enrolPerson(world: World, subject = ALICE): Promise<string> {
  const { ticket, enrolmentKey, statement } = await invited(world, subject)
  const pinSentCode = await shownAddress(statement, ticket, { pin: PIN, address: ADDRESS })
  return linked(
    world,
    await world.sap.enrol(await showMeans(statement, { pinSentCode }, enrolmentKey)),
    subject,
  )
}

const sendCode = (world: World, credentialId: string) =>
  world.sap['tickets/sent-code']({ credentialId, clientId: 'app' })

function answerTo(ticket: string, given: { readonly pin?: string; readonly code: string }) {
  const item = unseenItem()
  const statement = approveStatementBytes(ticket, [item])
  return {
    dtbsrs: [item.dtbsr],
    request: { statement, proof: { kind: 'pin-sent-code', pin: PIN, ...given } as const },
  }
}

const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('PIN and a code that is sent (sole-control 7)', () => {
  let world: World
  let alice: string
  before(async () => {
    world = await newWorld()
    alice = await enrolPerson(world)
  })
  after(() => world.store.close())

  it('approve what they were given for, once', async () => {
    const { ticket, code, address } = await sendCode(world, alice)
    assert.equal(address, ADDRESS)
    assert.match(code, /^[0-9]{6}$/)
    assert.equal(peekJws(ticket, 'natsuin-ticket', approveTicket).level, 1)
    const { dtbsrs, request } = answerTo(ticket, { code })
    const sad = await world.sap.approve(request)
    assert.equal((await world.sap.sign(signRequestFor(sad, dtbsrs))).signatures.length, 1)
    await assertRefused('ticket-spent', world.sap.approve(request))
  })

  it('are both needed, and the refusal does not say which was wrong', async () => {
    world.clock.pass(600)
    const { ticket, code } = await sendCode(world, alice)
    const wrong = answerTo(ticket, { pin: '830513', code })
    await assertRefused('pin-or-code-wrong', world.sap.approve(wrong.request))
    await assertRefused(
      'pin-or-code-wrong',
      world.sap.approve(answerTo(ticket, { code: otherThan(code) }).request),
    )
    await world.sap.approve(answerTo(ticket, { code }).request)
  })

  it('T-OTP-05: a code is for its own ticket: neither another one of the same signer, nor a ticket without a code, takes it', async () => {
    world.clock.pass(600)
    const [first, second] = [await sendCode(world, alice), await sendCode(world, alice)]
    const { ticket: without } = await world.sap['tickets/approve']({ credentialId: alice, clientId: 'app' })
    if (first.code !== second.code) {
      await assertRefused(
        'pin-or-code-wrong',
        world.sap.approve(answerTo(second.ticket, { code: first.code }).request),
      )
    }
    await assertRefused(
      'pin-or-code-wrong',
      world.sap.approve(answerTo(without, { code: first.code }).request),
    )
    await world.sap.approve(answerTo(first.ticket, { code: first.code }).request)
  })

  it('T-OTP-03: is good for minutes only', async () => {
    world.clock.pass(600)
    const { ticket, code } = await sendCode(world, alice)
    world.clock.pass(SENT.ticketSeconds)
    await assertRefused('ticket-expired', world.sap.approve(answerTo(ticket, { code }).request))
  })

  it('T-OTP-05: nobody gets a code for a credential that is approved otherwise', async () => {
    const { credentialId } = await enrolSigner(world, { subject: MALLORY })
    await assertRefused('proof-refused', sendCode(world, credentialId))
  })

  it('T-OTP-07: three are sent in ten minutes, however many are asked for; then three more', async () => {
    const mallory = await enrolPerson(world, MALLORY)
    const asked = await Promise.allSettled(
      Array.from({ length: rounds('parallelGuesses') }, () => sendCode(world, mallory)),
    )
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 3)
    await assertRefused('codes-too-many', sendCode(world, mallory))
    // Somebody else still gets his.
    world.clock.pass(600)
    await sendCode(world, alice)
    await sendCode(world, mallory)
  })

  it('T-OTP-08: neither PIN, code nor address is in the log, and of the address nothing is in the evidence', async () => {
    world.clock.pass(600)
    const { ticket, code } = await sendCode(world, alice)
    const { sadId } = await world.sap.approve(answerTo(ticket, { code }).request)
    const { proof, signerId } = await world.sam.records.need('approval', sadId)
    assert.deepEqual(proof, { kind: 'pin-sent-code' })
    const enrolment = JSON.stringify(await world.sam.records.need('enrolment', signerId))
    assert.ok(!enrolment.includes(ADDRESS))
    const database = new DatabaseSync(world.storeFile, { readOnly: true })
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    for (const { name: table } of tables) {
      for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) {
        const text = Object.values(row).map(value =>
          Buffer.from(value instanceof Uint8Array ? value : String(value)).toString('latin1'),
        )
        for (const secret of [`"${PIN}"`, `"${code}"`, ADDRESS]) assert.ok(!text.join().includes(secret))
      }
    }
    database.close()
  })
})

describe('guessing a code that was sent', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  it('T-OTP-01: ends after five wrong ones in a row, over all tickets; then nothing is sent either', async () => {
    const alice = await enrolPerson(world)
    const [first, second] = [await sendCode(world, alice), await sendCode(world, alice)]
    for (const { ticket, code } of [first, second, first, second, first]) {
      const guess = answerTo(ticket, { code: otherThan(code) })
      await assertRefused('pin-or-code-wrong', world.sap.approve(guess.request))
    }
    const right = answerTo(second.ticket, { code: second.code })
    await assertRefused('means-locked', world.sap.approve(right.request))
    await assertRefused('means-locked', sendCode(world, alice))
    world.clock.pass(900)
    const { ticket, code } = await sendCode(world, alice)
    await world.sap.approve(answerTo(ticket, { code }).request)
  })

  it('T-OTP-02: of many at once, five are compared', async () => {
    const alice = await enrolPerson(world)
    const { ticket, code } = await sendCode(world, alice)
    const guesses = Array.from({ length: rounds('parallelGuesses') }, () =>
      world.sap.approve(answerTo(ticket, { code: otherThan(code) }).request),
    )
    const answers = await Promise.allSettled(guesses)
    const codes = answers.map(answer => (answer.status === 'rejected' ? answer.reason.code : 'approved'))
    assert.equal(codes.filter(one => one === 'pin-or-code-wrong').length, 5)
    assert.ok(!codes.includes('approved'))
  })

  it('a code dies with the process that made it', async () => {
    const own = await newWorld()
    const alice = await enrolPerson(own)
    const { ticket, code } = await sendCode(own, alice)
    await breakOff(own)
    const again = { ...own, ...(await openPlace(own)) }
    await assertRefused('ticket-foreign', again.sap.approve(answerTo(ticket, { code }).request))
    await again.store.close()
  })

  it('T-OTP-06: locks PIN and code alone: the passkey of the same signer may approve', async () => {
    const { ticket, enrolmentKey, statement } = await invited(world, ALICE, 2)
    const device = createSoftwareAuthenticator()
    const { means } = await register(statement, enrolmentKey, { device, origin: ORIGIN })
    const pinSentCode = await shownAddress(statement, ticket, { pin: PIN, address: ADDRESS })
    const shown = await showMeans(statement, { ...means, pinSentCode }, enrolmentKey)
    const alice = await linked(world, await world.sap.enrol(shown))
    const sent = await sendCode(world, alice)
    for (let i = 0; i < 5; i++) {
      const guess = answerTo(sent.ticket, { code: otherThan(sent.code) })
      await assertRefused('pin-or-code-wrong', world.sap.approve(guess.request))
    }
    const { allow } = await world.sap['tickets/approve']({ credentialId: alice, clientId: 'app' })
    assert.equal(allow.length, 1)
  })
})

describe('enrolment for codes that are sent', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  it('refuses PINs that are guessed first and addresses that are none', async () => {
    const { ticket, enrolmentKey, statement } = await invited(world)
    const wrong = [
      { pin: '123456', address: ADDRESS },
      { pin: PIN, address: 'alice' },
      { pin: PIN, address: 'alice@example.org, mallory@example.org' },
      { pin: PIN, address: 'alice@example.org\r\nBcc: mallory@example.org' },
    ]
    for (const chosen of wrong) {
      const pinSentCode = await shownAddress(statement, ticket, chosen)
      await assertRefused(
        'malformed',
        world.sap.enrol(await showMeans(statement, { pinSentCode }, enrolmentKey)),
      )
    }
    const pinSentCode = await shownAddress(statement, ticket, { pin: PIN, address: ADDRESS })
    await world.sap.enrol(await showMeans(statement, { pinSentCode }, enrolmentKey))
  })

  it('refuses a box of another enrolment', async () => {
    const [one, other] = [await invited(world), await invited(world)]
    const pinSentCode = await shownAddress(other.statement, other.ticket, { pin: PIN, address: ADDRESS })
    const moved = await showMeans(one.statement, { pinSentCode }, one.enrolmentKey)
    await assertRefused('box-unreadable', world.sap.enrol(moved))
  })
})
