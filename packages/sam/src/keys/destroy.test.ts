import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { rounds } from '@natsuin/testing/rounds'
import { approve, enrolSigner, type Signer, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('keys/destroy (EN 419 241-1:2018, SRG_KM.7.1)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
  })
  after(() => world.store.close())

  const destroy = (credentialId: string) => world.sap['keys/destroy']({ credentialId, reason: 'requested' })
  const signer = () => enrolSigner(world, { level: 1 })
  const ready = async (who: Signer, requestId = '') => {
    const item = unseenItem()
    return signRequestFor(await approve(world, who, [item]), [item.dtbsr], requestId)
  }
  const keyOf = async (credentialId: string) => (await world.sam.records.need('credential', credentialId)).key

  it('ends one key for good: no ticket, no use of a SAD that is left, no stored value', async () => {
    const [alice, other] = [await signer(), await signer()]
    const [open, signed] = [await ready(alice), await ready(alice, 'again')]
    await world.sap.sign(signed)
    await destroy(alice.credentialId)
    await assertRefused('key-destroyed', ready(alice))
    await assertRefused('key-destroyed', world.sap.sign(open))
    await assertRefused('key-destroyed', world.sap.sign(signed))
    await world.sap.sign(await ready(other))
  })

  it('may be asked again, which logs nothing', async () => {
    const { credentialId } = await signer()
    await destroy(credentialId)
    const { size } = world.sam.logs.state
    await destroy(credentialId)
    assert.equal(world.sam.logs.state.size, size)
  })

  it('makes the record forget the key, and so does a revocation', async () => {
    const [one, other] = [await signer(), await signer()]
    assert.ok(await keyOf(one.credentialId))
    await destroy(one.credentialId)
    await world.sap['credentials/revoke']({ credentialId: other.credentialId, reason: 'unspecified' })
    assert.equal(await keyOf(one.credentialId), undefined)
    assert.equal(await keyOf(other.credentialId), undefined)
  })

  it('is not undone by an old record, in this process or in the next (T-KEY-13)', async () => {
    const alice = await signer()
    const kept = rowOf(alice.credentialId)
    await destroy(alice.credentialId)
    putBack(alice.credentialId, kept)
    await assertRefused('key-destroyed', ready(alice))
    await world.store.close()
    world = { ...world, ...(await openPlace(world)) }
    await assertRefused('key-destroyed', ready(alice))
  })

  it('refuses an unknown credential, and works for one whose record was deleted', async () => {
    await assertRefused('credential-unknown', destroy('none'))
    const { credentialId } = await signer()
    onDatabase(database => database.exec(`DELETE FROM records WHERE id = '${credentialId}'`))
    await destroy(credentialId)
    assert.equal(world.sam.state.destructionOf(credentialId), 'requested')
  })

  it('lets nothing out once it has answered, whatever is under way (T-KEY-13)', async () => {
    for (let round = 0; round < rounds('race'); round++) {
      const alice = await signer()
      const requests = await Promise.all(Array.from({ length: 5 }, () => ready(alice)))
      let isDestroyed = false
      const signing = requests.map(async request => {
        await world.sap.sign(request)
        return isDestroyed
      })
      const outcomes = Promise.allSettled(signing)
      const destructions = Array.from({ length: 100 }, async () => {
        await destroy(alice.credentialId)
        isDestroyed = true
      })
      await Promise.all(destructions)
      for (const outcome of await outcomes) {
        if (outcome.status === 'fulfilled') assert.equal(outcome.value, false)
        else assert.equal(outcome.reason.code, 'key-destroyed')
      }
    }
  })

  function onDatabase<T>(work: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(world.storeFile)
    try {
      return work(database)
    } finally {
      database.close()
    }
  }

  const rowOf = (id: string) =>
    onDatabase(database =>
      database.prepare("SELECT version, sealed FROM records WHERE kind = 'credential' AND id = ?").get(id),
    )

  function putBack(id: string, row: ReturnType<typeof rowOf>): void {
    onDatabase(database =>
      database
        .prepare("UPDATE records SET version = ?, sealed = ? WHERE kind = 'credential' AND id = ?")
        .run(row?.['version'] ?? 0, row?.['sealed'] ?? new Uint8Array(), id),
    )
  }
})
