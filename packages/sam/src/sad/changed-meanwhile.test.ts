/**
 * What was as it should be when the ticket was issued, or when the approval was accepted, and is not any more. The
 * records are exchanged with the SAM's own seal, which an attacker does not have: the checks do not rest on it alone.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, beforeEach, describe, it } from 'node:test'
import { byPasskey } from '@natsuin/testing/deployment'
import {
  approval,
  approve,
  enrolSigner,
  MALLORY,
  type Signer,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused, assertRefuses } from '../fixture/refusals.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import { bearerDigest } from './bearer.ts'
import { checkMayApprove } from './check-approver.ts'
import { checkClient } from './check-client.ts'
import { openRequest } from './open-request.ts'

let world: OpenPlace & Place
let alice: Signer
let mallory: Signer
before(async () => {
  const place = await foundPlace()
  world = { ...place, ...(await openPlace(place)) }
  mallory = await enrolSigner(world, { level: 1, subject: MALLORY })
})
beforeEach(async () => {
  alice = await enrolSigner(world, { level: 1 })
})
after(() => world.store.close())

/** Writes the credential's record again, sealed, with members changed. */
async function reseal(
  { credentialId }: Signer,
  changed: (content: RecordOf<'credential'>) => RecordOf<'credential'>,
) {
  const { records, logs, time } = world.sam
  const { content, version } = (await records.read('credential', credentialId)) ?? assert.fail()
  const sealed = records.seal('credential', credentialId, version + 1, changed(content))
  const leaf = {
    event: 'settled',
    at: time.milliseconds(),
    activationId: credentialId,
    outcome: 'failed',
  } as const
  await logs.activity.append({ leaves: [leaf], records: () => [sealed] })
}

describe('between the ticket and the approval', () => {
  it('the credential became another signer’s: refused, and accepted when it did not', async () => {
    const [first, second] = [
      await approval(world, alice, [unseenItem()]),
      await approval(world, alice, [unseenItem()]),
    ]
    await world.sap.approve(byPasskey(first))
    await reseal(alice, content => ({ ...content, signerId: mallory.signerId }))
    await assertRefused('signer-mismatch', world.sap.approve(byPasskey(second)))
  })

  it('its record lost the key: refused', async () => {
    const answered = await approval(world, alice, [unseenItem()])
    await reseal(alice, ({ key: _, ...content }) => content)
    await assertRefused('key-destroyed', world.sap.approve(byPasskey(answered)))
  })

  it('it lost its certificate: refused', async () => {
    const answered = await approval(world, alice, [unseenItem()])
    await reseal(alice, ({ certificate: _, ...content }) => content)
    await assertRefused('credential-inactive', world.sap.approve(byPasskey(answered)))
  })

  it('its record was deleted: refused', async () => {
    const answered = await approval(world, alice, [unseenItem()])
    {
      using database = new DatabaseSync(world.storeFile, { timeout: 5000 })
      database.prepare('DELETE FROM records WHERE kind = ? AND id = ?').run('credential', alice.credentialId)
    }
    await assertRefused('credential-unknown', world.sap.approve(byPasskey(answered)))
  })

  it('the client is not in the roster any more: what it signed is not opened', async () => {
    const roster = { ...world.sam.roster, clients: [] }
    const ticket = { client: { id: 'app', name: 'An Application' } }
    await assertRefused('client-unknown', openRequest({ roster }, { requestObject: 'e30.e30.e30' }, ticket))
    const { roster: whole } = world.sam
    await assertRefused(
      'request-object-invalid',
      openRequest({ roster: whole }, { requestObject: 'e30.e30.e30' }, ticket),
    )
    assert.equal(await openRequest({ roster }, {}, ticket), undefined)
  })
})

describe('between the approval and its use', () => {
  it('the client is not in the roster any more: refused', async () => {
    const item = unseenItem()
    const approved = await approve(world, alice, [item])
    const sad = world.sam.sads.find(bearerDigest(approved.sad)) ?? assert.fail()
    const request = signRequestFor(approved, [item.dtbsr])
    const { sam } = world
    checkClient({ sam, sad, request })
    const rosters = Object.assign(Object.create(sam.rosters), { isClient: () => false })
    // Everything of the SAM but its roster.
    const afterwards = Object.assign(Object.create(sam), { rosters })
    assertRefuses('client-unknown', () => checkClient({ sam: afterwards, sad, request }))
  })

  it('no authenticator could be taken away where none approved', () => {
    checkMayApprove(world.sam, { approvedBy: undefined })
  })
})
