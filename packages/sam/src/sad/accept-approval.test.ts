import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type ApprovalItem, toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { type SapRefusal, sapMethods } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import type { Deviations } from '@natsuin/testing/authenticator'
import { type Answered, answer, approveStatementBytes, byPasskey, classOf } from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import {
  approval,
  approve,
  enrolSigner,
  MALLORY,
  type Signer,
  seenItem,
  unseenItem,
} from '../fixture/people.ts'
import {
  ACTIVITY_LOG,
  breakOff,
  foundPlace,
  type OpenPlace,
  ORIGIN,
  openPlace,
  type Place,
} from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

interface Wrong {
  /** Members of the statement to replace. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly deviations?: Deviations
  readonly origin?: string
}

describe('approve (sole-control 4)', () => {
  let world: OpenPlace & Place
  let alice: Signer
  let mallory: Signer
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
    alice = await enrolSigner(world, { level: 1 })
    mallory = await enrolSigner(world, { level: 1, subject: MALLORY })
  })
  after(() => world.store.close())

  const ticketFor = ({ credentialId }: Signer, clientId = 'app') =>
    world.sap['tickets/approve']({ credentialId, clientId })

  /** Alice's answer with one thing wrong. */
  async function wrongly({ members = {}, deviations = {}, origin = ORIGIN }: Wrong): Promise<Answered> {
    const { ticket } = await ticketFor(alice)
    const honest = JSON.parse(Buffer.from(approveStatementBytes(ticket, [unseenItem()])).toString())
    return answer(writeJson({ ...honest, ...members }), { device: alice.device, origin, deviations })
  }

  it('turns an approval by the signer’s authenticator into a SAD for exactly those items', async () => {
    const { sad, sadId, expiresAt, ...named } = await approve(world, alice, [unseenItem(), await seenItem()])
    assert.equal(Buffer.from(sad, 'base64url').length, 32)
    assert.match(sadId, /^[A-Za-z0-9_-]{22}$/)
    assert.equal(expiresAt, Math.floor(world.clock.wall() / 1000) + 120)
    const { signerId, credentialId } = alice
    assert.deepEqual(named, { signerId, credentialId, clientId: 'app', numSignatures: 2 })
  })

  it('keeps nothing on disk from which the bearer value follows', async () => {
    const { sad, sadId } = await approve(world, alice, [unseenItem()])
    const { digest } = await world.sam.records.need('sad', sadId)
    assert.deepEqual(digest, digestSync('sha256', utf8(sad)))
  })

  const wrong: readonly (readonly [string, SapRefusal, Wrong])[] = [
    ['an answer for another origin', 'origin-mismatch', { origin: 'http://localhost:8080' }],
    ['an origin with another port', 'origin-mismatch', { origin: 'http://approve.localhost:8082' }],
    ['an origin with a trailing dot', 'origin-mismatch', { origin: 'http://approve.localhost.:8081' }],
    ['an answer given in a frame', 'cross-origin', { deviations: { crossOrigin: true } }],
    [
      'an answer that names a top origin',
      'cross-origin',
      { deviations: { topOrigin: 'https://evil.example' } },
    ],
    ['an answer for another RP ID', 'rp-mismatch', { deviations: { hashedRpId: 'localhost' } }],
    ['the answer of another ceremony', 'ceremony-type', { deviations: { type: 'webauthn.create' } }],
    [
      'an answer without user verification',
      'user-not-verified',
      { deviations: { flags: { userVerified: false } } },
    ],
    [
      'an answer without user presence',
      'user-not-verified',
      { deviations: { flags: { userPresent: false } } },
    ],
    [
      'a backup state without eligibility',
      'authenticator-policy',
      { deviations: { flags: { backupState: true } } },
    ],
    [
      'a backup eligibility that was not registered',
      'authenticator-policy',
      { deviations: { flags: { backupEligible: true, backupState: true } } },
    ],
    ['a signature counter that went back', 'counter-regression', { deviations: { counter: 1 } }],
    ['a signature counter that disappeared', 'counter-regression', { deviations: { counter: 0 } }],
    ['more signatures than items', 'count-mismatch', { members: { numSignatures: 2 } }],
    ['an algorithm that is not the key’s', 'algorithm-mismatch', { members: { digestAlgorithm: 'sha384' } }],
    ['a statement of another purpose', 'malformed', { members: { purpose: 'enrol' } }],
    ['a statement with a member more', 'malformed', { members: { extra: 1 } }],
  ]
  for (const [what, code, wrongOne] of wrong) {
    it(`refuses ${what}: ${code}`, async () => {
      await approve(world, alice, [unseenItem()])
      await assertRefused(code, world.sap.approve(byPasskey(await wrongly(wrongOne))))
    })
  }

  it('refuses a representation of another length than its digest algorithm’s', async () => {
    for (const length of [48, 64]) {
      const item: ApprovalItem = { basis: 'unseen', label: 'x', dtbsr: new Uint8Array(randomBytes(length)) }
      await assertRefused('digest-length', approve(world, alice, [item]))
    }
  })

  it('allows as many signatures as the class does, and not one more', async () => {
    const items = (count: number) => Array.from({ length: count }, () => unseenItem())
    assert.equal((await approve(world, alice, items(5))).numSignatures, 5)
    await assertRefused('multisign-exceeded', approve(world, alice, items(6)))
  })

  it('refuses an item that was seen when its parts do not belong together', async () => {
    const [item, other] = [await seenItem(), await seenItem()]
    await approve(world, alice, [item])
    const notAttributes = Uint8Array.of(0x31, 0)
    const inconsistent: readonly ApprovalItem[] = [
      { ...item, dtbsr: other.dtbsr },
      { ...item, dtbs: other.dtbs },
      { ...item, documentDigest: other.documentDigest },
      { ...item, dtbs: notAttributes, dtbsr: digestSync('sha256', notAttributes) },
      { ...item, dtbs: item.documentDigest, dtbsr: digestSync('sha256', item.documentDigest) },
    ]
    for (const wrongItem of inconsistent) {
      await assertRefused('dtbs-mismatch', approve(world, alice, [wrongItem]))
    }
  })

  it('refuses another signer’s authenticator under one’s own ticket', async () => {
    const { ticket } = await ticketFor(alice)
    const statement = approveStatementBytes(ticket, [unseenItem()])
    const byMallory = answer(statement, { device: mallory.device, origin: ORIGIN })
    await assertRefused('authenticator-unknown', world.sap.approve(byPasskey(byMallory)))
  })

  it('refuses an authenticator that claims another’s credential id', async () => {
    const { ticket, allow } = await ticketFor(alice)
    const statement = approveStatementBytes(ticket, [unseenItem()])
    const { assertion } = answer(statement, { device: mallory.device, origin: ORIGIN })
    const [credentialId = new Uint8Array()] = allow
    const forged = { statement, assertion: { ...assertion, credentialId } }
    await assertRefused('assertion-invalid', world.sap.approve(byPasskey(forged)))
  })

  it('refuses a statement that is not the one the authenticator answered', async () => {
    const { statement, assertion } = await approval(world, alice, [unseenItem()])
    const other = await approval(world, alice, [unseenItem()])
    const mixed = { statement: other.statement, assertion }
    await assertRefused('challenge-mismatch', world.sap.approve(byPasskey(mixed)))
    await world.sap.approve(byPasskey({ statement, assertion }))
  })

  it('refuses a proof of a kind that there is not', async () => {
    const { statement, assertion } = await approval(world, alice, [unseenItem()])
    const { approve: shapes } = sapMethods
    const asked = (kind: string) =>
      shapes.request(toWire({ statement, proof: { kind, assertion } }), 'approve')
    assert.throws(() => asked('assertion'), { code: 'malformed' })
    await world.sap.approve(asked('passkey'))
  })

  it('accepts an answer once', async () => {
    const answered = await approval(world, alice, [unseenItem()])
    await world.sap.approve(byPasskey(answered))
    await assertRefused('ticket-spent', world.sap.approve(byPasskey(answered)))
  })

  it('accepts one of fifty parallel copies of an answer', async () => {
    const answered = await approval(world, alice, [unseenItem()])
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => world.sap.approve(byPasskey(answered))),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  for (const [failures, outcome] of [
    [9, 'accepted'],
    [10, 'ticket-spent'],
  ] as const) {
    it(`does not spend a ticket on refused answers: after ${failures} the right one is ${outcome}`, async () => {
      const { ticket } = await ticketFor(alice)
      const statement = approveStatementBytes(ticket, [unseenItem()])
      const from = (origin: string) =>
        world.sap.approve(byPasskey(answer(statement, { device: alice.device, origin })))
      for (let i = 0; i < failures; i++) await assertRefused('origin-mismatch', from('http://evil.example'))
      await (outcome === 'accepted' ? from(ORIGIN) : assertRefused(outcome, from(ORIGIN)))
    })
  }

  it('refuses whatever has one byte changed, and nothing of it is a fault', async () => {
    const answered = await approval(world, alice, [await seenItem()])
    const { statement, assertion } = answered
    const withByte = (bytes: Uint8Array, at: number, flip: number) => bytes.with(at, (bytes[at] ?? 0) ^ flip)
    const parts = { statement, ...assertion }
    const part = fc.constantFrom(...(Object.keys(parts) as (keyof typeof parts)[])) // its own keys
    const mutation = fc.tuple(part, fc.nat(), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(mutation, async ([name, where, flip]) => {
        const { statement: bytes, ...rest } = {
          ...parts,
          [name]: withByte(parts[name], where % parts[name].length, flip),
        }
        await assert.rejects(world.sap.approve(byPasskey({ statement: bytes, assertion: rest })), Refusal)
      }),
      { numRuns: rounds('mutation') / 10, seed: seed() },
    )
  })

  it('refuses a ticket with one character changed', async () => {
    const { ticket } = await ticketFor(alice)
    const position = fc.nat({ max: ticket.length - 1 })
    await fc.assert(
      fc.asyncProperty(position, fc.constantFrom(...'AQgw-_09z'), async (at, character) => {
        fc.pre(ticket[at] !== character && ticket[at] !== '.')
        const changed = ticket.slice(0, at) + character + ticket.slice(at + 1)
        const statement = approveStatementBytes(changed, [unseenItem()])
        const answered = answer(statement, { device: alice.device, origin: ORIGIN })
        await assertRefused('ticket-invalid', world.sap.approve(byPasskey(answered)))
      }),
      { numRuns: rounds('property') / 2, seed: seed() },
    )
  })

  it('says in the log what it refused and why, and nothing of a malformed message', async () => {
    world.clock.pass(1)
    const before = world.sam.logs.activity.size
    await assertRefused(
      'cross-origin',
      world.sap.approve(byPasskey(await wrongly({ deviations: { crossOrigin: true } }))),
    )
    await assertRefused('malformed', world.sap.approve(byPasskey(await wrongly({ members: { v: 2 } }))))
    const rows = await world.store.rows(ACTIVITY_LOG, before, 10)
    assert.deepEqual(
      rows.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString())),
      [{ event: 'refused', at: world.clock.wall(), operation: 'approve', reason: 'cross-origin' }],
    )
  })

  it('refuses unknown clients and credentials', async () => {
    await ticketFor(alice, 'other')
    await assertRefused('client-unknown', ticketFor(alice, 'stranger'))
    await assertRefused('credential-unknown', ticketFor({ ...alice, credentialId: 'nobody' }))
  })

  it('at level 3 accepts what was seen, and refuses what was not', async () => {
    const strict = await enrolSigner(world, { level: 3 })
    await approve(world, strict, [await seenItem()])
    await assertRefused('basis-refused', approve(world, strict, [await seenItem(), unseenItem()]))
  })

  it('takes a basis where the class of the credential does', async () => {
    const place = await foundPlace({ founding: { classes: [classOf(1, { bases: ['seen'] }), classOf(3)] } })
    const other = { ...place, ...(await openPlace(place)) }
    const strict = await enrolSigner(other, { level: 1 })
    await approve(other, strict, [await seenItem()])
    await assertRefused('basis-refused', approve(other, strict, [unseenItem()]))
    await other.store.close()
  })

  it('at level 3 enrols no authenticator whose key can leave the device, as lower levels do', async () => {
    await enrolSigner(world, { level: 2, backupEligible: true })
    await assertRefused('authenticator-policy', enrolSigner(world, { level: 3, backupEligible: true }))
  })

  it('at level 3 authorises nothing once the clocks have parted, as lower levels still do', async () => {
    const place = await foundPlace()
    const other = { ...place, ...(await openPlace(place)) }
    const [strict, plain] = [await enrolSigner(other, { level: 3 }), await enrolSigner(other, { level: 1 })]
    const answered = await approval(other, strict, [await seenItem()])
    place.clock.setBy(-3)
    await assertRefused('time-untrusted', other.sap.approve(byPasskey(answered)))
    await assertRefused('time-untrusted', approval(other, strict, [await seenItem()]))
    await approve(other, plain, [unseenItem()])
    await breakOff(other)
  })
})
