import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, describe, it } from 'node:test'
import { verifyDigest } from '@natsuin/crypto-module'
import type { RepresentationItem } from '@natsuin/protocol/approval'
import type { SapRefusal, SapRequest } from '@natsuin/protocol/sap'
import { rounds } from '@natsuin/testing/rounds'
import type { FailpointName } from '../failpoints.ts'
import {
  approve,
  attestedKey,
  enrolSigner,
  MALLORY,
  type Signer,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import {
  ACTIVITY_LOG,
  breakOff,
  foundPlace,
  type OpenPlace,
  openPlace,
  type Place,
} from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchModule } from '../fixture/watched.ts'
import { closeSam } from '../open-sam.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

/** One note for each time that a signer's key was used. */
const uses: string[] = []
let atFailpoint: (name: FailpointName) => Promise<void> = async () => {}

describe('a request to sign (sole-control 5)', () => {
  let world: OpenPlace & Place
  let alice: Signer
  before(async () => {
    const place = await foundPlace()
    const module = watchModule(place.module, uses)
    world = { ...place, ...(await openPlace(place, { module, failpoint: name => atFailpoint(name) })) }
    alice = await enrolSigner(world, { level: 1 })
  })
  after(() => world.store.close())
  afterEach(() => {
    uses.length = 0
    atFailpoint = async () => {}
  })

  const requestFor = async (items: readonly RepresentationItem[], requestId = '') =>
    signRequestFor(
      await approve(world, alice, items),
      items.map(({ dtbsr }) => dtbsr),
      requestId,
    )
  /** By a SAM of its own, whose clock may be set. */
  const approvedElsewhere = async () => {
    const place = await foundPlace()
    const own = { ...place, ...(await openPlace(place)) }
    const item = unseenItem()
    const sad = await approve(own, await enrolSigner(own, { level: 1 }), [item])
    return { own, request: signRequestFor(sad, [item.dtbsr]) }
  }
  const random = (length: number) => new Uint8Array(randomBytes(length))

  const wrong: readonly (readonly [string, SapRefusal, Partial<SapRequest<'sign'>>])[] = [
    ['another client’s SAD', 'sad-other-client', { clientId: 'other' }],
    ['a SAD for another credential', 'sad-other-credential', { credentialId: 'another' }],
    ['a SAD that nobody issued', 'sad-unknown', { sad: randomBytes(32).toString('base64url') }],
    ['another digest algorithm than was approved', 'algorithm-mismatch', { digestAlgorithm: 'sha384' }],
    ['a signature algorithm of another digest', 'algorithm-mismatch', { signatureAlgorithm: 'ecdsa-sha384' }],
    [
      'a signature algorithm of another kind of key',
      'algorithm-mismatch',
      { signatureAlgorithm: 'rsa-sha256' },
    ],
    ['a representation that was not approved', 'dtbsr-not-authorised', { dtbsrs: [random(32)] }],
    ['a digest too short', 'digest-length', { dtbsrs: [random(20)] }],
    ['a digest too long', 'digest-length', { dtbsrs: [random(48)] }],
    ['a DigestInfo in place of a digest', 'digest-length', { dtbsrs: [random(51)] }],
    ['more than was approved', 'multisign-exceeded', { dtbsrs: [random(32), random(32)] }],
  ]
  for (const [what, code, members] of wrong) {
    it(`refuses ${what}: ${code}; nothing is spent and no key is used`, async () => {
      const request = await requestFor([unseenItem()])
      await assertRefused(code, world.sap.sign({ ...request, ...members }))
      assert.equal(uses.length, 0)
      const { signatures } = await world.sap.sign(request)
      const [digest = random(0), signature = random(0)] = [request.dtbsrs[0], signatures[0]]
      const key = { type: 'ec-p256', spki: attestedKey(alice.attestation) } as const
      assert.ok(verifyDigest(key, { algorithm: 'ecdsa-sha256', digest }, signature))
    })
  }

  it('refuses a digest that differs in any one bit', async () => {
    const request = await requestFor([unseenItem()])
    const [dtbsr = random(0)] = request.dtbsrs
    for (let bit = 0; bit < 256; bit++) {
      const flipped = dtbsr.with(bit >> 3, (dtbsr[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
      await assertRefused('dtbsr-not-authorised', world.sap.sign({ ...request, dtbsrs: [flipped] }))
    }
    assert.equal(uses.length, 0)
  })

  it('refuses one representation twice where two were approved (T-SAD-06)', async () => {
    const request = await requestFor([unseenItem(), unseenItem()])
    const [first = random(0)] = request.dtbsrs
    await assertRefused('dtbsr-not-authorised', world.sap.sign({ ...request, dtbsrs: [first, first] }))
    await world.sap.sign({ ...request, dtbsrs: [first] })
    await assertRefused('dtbsr-not-authorised', world.sap.sign({ ...request, dtbsrs: [first] }))
  })

  it('is for one of 200 at once, as often as it is tried (T-SAD-02)', async () => {
    for (let round = 0; round < rounds('race'); round++) {
      uses.length = 0
      const request = await requestFor([unseenItem()])
      const answers = await Promise.allSettled(Array.from({ length: 200 }, () => world.sap.sign(request)))
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
      assert.equal(uses.length, 1)
    }
  })

  it('never exceeds what was approved, whatever forty at once ask for (T-SAD-03)', async () => {
    const items = Array.from({ length: 5 }, () => unseenItem())
    const request = await requestFor(items)
    const parts = Array.from({ length: 40 }, (_, i) => request.dtbsrs.slice(i % 4, (i % 4) + 1 + (i % 3)))
    const answers = await Promise.allSettled(parts.map(dtbsrs => world.sap.sign({ ...request, dtbsrs })))
    const granted = parts.filter((_, i) => answers[i]?.status === 'fulfilled').flat()
    assert.ok(granted.length > 0)
    assert.equal(new Set(granted).size, granted.length)
  })

  it('is refused at the second of expiry and granted one second before (T-SAD-15)', async () => {
    const request = await requestFor([unseenItem(), unseenItem()])
    const [first = random(0), second = random(0)] = request.dtbsrs
    world.clock.pass(119)
    await world.sap.sign({ ...request, dtbsrs: [first] })
    world.clock.pass(1)
    await assertRefused('sad-expired', world.sap.sign({ ...request, dtbsrs: [second] }))
  })

  it('is refused for ever once the expiry was seen, though the clock is set back (T-SAD-16)', async () => {
    const { own, request } = await approvedElsewhere()
    own.clock.pass(120)
    await assertRefused('sad-expired', own.sap.sign(request))
    own.clock.setBy(-100)
    await assertRefused('sad-expired', own.sap.sign(request))
    await breakOff(own)
  })

  it('expires also while the wall clock stands still or in the past (T-DUR-06)', async () => {
    const { own, request } = await approvedElsewhere()
    own.clock.pass(121)
    own.clock.setBy(-3600)
    await assertRefused('sad-expired', own.sap.sign(request))
    await breakOff(own)
  })

  for (const point of ['granted', 'module-signed', 'completed'] as const) {
    it(`releases nothing of a credential that was revoked at ${point}, nor to a retry`, async () => {
      const signer = await enrolSigner(world, { level: 1, subject: MALLORY })
      const items = [unseenItem()]
      const sad = await approve(world, signer, items)
      const request = signRequestFor(
        sad,
        items.map(({ dtbsr }) => dtbsr),
        `fence-${point}`,
      )
      atFailpoint = async name => {
        const { credentialId } = signer
        if (name === point) await world.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
      }
      await assertRefused('credential-revoked', world.sap.sign(request))
      await assert.rejects(world.sap.sign(request))
      assert.equal(uses.length, point === 'granted' ? 0 : 1)
    })
  }

  it('joins the same one that is under way, and refuses another one in its name', async () => {
    const [one, other] = [unseenItem(), unseenItem()]
    const request = await requestFor([one, other], 'under way')
    const first = { ...request, dtbsrs: [one.dtbsr] }
    const gate = Promise.withResolvers<void>()
    atFailpoint = async name => {
      if (name === 'granted') await gate.promise
    }
    const answers = [world.sap.sign(first), world.sap.sign(first)]
    await assertRefused('request-differs', world.sap.sign({ ...request, dtbsrs: [other.dtbsr] }))
    gate.resolve()
    const [mine, joined] = await Promise.all(answers)
    assert.deepEqual(mine, joined)
    assert.equal(uses.length, 1)
  })

  it('that a crash left open is settled as unknown: burnt, and no key is used again', async () => {
    const place = await foundPlace()
    const module = watchModule(place.module, uses)
    const stopped = Promise.withResolvers<void>()
    const failpoint = async (name: FailpointName) => {
      if (name !== 'module-signed') return
      stopped.resolve()
      await new Promise(() => {})
    }
    const first = { ...place, ...(await openPlace(place, { module, failpoint })) }
    const items = [unseenItem(), unseenItem()]
    const sad = await approve(first, await enrolSigner(first, { level: 1 }), items)
    const [one = random(0), other = random(0)] = items.map(({ dtbsr }) => dtbsr)
    const request = signRequestFor(sad, [one], 'crashed')
    void first.sap.sign(request)
    await stopped.promise
    await first.store.close()
    const second = await openPlace(place, { module })
    await assertRefused('outcome-unknown', second.sap.sign(request))
    await assertRefused('sad-unknown', second.sap.sign({ ...request, dtbsrs: [other], requestId: '' }))
    assert.equal(uses.length, 1)
    await second.store.close()
  })

  for (const [what, edit] of [
    ['took its record away', "DELETE FROM records WHERE kind = 'activation'"],
    ['edited its record', "UPDATE records SET sealed = zeroblob(100) WHERE kind = 'activation'"],
  ] as const) {
    it(`that a crash left open is settled in the log alone when somebody ${what}`, async () => {
      const place = await foundPlace()
      const granted = Promise.withResolvers<void>()
      const failpoint = async (name: FailpointName) => {
        if (name !== 'granted') return
        granted.resolve()
        await new Promise(() => {})
      }
      const first = { ...place, ...(await openPlace(place, { failpoint })) }
      const item = unseenItem()
      const sad = await approve(first, await enrolSigner(first, { level: 1 }), [item])
      void first.sap.sign(signRequestFor(sad, [item.dtbsr], 'crashed'))
      await granted.promise
      await first.store.close()
      {
        using database = new DatabaseSync(place.storeFile)
        database.exec(edit)
      }
      const second = await openPlace(place)
      const rows = await second.store.rows(ACTIVITY_LOG, 0, 100)
      const events = rows.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()).event)
      assert.deepEqual(
        events.filter(event => event === 'granted' || event === 'settled'),
        ['granted', 'settled'],
      )
      await second.store.close()
    })
  }

  it('whose outcome could not be written gets it as soon as the log takes it again', async () => {
    const place = await foundPlace()
    const store = openSqliteStore(place.storeFile)
    const { commit } = store
    let isFull = false
    store.commit = async group =>
      isFull ? { outcome: 'not-committed', cause: new Error('the disk is full') } : commit.call(store, group)
    const failpoint = async (name: FailpointName) => {
      if (name === 'module-signed') isFull = true
    }
    const own = { ...place, ...(await openPlace(place, { store, failpoint })) }
    const item = unseenItem()
    const sad = await approve(own, await enrolSigner(own, { level: 1 }), [item])
    await assert.rejects(own.sap.sign(signRequestFor(sad, [item.dtbsr], 'full')))
    isFull = false
    await closeSam(own.sam)
    const rows = await store.rows(ACTIVITY_LOG, 0, 100)
    const last = JSON.parse(Buffer.from(rows.at(-1)?.leaf ?? '').toString())
    assert.deepEqual([last.event, last.outcome], ['settled', 'unknown'])
    await store.close()
  })
})
