import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { concat, equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { evidence as evidenceShape, type IncludedLeaf } from '@natsuin/protocol/evidence'
import { type TreeHead, verifyCheckpoint } from '@natsuin/protocol/log'
import { approve, enrolSigner, evidenceOf, type Signer, seenItem, signRequestFor } from '../fixture/people.ts'
import { ACTIVITY_LOG, foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('evidence', () => {
  let world: OpenPlace & Place
  let alice: Signer
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
    alice = await enrolSigner(world)
  })
  after(() => world.store.close())

  async function signed() {
    const items = [await seenItem(), await seenItem()]
    const sad = await approve(world, alice, items)
    const dtbsrs = items.map(({ dtbsr }) => dtbsr)
    return { items, ...(await world.sap.sign(signRequestFor(sad, dtbsrs))) }
  }

  it('holds what was approved and signed, in the shape that verifiers read', async () => {
    const { activationId, signatures, items } = await signed()
    for (const index of [0, 1]) {
      const { evidence } = await world.sap.evidence(evidenceOf({ activationId, signatures }, index))
      assert.deepEqual(evidenceShape(toWire(evidence)), evidence)
      const { dtbsr } = items[index] ?? {}
      assert.deepEqual(evidence.activation, { activationId, index, dtbsr, signatureValue: signatures[index] })
      assert.equal(evidence.grant.length, 2)
    }
  })

  it('includes every step in its log, in order, under a signed head of each', async () => {
    const first = await signed()
    await signed()
    const { evidence } = await world.sap.evidence(evidenceOf(first))
    for (const { checkpoint, ...steps } of [evidence.stateLog, evidence.activityLog]) {
      const head = await verifyCheckpoint(checkpoint, world.sam.key.spki, nodePlatform)
      assert.ok(head)
      const leaves: readonly IncludedLeaf[] = Object.values(steps)
      for (const leaf of leaves) assert.ok(isIncluded(leaf, head))
      const places = leaves.map(({ index }) => index)
      assert.deepEqual(
        places,
        [...new Set(places)].sort((a, b) => a - b),
      )
    }
  })

  it('says how much of the state log the SAM knew when it accepted the approval and when it granted', async () => {
    const { size } = world.sam.logs.state
    const { stateLog, activityLog } = (await world.sap.evidence(evidenceOf(await signed()))).evidence
    for (const { leaf } of [activityLog.sadAccepted, activityLog.granted]) {
      assert.equal(JSON.parse(Buffer.from(leaf).toString()).stateSize, size)
    }
    assert.ok(stateLog.certificateLinked.index < size)
  })

  it('is refused for what was never signed', async () => {
    const asked = evidenceOf(await signed())
    await assertRefused('activation-unknown', world.sap.evidence({ ...asked, activationId: 'none' }))
    await assertRefused('activation-unknown', world.sap.evidence({ ...asked, index: 2 }))
  })

  it('is refused to who does not have the value: the other one’s, or a bit of it wrong, is not it', async () => {
    const done = await signed()
    const asked = evidenceOf(done)
    const { signatureValue } = asked
    const wrong = signatureValue.with(-1, (signatureValue.at(-1) ?? 0) ^ 1)
    for (const value of [evidenceOf(done, 1).signatureValue, wrong, Uint8Array.of(0)]) {
      await assertRefused('activation-unknown', world.sap.evidence({ ...asked, signatureValue: value }))
    }
    await world.sap.evidence(asked)
  })

  it('is refused when the log in the database was edited', async () => {
    const asked = evidenceOf(await signed())
    const { evidence } = await world.sap.evidence(asked)
    const database = new DatabaseSync(world.storeFile)
    const set = database.prepare('UPDATE leaves SET leaf = ? WHERE log = ? AND idx = ?')
    const { index, leaf } = evidence.activityLog.granted
    set.run(leaf.with(30, (leaf[30] ?? 0) ^ 1), ACTIVITY_LOG, index)
    await assertRefused('log-unavailable', world.sap.evidence(asked))
    set.run(leaf, ACTIVITY_LOG, index)
    database.close()
    await world.sap.evidence(asked)
  })
})

/** From the path alone: which side a sibling stands on follows from the bits of index and size (RFC 9162, 2.1.3.2). */
function isIncluded({ index, leaf, path }: IncludedLeaf, { size, rootHash }: TreeHead): boolean {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    new Uint8Array(
      createHash('sha256')
        .update(concat(...parts))
        .digest(),
    )
  const climb = (start: number, end: number, rest: readonly Uint8Array[]): Uint8Array => {
    if (end - start === 1) return sha256(Uint8Array.of(0), leaf)
    let k = 1
    while (k * 2 < end - start) k *= 2
    const sibling = rest.at(-1) ?? new Uint8Array()
    const below = rest.slice(0, -1)
    return index < start + k
      ? sha256(Uint8Array.of(1), climb(start, start + k, below), sibling)
      : sha256(Uint8Array.of(1), sibling, climb(start + k, end, below))
  }
  return equal(climb(0, size, path), rootHash)
}
