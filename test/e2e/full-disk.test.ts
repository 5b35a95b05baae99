/**
 * The SAM's disk has no room (T-DUR-04): what cannot be recorded does not happen, nothing is lost, and all goes on when
 * there is room again.
 *
 * The room is what the kernel lets the running process write into one file; SQLite gets the same answer from it as from a
 * disk that is full, at the same places.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { type Deployment, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { Clients, enrolPerson, Signing } from './kill/client.ts'

/** Room for the copies of the heads, and for nothing of the database. */
const LITTLE = 4096

describe('a SAM whose disk is full (T-DUR-04)', () => {
  let deployment: Deployment
  let clients: Clients
  let alice: Signer
  before(async () => {
    deployment = await startThrowaway()
    clients = new Clients(deployment)
    alice = await enrolPerson(clients, 'Alice')
  })
  after(() => deployment?.stop())

  /** The soft limit alone, which can be lifted again. */
  function leave(bytes: number | 'unlimited'): void {
    execFileSync('prlimit', ['--pid', String(deployment.process('sam').pid), `--fsize=${bytes}:`])
  }

  it('accepts no approval', async () => {
    const signing = new Signing(clients, alice)
    await signing.ask()
    leave(LITTLE)
    await assert.rejects(signing.approve())
    leave('unlimited')
    assert.deepEqual(clients.violations(), [])
  })

  it('signs nothing, and when there is room again what the signer approves again', async () => {
    const signing = new Signing(clients, alice)
    await signing.ask()
    await signing.approve()
    leave(LITTLE)
    await assert.rejects(signing.sign())
    assert.deepEqual(clients.violations(), [])
    leave('unlimited')
    assert.equal((await new Signing(clients, alice).run()).length, 2)
    assert.deepEqual(clients.violations(), [])
  })

  it('has lost nothing after a restart', async () => {
    await deployment.process('sam').stop()
    await deployment.restart('sam')
    await new Signing(clients, alice).run()
    assert.deepEqual(clients.violations(), [])
  })
})
