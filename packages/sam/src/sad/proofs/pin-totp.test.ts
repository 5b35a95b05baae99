import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type Box, closeBox, enrolTicket, peekJws } from '@natsuin/protocol/approval'
import { leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  approveStatementBytes,
  byPasskey,
  classOf,
  codeAt,
  enrolStatementBytes,
  register,
  showMeans,
  shownCodes,
} from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { newPinVerifier } from '../../codes/pin-verifier.ts'
import { approvingOf } from '../../fixture/approving.ts'
import {
  ALICE,
  approval,
  attestedKey,
  certify,
  invite,
  MALLORY,
  signRequestFor,
  unseenItem,
} from '../../fixture/people.ts'
import {
  ACTIVITY_LOG,
  breakOff,
  foundPlace,
  type OpenPlace,
  ORIGIN,
  openPlace,
  type Place,
} from '../../fixture/place.ts'
import { assertRefused, assertRefuses } from '../../fixture/refusals.ts'
import { closeSam } from '../../open-sam.ts'
import { openPinTotpProof } from './pin-totp.ts'

type World = OpenPlace & Place

const PIN = '830512'

async function newWorld(): Promise<World> {
  const classes = [
    classOf(1, { approvals: ['pin-totp', 'passkey'] }),
    classOf(2, { approvals: ['pin-totp'] }),
  ]
  const place = await foundPlace({ founding: { classes } })
  return { ...place, ...(await openPlace(place)) }
}

interface Person {
  readonly signerId: string
  readonly credentialId: string
  readonly secret: Uint8Array
}

const seconds = ({ clock }: Pick<World, 'clock'>) => Math.floor(clock.wall() / 1000)

async function enrolPerson(world: World, subject = ALICE): Promise<Person> {
  const { grantId, enrolmentKey } = await invite(world, subject, 2)
  const { ticket } = await world.sap['tickets/enrol']({ grantId })
  const statement = enrolStatementBytes(ticket)
  const { secret, pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) })
  const enrolled = await world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey))
  return linked(world, enrolled, subject, secret)
}

async function linked(
  world: World,
  { signerId, credentialId, keyAttestation }: Awaited<ReturnType<World['sap']['enrol']>>,
  subject: typeof ALICE,
  secret: Uint8Array,
): Promise<Person> {
  const certificates = await certify(attestedKey(keyAttestation), subject)
  await world.sap['certificates/link']({ credentialId, certificates })
  // The code of the enrolment is used up.
  world.clock.pass(60)
  return { signerId, credentialId, secret }
}

interface Guess {
  readonly pin?: string
  readonly code?: string
  /** Steps from now. */
  readonly drift?: number
}

async function answerBy(world: World, { credentialId, secret }: Person, guess: Guess = {}) {
  const { pin = PIN, drift = 0, code = codeAt(secret, seconds(world) + 30 * drift) } = guess
  const { ticket } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
  const item = unseenItem()
  const statement = approveStatementBytes(ticket, [item])
  return { dtbsrs: [item.dtbsr], request: { statement, proof: { kind: 'pin-totp', pin, code } as const } }
}

async function approveBy(world: World, person: Person, guess: Guess = {}) {
  const { request } = await answerBy(world, person, guess)
  return world.sap.approve(request)
}

/** A code that is not the right one, nor one of its neighbours. */
function wrongCode(world: World, { secret }: Person): string {
  const right = [-1, 0, 1].map(drift => codeAt(secret, seconds(world) + 30 * drift))
  return ['111222', '333444', '555666', '777888'].find(code => !right.includes(code)) ?? '999000'
}

async function attempts({ sam, store }: World): Promise<number> {
  const rows = await store.rows(ACTIVITY_LOG, 0, sam.logs.activity.size)
  return rows.filter(row => readStrictJson(row.leaf, leaf).event === 'attempted').length
}

describe('PIN and code (sole-control 7)', () => {
  let world: World
  let alice: Person
  before(async () => {
    world = await newWorld()
    alice = await enrolPerson(world)
  })
  after(() => world.store.close())

  it('approve what they were given for, once', async () => {
    const { dtbsrs, request } = await answerBy(world, alice)
    const sad = await world.sap.approve(request)
    assert.equal((await world.sap.sign(signRequestFor(sad, dtbsrs))).signatures.length, 1)
    await assertRefused('ticket-spent', world.sap.approve(request))
  })

  it('are both needed, and the refusal does not say which was wrong', async () => {
    world.clock.pass(60)
    await assertRefused('pin-or-code-wrong', approveBy(world, alice, { pin: '830513' }))
    await assertRefused('pin-or-code-wrong', approveBy(world, alice, { code: wrongCode(world, alice) }))
    await approveBy(world, alice)
  })

  it('T-OTP-03: a code is good once, and no earlier one is good afterwards', async () => {
    world.clock.pass(120)
    const earlier = await answerBy(world, alice, { drift: -1 })
    await approveBy(world, alice)
    await assertRefused('pin-or-code-wrong', approveBy(world, alice))
    await assertRefused('pin-or-code-wrong', world.sap.approve(earlier.request))
    world.clock.pass(30)
    await approveBy(world, alice)
  })

  it('T-OTP-03: of two approvals at once with one code, one is accepted', async () => {
    world.clock.pass(60)
    const both = [await answerBy(world, alice), await answerBy(world, alice)]
    const answers = await Promise.allSettled(both.map(({ request }) => world.sap.approve(request)))
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('T-OTP-03: a code that was right when it was compared is used up by what was accepted meanwhile', async () => {
    world.clock.pass(60)
    const { request } = await answerBy(world, alice)
    const approving = await approvingOf(world.sam, request.statement)
    const loadOne = () => openPinTotpProof(request.proof).load(world.sam, approving)
    const [first, second] = [await loadOne(), await loadOne()]
    first.check()
    first.take()
    assertRefuses('pin-or-code-wrong', () => second.check())
  })

  it('T-OTP-04: a clock that somebody set back makes no code good again', async () => {
    const own = await newWorld()
    const person = await enrolPerson(own)
    const used = codeAt(person.secret, seconds(own))
    await approveBy(own, person)
    own.clock.setBy(-300)
    await assertRefused('pin-or-code-wrong', approveBy(own, person))
    own.clock.setBy(300)
    await assertRefused('pin-or-code-wrong', approveBy(own, person, { code: used }))
    await breakOff(own)
  })

  it('T-OTP-05: are the signer’s own: another one’s approve nothing', async () => {
    const mallory = await enrolPerson(world, MALLORY)
    world.clock.pass(60)
    const code = codeAt(mallory.secret, seconds(world))
    await assertRefused('pin-or-code-wrong', approveBy(world, alice, { code }))
    await approveBy(world, alice)
  })

  it('T-OTP-05: approve what the ticket and the statement name: with other digests they are spent for those', async () => {
    world.clock.pass(60)
    const { request } = await answerBy(world, alice)
    const sad = await world.sap.approve(request)
    const other = signRequestFor(sad, [new Uint8Array(randomBytes(32))])
    await assertRefused('dtbsr-not-authorised', world.sap.sign(other))
  })

  it('T-OTP-08: neither is in the record, in the log or in any refusal', async () => {
    world.clock.pass(60)
    const code = codeAt(alice.secret, seconds(world))
    const { sadId } = await approveBy(world, alice)
    const { proof } = await world.sam.records.need('approval', sadId)
    assert.deepEqual(proof, { kind: 'pin-totp', step: Math.floor(seconds(world) / 30) })
    const database = new DatabaseSync(world.storeFile, { readOnly: true })
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    for (const { name: table } of tables) {
      for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) {
        const text = Object.values(row).map(value =>
          Buffer.from(value instanceof Uint8Array ? value : String(value)).toString('latin1'),
        )
        for (const secret of [`"${PIN}"`, `"${code}"`]) assert.ok(!text.join().includes(secret))
      }
    }
    database.close()
  })
})

describe('guessing', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  it('T-OTP-01: ends after five, for a quarter of an hour; then there are five more, and twenty in a day', async () => {
    const alice = await enrolPerson(world)
    const guess = () => approveBy(world, alice, { code: wrongCode(world, alice) })
    for (let row = 0; row < 4; row++) {
      for (let i = 0; i < 5; i++) await assertRefused('pin-or-code-wrong', guess())
      await assertRefused('means-locked', guess())
      // The right ones do not help either.
      await assertRefused('means-locked', approveBy(world, alice))
      world.clock.pass(899)
      await assertRefused('means-locked', approveBy(world, alice))
      world.clock.pass(1)
    }
    await assertRefused('means-locked', approveBy(world, alice))
    world.clock.pass(86_400)
    await approveBy(world, alice)
  })

  it('T-OTP-01: the right ones in between start the five anew, and leave the day', async () => {
    const alice = await enrolPerson(world)
    for (let row = 0; row < 5; row++) {
      for (let i = 0; i < 4; i++) {
        await assertRefused('pin-or-code-wrong', approveBy(world, alice, { pin: '830519' }))
      }
      world.clock.pass(30)
      if (row < 4) await approveBy(world, alice)
    }
    await assertRefused('means-locked', approveBy(world, alice))
  })

  it('T-OTP-02: of many at once, five are compared', async () => {
    const alice = await enrolPerson(world)
    const before = await attempts(world)
    const guesses = await Promise.all(
      Array.from({ length: rounds('parallelGuesses') }, () =>
        answerBy(world, alice, { code: wrongCode(world, alice) }),
      ),
    )
    const answers = await Promise.allSettled(guesses.map(({ request }) => world.sap.approve(request)))
    assert.ok(answers.every(({ status }) => status === 'rejected'))
    assert.equal((await attempts(world)) - before, 5)
    await assertRefused('means-locked', approveBy(world, alice))
  })

  it('T-OTP-02: an attempt is on disk before anything is compared: a restart gives none back', async () => {
    const place = await foundPlace({ founding: { classes: [classOf(2, { approvals: ['pin-totp'] })] } })
    let opened: World = { ...place, ...(await openPlace(place)) }
    const alice = await enrolPerson(opened)
    for (let i = 0; i < 5; i++) {
      const guess = approveBy(opened, alice, { code: wrongCode(opened, alice) })
      await assertRefused('pin-or-code-wrong', guess)
      await closeSam(opened.sam)
      await opened.store.close()
      opened = { ...place, ...(await openPlace(place)) }
    }
    await assertRefused('means-locked', approveBy(opened, alice))
    await opened.store.close()
  })

  it('T-OTP-01: a lock is in the log: rows that are put back take it from nobody', async () => {
    const place = await foundPlace({ founding: { classes: [classOf(2, { approvals: ['pin-totp'] })] } })
    const opened: World = { ...place, ...(await openPlace(place)) }
    const alice = await enrolPerson(opened)
    for (let i = 0; i < 5; i++) {
      await assertRefused('pin-or-code-wrong', approveBy(opened, alice, { pin: '830519' }))
    }
    await closeSam(opened.sam)
    await opened.store.close()
    const database = new DatabaseSync(place.storeFile)
    database.exec("DELETE FROM records WHERE kind = 'tried'")
    database.close()
    const again: World = { ...place, ...(await openPlace(place)) }
    await assertRefused('means-locked', approveBy(again, alice))
    await again.store.close()
  })

  it('T-OTP-06: locks PIN and code alone: the passkey of the same signer approves', async () => {
    const { grantId, enrolmentKey } = await invite(world, ALICE, 1)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    const statement = enrolStatementBytes(ticket)
    const device = createSoftwareAuthenticator()
    const { means } = await register(statement, enrolmentKey, { device, origin: ORIGIN })
    const { secret, pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) })
    const request = await showMeans(statement, { ...means, pinTotp }, enrolmentKey)
    const alice = await linked(world, await world.sap.enrol(request), ALICE, secret)
    await approveBy(world, alice)
    for (let i = 0; i < 5; i++) {
      await assertRefused('pin-or-code-wrong', approveBy(world, alice, { pin: '830519' }))
    }
    await assertRefused('means-locked', approveBy(world, alice))
    const { credentialId } = alice
    await world.sap.approve(byPasskey(await approval(world, { device, credentialId }, [unseenItem()])))
  })

  it('T-PIN-01: whoever has the database, even opened, has nothing to try PINs against', async () => {
    const alice = await enrolPerson(world)
    const { pinTotp } = await world.sam.records.need('signer', alice.signerId)
    assert.ok(pinTotp)
    // The thief has salt and verifier, and a module of his own in the place of the one that he has not.
    const other = await foundPlace()
    for (const pin of [PIN, '000000']) {
      const { verifier } = await newPinVerifier(other.module, pin)
      assert.notDeepEqual(verifier, pinTotp.verifier)
    }
    assert.equal(pinTotp.verifier.length, 32)
  })
})

describe('enrolment of PIN and code', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.store.close())

  async function invited() {
    const { grantId, enrolmentKey } = await invite(world, ALICE, 2)
    const { ticket } = await world.sap['tickets/enrol']({ grantId })
    return { enrolmentKey, ticket, statement: enrolStatementBytes(ticket) }
  }

  it('is in a box that the ticket names the key of, and that no other process opens', async () => {
    const { enrolmentKey, ticket, statement } = await invited()
    const { boxKey } = peekJws(ticket, 'natsuin-ticket', enrolTicket)
    assert.deepEqual(boxKey, world.sam.boxKey.point)
    const { pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) })
    const place = await foundPlace()
    const elsewhere = await openPlace(place)
    assert.equal(elsewhere.sam.boxKey.open(pinTotp.box, digestSync('sha256', statement)), undefined)
    assert.ok(world.sam.boxKey.open(pinTotp.box, digestSync('sha256', statement)))
    await world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey))
    await elsewhere.store.close()
  })

  it('refuses a box of another enrolment, and one with any bit changed', async () => {
    const { enrolmentKey, ticket, statement } = await invited()
    const other = await invited()
    const { pinTotp: foreign } = await shownCodes(other.statement, other.ticket, {
      pin: PIN,
      now: seconds(world),
    })
    const moved = await showMeans(statement, { pinTotp: foreign }, enrolmentKey)
    await assertRefused('box-unreadable', world.sap.enrol(moved))
    const { pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) })
    for (const member of ['ephemeral', 'nonce', 'ciphertext'] as const) {
      const box: Box = {
        ...pinTotp.box,
        [member]: pinTotp.box[member].map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
      }
      const changed = await showMeans(statement, { pinTotp: { box } }, enrolmentKey)
      await assertRefused('box-unreadable', world.sap.enrol(changed))
    }
    await world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey))
  })

  it('refuses PINs that are guessed first, other than six to twelve digits, and a code that the app does not show', async () => {
    const { enrolmentKey, ticket, statement } = await invited()
    for (const pin of ['111111', '123456', '987654', '12345', '1234567890123', '12345a']) {
      const { pinTotp } = await shownCodes(statement, ticket, { pin, now: seconds(world) })
      await assertRefused('malformed', world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey)))
    }
    const { pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) + 90 })
    await assertRefused(
      'pin-or-code-wrong',
      world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey)),
    )
  })

  it('uses up the code that was shown: it approves nothing', async () => {
    const { enrolmentKey, ticket, statement } = await invited()
    const { secret, pinTotp } = await shownCodes(statement, ticket, { pin: PIN, now: seconds(world) })
    const enrolled = await world.sap.enrol(await showMeans(statement, { pinTotp }, enrolmentKey))
    const { credentialId, signerId, keyAttestation } = enrolled
    const certificates = await certify(attestedKey(keyAttestation), ALICE)
    await world.sap['certificates/link']({ credentialId, certificates })
    const person = { credentialId, signerId, secret }
    await assertRefused('pin-or-code-wrong', approveBy(world, person))
    world.clock.pass(30)
    await approveBy(world, person)
  })

  it('puts nothing into a box that is not JSON of its shape', async () => {
    const { enrolmentKey, ticket, statement } = await invited()
    const { boxKey = assert.fail() } = peekJws(ticket, 'natsuin-ticket', enrolTicket)
    const box = await closeBox(utf8('{}'), boxKey, digestSync('sha256', statement))
    await assertRefused(
      'malformed',
      world.sap.enrol(await showMeans(statement, { pinTotp: { box } }, enrolmentKey)),
    )
  })
})
