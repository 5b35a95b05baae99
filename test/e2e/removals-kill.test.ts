/**
 * kill -9 of the SAM when power is given or taken away: a grant, a change of the roster, a revocation, a destruction, an
 * authenticator that is suspended (threats 23, T-DUR-02). What was lost on the way may be asked for again; what was recorded is final.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Connection, connect } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { type SapMethods, sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import {
  type AdministrativeChannel,
  answer,
  approvalBy,
  approveStatementBytes,
  byPasskey,
  classOf,
  invite,
  openAdministration,
  propose,
  type Signer,
} from '@natsuin/testing/deployment'
import { holds, killAt, type Scene, setScene, strike } from './kill/cases.ts'
import { Enrolling, enrolPerson, newContents, Signing } from './kill/client.ts'

let scene: Scene
let sam: Connection<SapMethods>
const connectToSam = () => {
  const address = { socket: join(scene.deployment.directory, 'sam.sock') }
  return connect({ methods: sapMethods, address, refusals: sapRefusals })
}

before(async () => {
  scene = await setScene()
  sam = connectToSam()
})
beforeEach(() => scene.clients.keepCheckpoint())
after(async () => {
  sam?.close()
  await strike(scene)
})

/** The SAM is killed when it comes to the point, and starts again. */
async function lose(point: string, work: () => Promise<unknown>): Promise<void> {
  const { status } = await killAt(scene, 'sam', point, work)
  assert.equal(status, 'rejected')
  sam.close()
  await scene.deployment.restart('sam')
  sam = connectToSam()
}

const isRefused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const ticketFor = ({ credentialId }: Signer) =>
  sam.call('tickets/approve', { credentialId, clientId: 'application' })

/** Approves something with this passkey, whether the ticket names it or not. */
async function approveWith(signer: Signer, counter?: number): Promise<void> {
  const { ticket } = await ticketFor(signer)
  const [{ dtbsr } = { dtbsr: new Uint8Array() }] = newContents(1)
  const statement = approveStatementBytes(ticket, [{ basis: 'unseen', label: 'Deed', dtbsr }])
  const options = { device: signer.device, origin: scene.deployment.urls.approval }
  const deviations = counter === undefined ? {} : { deviations: { counter } }
  await sam.call('approve', byPasskey(answer(statement, { ...options, ...deviations })))
}

const OFFICERS = ['security-officer-1', 'security-officer-2'] as const

async function administering<T>(work: (channel: AdministrativeChannel) => Promise<T>): Promise<T> {
  const channel = openAdministration(scene.deployment)
  try {
    return await work(channel)
  } finally {
    channel.close()
  }
}

const rosterVersion = () =>
  administering(async channel => (await channel.call('roster/read', {})).roster.version)

async function proposed(): Promise<string> {
  const change = { kind: 'class-set', class: classOf(1, { id: 'another' }) } as const
  const act = { kind: 'amend', changes: [change] } as const
  return administering(async channel => (await propose(channel, act)).requestId)
}

async function approves(requestId: string, officer: string): Promise<void> {
  await sam.call('administer', await approvalBy(scene.deployment, sam, requestId, officer))
}

/** Somebody who has signed, so that there is something that may not be delivered again. */
async function newSigner(commonName: string): Promise<{ signer: Signer; signed: Signing }> {
  const signer = await enrolPerson(scene.clients, commonName)
  const signed = new Signing(scene.clients, signer)
  await signed.run()
  return { signer, signed }
}

const REMOVALS = {
  'credential-revoked': {
    ask: ({ credentialId }: Signer) =>
      sam.call('credentials/revoke', { credentialId, reason: 'keyCompromise' }),
    refusal: 'credential-revoked',
  },
  'key-destroyed': {
    ask: ({ credentialId }: Signer) => sam.call('keys/destroy', { credentialId, reason: 'requested' }),
    refusal: 'key-destroyed',
  },
} as const

describe('kill -9 of the SAM (T-DUR-02)', () => {
  for (const event of ['credential-revoked', 'key-destroyed'] as const) {
    it(`after ${event} was written: it holds, is acknowledged when asked for again, and nothing more is delivered`, async () => {
      const { signer, signed } = await newSigner(`Signer of ${event}`)
      const { ask, refusal } = REMOVALS[event]
      await lose(event, () => ask(signer))
      await assert.rejects(ticketFor(signer), isRefused(refusal))
      await scene.clients.remove(event, signer.credentialId, () => ask(signer))
      assert.notEqual((await signed.trySign()).status, 200)
      await assert.rejects(new Signing(scene.clients, signer).run())
      holds(scene)
      await new Signing(scene.clients, scene.signer).run()
      holds(scene)
    })
  }

  it('after officers vouched for somebody: a new invitation enrols, once', async () => {
    await lose('grant-accepted', () => invite(scene.deployment, { commonName: 'Carol', countryName: 'JP' }))
    holds(scene)
    const carol = new Enrolling(scene.clients, 'Carol')
    await carol.beInvited()
    await carol.openPage()
    await new Signing(scene.clients, await carol.submit()).run()
    holds(scene)
  })

  it('after the first of two approved a change of the roster: nothing has changed, and they approve anew', async () => {
    const before = await rosterVersion()
    const lost = await proposed()
    await lose('request-approved', () => approves(lost, OFFICERS[0]))
    assert.equal(await rosterVersion(), before)
    const again = await proposed()
    for (const officer of OFFICERS) await approves(again, officer)
    assert.equal(await rosterVersion(), before + 1)
    await new Signing(scene.clients, scene.signer).run()
    holds(scene)
  })

  it('after a change of the roster was written: it holds', async () => {
    const before = await rosterVersion()
    const requestId = await proposed()
    await approves(requestId, OFFICERS[0])
    await lose('roster-amended', () => approves(requestId, OFFICERS[1]))
    assert.equal(await rosterVersion(), before + 1)
    await new Signing(scene.clients, scene.signer).run()
    holds(scene)
  })

  it('after an authenticator was suspended: it stays suspended', async () => {
    const { signer } = await newSigner('Copied')
    await approveWith(signer)
    // A ticket of a later second: nothing but a copy explains an older counter under it.
    await setTimeout(1100)
    await lose('authenticator-suspended', () => approveWith(signer, 1))
    await assert.rejects(approveWith(signer), isRefused('authenticator-suspended'))
    await new Signing(scene.clients, scene.signer).run()
  })
})
