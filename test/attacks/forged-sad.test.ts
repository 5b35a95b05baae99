/** A SAD that is forged, guessed, stolen, lent or worn out signs nothing (T-SAD-01, 12 to 15, 18 to 20). */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { enrolSigner, type Signer } from '@natsuin/testing/deployment'
import {
  approved,
  assertRefused,
  assertSignatures,
  BRIEF,
  databaseOf,
  OTHER_CLIENT,
  openStage,
  type Stage,
  seenItems,
  signs,
  useOf,
  withDatabase,
} from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const sign = (...given: Parameters<typeof useOf>) => stage.sam.call('sign', useOf(...given))

describe('a SAD', () => {
  it('signs what was approved, when everything about it is right', () => signs(stage, stage.alice))

  it('is refused once spent (T-SAD-01)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    await sign(sad, items)
    await assertRefused(stage, 'sad-spent', () => sign(sad, items))
  })

  it('gives a retry the stored values, and refuses another request under its id (T-SAD-01)', async () => {
    const items = await seenItems('first.pdf', 'second.pdf')
    const sad = await approved(stage, stage.alice, items)
    const [first, second] = [items.slice(0, 1), items.slice(1)]
    const { signatures } = await sign(sad, first, { requestId: 'one' })
    const before = stage.keyUses()
    assert.deepEqual((await sign(sad, first, { requestId: 'one' })).signatures, signatures)
    assert.deepEqual(stage.keyUses(), before)
    await assertRefused(stage, 'request-differs', () => sign(sad, second, { requestId: 'one' }))
    await assertSignatures(
      stage,
      stage.alice,
      second,
      (await sign(sad, second, { requestId: 'two' })).signatures,
    )
  })

  it('is needed (T-SAD-20)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    await assertRefused(stage, 'malformed', () => sign({ ...sad, sad: '' }, items))
    await sign(sad, items)
  })

  it('is not guessed, and not a neighbour of a real one (T-SAD-18, T-SAD-19)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    const neighbours = Array.from(sad.sad, (character, i) => {
      const other = character === 'A' ? 'B' : 'A'
      return sad.sad.slice(0, i) + other + sad.sad.slice(i + 1)
    })
    const guesses = [randomBytes(32).toString('base64url'), sad.sad.slice(0, -1), `${sad.sad}A`, ' ', 'null']
    for (const guess of [...neighbours, ...guesses]) {
      await assertRefused(stage, 'sad-unknown', () => sign({ ...sad, sad: guess }, items), guess)
    }
    await sign(sad, items)
  })

  it('is not what the databases hold of it (T-SAD-19)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    const written = withDatabase(databaseOf(stage.deployment, 'sam'), database =>
      database.prepare("SELECT id, sealed FROM records WHERE kind = 'sad' AND id = ?").get(sad.sadId),
    )
    const sealed = written?.['sealed']
    assert.ok(sealed instanceof Uint8Array)
    for (const known of [sad.sadId, Buffer.from(sealed).toString('base64url').slice(0, 43)]) {
      await assertRefused(stage, 'sad-unknown', () => sign({ ...sad, sad: known }, items))
    }
    await sign(sad, items)
  })

  it('of Mallory does not activate Alice’s key, nor Alice’s Mallory’s (T-SAD-12, T-SAD-13)', async () => {
    const items = await seenItems('contract.pdf')
    const { alice, mallory } = stage
    for (const [holder, victim] of [
      [mallory, alice],
      [alice, mallory],
    ] as const) {
      const sad = await approved(stage, holder, items)
      const { credentialId } = victim
      await assertRefused(stage, 'sad-other-credential', () => sign(sad, items, { credentialId }))
      await assertSignatures(stage, holder, items, (await sign(sad, items)).signatures)
    }
  })

  it('does not serve another client (T-SAD-14)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items)
    await assertRefused(stage, 'sad-other-client', () => sign(sad, items, { clientId: OTHER_CLIENT }))
    await assertRefused(stage, 'sad-other-client', () => sign(sad, items, { clientId: 'nobody' }))
    await sign(sad, items)
  })
})

describe('an expired SAD', () => {
  let hasty: Signer
  before(async () => {
    hasty = await enrolSigner(stage.deployment, { commonName: 'Hasty' }, { classId: BRIEF })
  })

  it('is refused, and one second of its life before was enough (T-SAD-15)', async () => {
    const items = await seenItems('contract.pdf')
    const [used, kept] = [await approved(stage, hasty, items), await approved(stage, hasty, items)]
    await sign(used, items)
    await setTimeout(Math.max(0, kept.expiresAt * 1000 - Date.now()) + 50)
    await assertRefused(stage, 'sad-expired', () => sign(kept, items))
  })
})
