import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type CryptoModule, ModuleRefusal } from '@natsuin/crypto-module'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { ApprovalItem, SeenItem } from '@natsuin/protocol/approval'
import {
  approve,
  attestedKey,
  enrolSigner,
  evidenceOf,
  type Signer,
  seenItem,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { eventsOf, watchModule, watchStore } from '../fixture/watched.ts'
import { LABEL } from '../keys/labels.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Group, Store } from '../store/store.ts'

const notes: string[] = []
let accepts = true
/** What the module and the store do instead of their own work, when a case says so. */
let signWrapped: CryptoModule['signWrapped'] | undefined
let commit: ((group: Group, own: Store['commit']) => ReturnType<Store['commit']>) | undefined

describe('an activation (sole-control 5)', () => {
  let place: Place
  let opened: OpenPlace
  let alice: Signer
  let world: OpenPlace & Place

  before(async () => {
    place = await foundPlace()
    const real = openSqliteStore(place.storeFile)
    const own: Store['commit'] = group => real.commit(group)
    const store = watchStore(real, notes, group => (commit === undefined ? own(group) : commit(group, own)))
    const module = watchModule(place.module, notes, (...asked) =>
      signWrapped === undefined ? place.module.signWrapped(...asked) : signWrapped(...asked),
    )
    const health = () => ({ ...place.module.health, accepts })
    opened = await openPlace(place, { store, module: withHealth(module, health) })
    world = { ...place, ...opened }
    alice = await enrolSigner(world, { level: 2 })
  })
  after(() => opened.store.close())

  const approved = async (...items: ApprovalItem[]) => {
    const sad = await approve(world, alice, items)
    notes.length = 0
    return sad
  }
  const isOwn = ({ dtbs }: SeenItem, signature: Uint8Array | undefined) => {
    const key = createPublicKey({
      key: Buffer.from(attestedKey(alice.attestation)),
      format: 'der',
      type: 'spki',
    })
    return verify('sha256', dtbs, key, signature ?? new Uint8Array())
  }

  it('has granted durable before the module is asked, and completed before anything is released', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    const { signatures } = await opened.sap.sign(signRequestFor(sad, [item.dtbsr]))
    assert.deepEqual(notes, ['granted', 'module', 'completed'])
    assert.ok(isOwn(item, signatures[0]))
  })

  it('asks the module for nothing when granted could not be made durable (T-SAD-31)', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    commit = async () => {
      throw new Error('disk full')
    }
    try {
      await assertRefused('log-unavailable', opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
    } finally {
      commit = undefined
    }
    assert.ok(!notes.includes('module'))
    await assertRefused('sad-spent', opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
  })

  it('releases nothing when completed could not be made durable (T-SAD-31)', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    commit = async (group, own) => {
      if (notes.includes('module')) throw new Error('disk full')
      return own(group)
    }
    try {
      await assertRefused('log-unavailable', opened.sap.sign(signRequestFor(sad, [item.dtbsr], 'r-1')))
    } finally {
      commit = undefined
    }
    await assertRefused('outcome-unknown', opened.sap.sign(signRequestFor(sad, [item.dtbsr], 'r-1')))
  })

  it('uses the SAD up when the module fails after granted, and says so in the log', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    const request = signRequestFor(sad, [item.dtbsr], 'r-2')
    signWrapped = async () => {
      throw new ModuleRefusal('module-unavailable', 'the token was pulled out')
    }
    try {
      await assertRefused('module-unavailable', opened.sap.sign(request))
    } finally {
      signWrapped = undefined
    }
    assert.deepEqual(notes, ['granted', 'module', 'settled', 'refused'])
    await assertRefused('module-unavailable', opened.sap.sign(request))
    await assertRefused('sad-spent', opened.sap.sign({ ...request, requestId: 'r-3' }))
    assert.equal(notes.filter(note => note === 'module').length, 1)
  })

  /** What a faulty module would return for one request. */
  const FAULTS: Readonly<Record<string, (signature: Uint8Array) => Promise<Uint8Array[]>>> = {
    'a signature with one bit flipped': async signature => [signature.with(-1, (signature.at(-1) ?? 0) ^ 1)],
    'a signature by another key': async () => [
      await place.module.sign(LABEL.sam, { algorithm: 'ecdsa-sha256', digest: new Uint8Array(32).fill(1) }),
    ],
    'a signature too many': async signature => [signature, signature],
    'no signature': async () => [],
    'an empty signature': async () => [new Uint8Array()],
  }
  for (const [fault, faulty] of Object.entries(FAULTS)) {
    for (const basis of ['seen', 'unseen'] as const) {
      it(`does not release ${fault} (${basis}; T-SAD-33)`, async () => {
        const item = basis === 'seen' ? await seenItem() : unseenItem()
        // A key of its own: too many faults, and it is set aside.
        const signer = await enrolSigner(world, { level: 2 })
        const sad = await approve(world, signer, [item])
        notes.length = 0
        signWrapped = async (...asked) => {
          const [signature = new Uint8Array()] = await place.module.signWrapped(...asked)
          return faulty(signature)
        }
        try {
          await assertRefused('module-unavailable', opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
        } finally {
          signWrapped = undefined
        }
        assert.ok(!notes.includes('completed'))
      })
    }
  }

  it('uses nothing up while the module would refuse at once (T-P11-06, T-P11-07)', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    const request = signRequestFor(sad, [item.dtbsr])
    accepts = false
    await assertRefused('module-unavailable', opened.sap.sign(request))
    assert.deepEqual(notes, ['refused'])
    accepts = true
    assert.equal((await opened.sap.sign(request)).signatures.length, 1)
  })

  it('sets a key aside after three faulty signatures, and no other, before anything is used up (T-P11-09)', async () => {
    const [bob, carol] = [await enrolSigner(world, { level: 2 }), await enrolSigner(world, { level: 2 })]
    const items = Array.from({ length: 5 }, () => unseenItem())
    const sad = await approve(world, bob, items)
    const others = await approve(world, carol, items)
    const asked = (of: typeof sad, at: number) =>
      opened.sap.sign(signRequestFor(of, [items[at]?.dtbsr ?? new Uint8Array()]))
    const garbled: CryptoModule['signWrapped'] = async (...given) => {
      const [signature = new Uint8Array()] = await place.module.signWrapped(...given)
      return [signature.with(-1, (signature.at(-1) ?? 0) ^ 1)]
    }
    assert.equal((await asked(sad, 0)).signatures.length, 1)
    signWrapped = garbled
    for (const at of [1, 2, 3]) await assertRefused('module-unavailable', asked(sad, at))
    signWrapped = undefined
    notes.length = 0
    await assertRefused('module-unavailable', asked(sad, 4))
    assert.deepEqual(notes, ['refused'], 'the module was not asked, and nothing was used up')
    assert.equal((await asked(others, 4)).signatures.length, 1)
    // Refusals are recorded so many a second.
    place.clock.pass(1)
  })

  it('releases what was approved unseen, verified over its digest', async () => {
    const item = unseenItem()
    const sad = await approved(item)
    const { signatures } = await opened.sap.sign(signRequestFor(sad, [item.dtbsr]))
    assert.equal(signatures.length, 1)
  })

  it('signs representations in the order in which they are asked for, and in parts', async () => {
    const items = [await seenItem('a'), await seenItem('b'), await seenItem('c')] as const
    const sad = await approved(...items)
    const first = await opened.sap.sign(signRequestFor(sad, [items[2].dtbsr, items[0].dtbsr]))
    assert.ok(isOwn(items[2], first.signatures[0]) && isOwn(items[0], first.signatures[1]))
    const second = await opened.sap.sign(signRequestFor(sad, [items[1].dtbsr]))
    assert.ok(isOwn(items[1], second.signatures[0]))
    await assertRefused('sad-spent', opened.sap.sign(signRequestFor(sad, [items[1].dtbsr])))
  })

  it('signs a representation as often as it was approved, and no more', async () => {
    const item = await seenItem()
    const sad = await approved(item, item, await seenItem('another'))
    const twice = [item.dtbsr, item.dtbsr]
    await assertRefused('dtbsr-not-authorised', opened.sap.sign(signRequestFor(sad, [...twice, item.dtbsr])))
    assert.equal((await opened.sap.sign(signRequestFor(sad, twice))).signatures.length, 2)
    await assertRefused('dtbsr-not-authorised', opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
  })

  it('signs once when many ask at once, and refuses the others', async () => {
    const item = await seenItem()
    const sad = await approved(item)
    const asked = Array.from({ length: 30 }, () => opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
    const answers = await Promise.allSettled(asked)
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal(notes.filter(note => note === 'module').length, 1)
  })

  it('releases nothing of a credential that was revoked while the module signed', async () => {
    const mallory = await enrolSigner(world, { level: 2 })
    const item = await seenItem()
    const sad = await approve(world, mallory, [item])
    notes.length = 0
    const { credentialId } = mallory
    signWrapped = async (...asked) => {
      await opened.sap['credentials/revoke']({ credentialId, reason: 'lost' })
      return place.module.signWrapped(...asked)
    }
    try {
      await assertRefused('credential-revoked', opened.sap.sign(signRequestFor(sad, [item.dtbsr])))
    } finally {
      signWrapped = undefined
    }
    assert.deepEqual(notes, ['granted', 'module', 'credential-revoked', 'settled', 'refused'])
  })

  it('releases nothing of one that was revoked while completed was written, nor to a retry', async () => {
    const mallory = await enrolSigner(world, { level: 2 })
    const [item, released] = [await seenItem(), await seenItem('released')]
    const sad = await approve(world, mallory, [item, released])
    const done = await opened.sap.sign(signRequestFor(sad, [released.dtbsr]))
    const request = signRequestFor(sad, [item.dtbsr], 'r-4')
    const { promise: revoked, resolve } = Promise.withResolvers<Promise<unknown>>()
    commit = async (group, own) => {
      if (eventsOf(group).includes('completed')) {
        resolve(opened.sap['credentials/revoke']({ credentialId: sad.credentialId, reason: 'lost' }))
        commit = undefined
      }
      return own(group)
    }
    await assertRefused('credential-revoked', opened.sap.sign(request))
    await revoked
    assert.ok(notes.includes('completed'))
    await assertRefused('credential-revoked', opened.sap.sign(request))
    // What was released before is proved for ever.
    const { evidence } = await opened.sap.evidence(evidenceOf(done))
    assert.deepEqual(evidence.activation.dtbsr, released.dtbsr)
  })
})

describe('a repeated request to sign (threats G3)', () => {
  let place: Place
  let opened: OpenPlace
  let alice: Signer
  before(async () => {
    place = await foundPlace()
    opened = await openPlace(place, { module: watchModule(place.module, notes) })
    alice = await enrolSigner({ ...place, ...opened }, { level: 2 })
  })
  after(() => opened.store.close())

  const signed = async () => {
    const [item, other] = [await seenItem(), await seenItem('other')]
    const sad = await approve(opened, alice, [item, other])
    const request = signRequestFor(sad, [item.dtbsr], 'request-1')
    notes.length = 0
    return { request, other, first: await opened.sap.sign(request) }
  }

  it('gets the stored values, and the module is not asked again', async () => {
    const { request, first } = await signed()
    assert.deepEqual(await opened.sap.sign(request), first)
    assert.equal(notes.length, 1)
  })

  it('gets them while the first one is still under way', async () => {
    const item = await seenItem()
    const request = signRequestFor(await approve(opened, alice, [item]), [item.dtbsr], 'request-2')
    notes.length = 0
    const [first, second] = await Promise.all([opened.sap.sign(request), opened.sap.sign(request)])
    assert.deepEqual(first, second)
    assert.equal(notes.length, 1)
  })

  it('is refused when anything in it differs, and the other item stays approved', async () => {
    const { request, other } = await signed()
    const differs = [
      { dtbsrs: [other.dtbsr] },
      { dtbsrs: [...request.dtbsrs, other.dtbsr] },
      { clientId: 'other' },
      { credentialId: 'other' },
      { digestAlgorithm: 'sha384' },
      { signatureAlgorithm: 'ecdsa-sha384' satisfies SignatureAlgorithm },
    ] as const
    for (const changed of differs) {
      await assertRefused('request-differs', opened.sap.sign({ ...request, ...changed }))
    }
    const next = { ...request, dtbsrs: [other.dtbsr], requestId: 'request-3' }
    assert.equal((await opened.sap.sign(next)).signatures.length, 1)
  })

  it('without a request id is a new use', async () => {
    const { request } = await signed()
    await assertRefused('dtbsr-not-authorised', opened.sap.sign({ ...request, requestId: '' }))
  })

  it('gets the stored values from the next process too, until they expire', async () => {
    const { request, first } = await signed()
    await opened.store.close()
    opened = await openPlace(place, { module: watchModule(place.module, notes) })
    notes.length = 0
    assert.deepEqual(await opened.sap.sign(request), first)
    await assertRefused('sad-unknown', opened.sap.sign({ ...request, requestId: 'new' }))
    place.clock.pass(120 + 3600)
    await assertRefused('sad-expired', opened.sap.sign(request))
    assert.deepEqual(notes, [])
  })

  it('gets nothing once the credential is revoked', async () => {
    const { request } = await signed()
    await opened.sap['credentials/revoke']({ credentialId: request.credentialId, reason: 'lost' })
    await assertRefused('credential-revoked', opened.sap.sign(request))
  })
})

function withHealth(module: CryptoModule, health: () => CryptoModule['health']): CryptoModule {
  return new Proxy(module, {
    get: (target, name) => (name === 'health' ? health() : Reflect.get(target, name)),
  })
}
