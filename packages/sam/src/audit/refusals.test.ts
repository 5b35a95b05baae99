import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Leaf, leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { ACTIVITY_LOG, foundPlace, type OpenPlace, openPlace } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

async function leavesOf({ store }: OpenPlace): Promise<Leaf[]> {
  const rows = await store.rows(ACTIVITY_LOG, 0, 1000)
  return rows.map(row => readStrictJson(row.leaf, leaf))
}

const refusedIn = (leaves: readonly Leaf[]) =>
  leaves.flatMap(one => (one.event === 'refused' ? [{ ...one, at: undefined }] : []))

describe('what was refused (EN 419 241-2, SAM-01)', () => {
  it('is in the log before it is answered: operation, reason and credential', async () => {
    const opened = await openPlace(await foundPlace())
    const request = { credentialId: 'alice-1', clientId: 'app' }
    await assertRefused('credential-unknown', opened.sap['tickets/approve'](request))
    assert.deepEqual(refusedIn(await leavesOf(opened)), [
      {
        event: 'refused',
        at: undefined,
        operation: 'tickets/approve',
        reason: 'credential-unknown',
        credentialId: 'alice-1',
      },
    ])
    await opened.store.close()
  })

  it('is in the log as often a second as was configured, and refused all the same beyond', async () => {
    const place = await foundPlace()
    const opened = await openPlace(place, { limits: { refusalsPerSecond: 3 } })
    const ask = () => assertRefused('person-unknown', opened.sap['tickets/grant']({ officerId: 'none' }))
    for (let i = 0; i < 10; i += 1) await ask()
    assert.equal(refusedIn(await leavesOf(opened)).length, 3)
    place.clock.pass(1)
    await ask()
    assert.equal(refusedIn(await leavesOf(opened)).length, 4)
    await opened.store.close()
  })

  it('is not in the log when it had not even the shape of what it should be', async () => {
    const opened = await openPlace(await foundPlace())
    const enrolmentSignature = Uint8Array.of(1)
    const passkey = { clientDataJSON: Uint8Array.of(1), attestationObject: Uint8Array.of(1) }
    const request = { statement: Uint8Array.of(1), means: { passkey }, enrolmentSignature }
    await assertRefused('malformed', opened.sap.enrol(request))
    assert.deepEqual(refusedIn(await leavesOf(opened)), [])
    await opened.store.close()
  })

  it('stays refused for its own reason when the log cannot be written', async () => {
    const place = await foundPlace()
    const store = openSqliteStore(place.storeFile)
    const opened = await openPlace(place, { store })
    opened.sam.logs.activity.append = () => Promise.reject(new Error('disk full'))
    await assertRefused('person-unknown', opened.sap['tickets/grant']({ officerId: 'none' }))
    await store.close()
  })
})
