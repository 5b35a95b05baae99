/**
 * kill -9 of the SAM while the roster changes: a request whose approvals were not all in is forgotten, and one that
 * took effect stays in effect.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Change } from '@natsuin/protocol/administration'
import {
  type AdministrativeChannel,
  amend,
  approvalBy,
  type Deployment,
  enrolSigner,
  type Failpoints,
  openAdministration,
  openFailpoints,
  propose,
  startThrowaway,
} from '@natsuin/testing/deployment'

let failpoints: Failpoints
let deployment: Deployment
let channel: AdministrativeChannel
before(async () => {
  failpoints = await openFailpoints()
  deployment = await startThrowaway({ failpoints: failpoints.socket })
  channel = openAdministration(deployment)
})
after(async () => {
  channel?.close()
  await deployment?.stop()
  await failpoints?.close()
})

const officers = ['security-officer-1', 'security-officer-2'] as const

async function rosterNow() {
  const { roster } = await channel.call('roster/read', {})
  return roster
}

/** Has them approve in this order; the SAM is killed where it waits at the last one's. */
async function killedAt(point: string, changes: readonly Change[], people: readonly string[]) {
  const { requestId } = await propose(channel, { kind: 'amend', changes })
  for (const id of people.slice(0, -1)) {
    await channel.call('administer', await approvalBy(deployment, channel, requestId, id))
  }
  const last = await approvalBy(deployment, channel, requestId, people.at(-1) ?? '')
  const reached = failpoints.reached(point)
  const lost = assert.rejects(channel.call('administer', last))
  await reached
  await deployment.process('sam').kill()
  await lost
  await deployment.restart('sam')
  return { requestId, last }
}

const limits = (hours: number): Change => ({
  kind: 'limits-set',
  limits: { grantHours: hours, requestHours: hours },
})

describe('kill -9 of the SAM', () => {
  for (const [sentence, people] of [
    ['the first approval', officers.slice(0, 1)],
    ['the last approval, before the roster changed', officers],
  ] as const) {
    it(`after ${sentence}: the request is forgotten, and nothing has changed`, async () => {
      const before = await rosterNow()
      const { requestId, last } = await killedAt('request-approved', [limits(7)], people)
      assert.deepEqual(await rosterNow(), before)
      await assert.rejects(channel.call('proposals/read', { requestId }), { code: 'request-unknown' })
      await assert.rejects(channel.call('administer', last), { code: 'ticket-foreign' })
      await amend(deployment, [limits(8)])
      assert.equal((await rosterNow()).limits.grantHours, 8)
    })
  }

  it('after the roster changed: it has changed, and who was removed has no say (T-ADM-08)', async () => {
    const { version } = await rosterNow()
    const { last } = await killedAt(
      'roster-amended',
      [{ kind: 'person-remove', personId: 'officer-1' }],
      officers,
    )
    const { version: after, people } = await rosterNow()
    assert.equal(after, version + 1)
    assert.ok(!people.some(({ id }) => id === 'officer-1'))
    const { amendments } = await channel.call('roster/amendments', {})
    assert.deepEqual(
      amendments.at(-1)?.approvers.map(({ id }) => id),
      officers,
    )
    await assert.rejects(channel.call('administer', last), { code: 'ticket-foreign' })
    await assert.rejects(enrolSigner(deployment, { commonName: 'Alice' }), /person-unknown/)
    assert.equal((await rosterNow()).version, after)
  })
})
