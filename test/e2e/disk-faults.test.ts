/**
 * The disk is full, fails to write, or fails to sync, under each process in turn while signers sign (threats 23,
 * T-DUR-04). Real calls to the file system fail, one after the other, under the embedded database and under the files
 * beside it.
 *
 * What is full or fails to write is waited for. After a sync that failed, nobody knows what is on the disk: the process
 * ends, and whoever starts it again, as a service manager does, gets one that has read what is there.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, type Member, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { createFileFaults, type FileFaults } from '@natsuin/testing/file-faults'
import { rounds } from '@natsuin/testing/rounds'
import { Clients, enrolPerson, Signing } from './kill/client.ts'
import { goThrough, listenForFaults } from './kill/outages.ts'

const MEMBERS = ['sam', 'server', 'authorities'] as const
const [EIO, ENOSPC] = [5, 28]
const SIGNERS = 2

describe('while the disk fails (T-DUR-04)', () => {
  let deployment: Deployment
  let clients: Clients
  const signers: Signer[] = []
  const disks = new Map<Member, FileFaults>()
  const { faults, onLog } = listenForFaults()

  before(async () => {
    for (const member of MEMBERS) disks.set(member, createFileFaults())
    const environment = (member: Member) => disks.get(member)?.environment ?? {}
    deployment = await startThrowaway({}, { onLog, environment })
    clients = new Clients(deployment)
    for (let i = 0; i < SIGNERS; i += 1) signers.push(await enrolPerson(clients, `Signer ${i + 1}`))
  })
  after(async () => {
    await deployment?.stop()
    for (const disk of disks.values()) disk.remove()
  })

  /** Everything below the process's folder, for a while. */
  async function failFor(member: Member, call: string, error: number, needed: boolean): Promise<void> {
    const disk = disks.get(member)
    assert.ok(disk)
    disk.play(`fail ${call} ${deployment.directory}/${member}/ ${error} 0 1000000`)
    await delay(1500)
    if (needed) assert.ok(disk.failed().length > 0, 'something wanted the disk')
    disk.play()
  }

  for (const member of MEMBERS) {
    for (const [what, error] of [
      ['is full', ENOSPC],
      ['fails to write', EIO],
    ] as const) {
      it(`of ${member}, which ${what}: nothing is lost, and everything goes on when it is well again`, async () => {
        for (let round = 0; round < rounds('outage'); round += 1) {
          const happen = () => failFor(member, 'write', error, member !== 'authorities')
          await goThrough({ clients, faults, signers, happen })
        }
      })
    }
  }

  for (const member of ['sam', 'server'] as const) {
    it(`of ${member}, which fails to sync: the process ends and does not try again; the next one has lost nothing`, async () => {
      for (let round = 0; round < rounds('outage'); round += 1) {
        const happen = async () => {
          disks.get(member)?.play(`fail sync .db-wal ${EIO} 0 1`)
          assert.equal(await deployment.process(member).exited, 1)
          disks.get(member)?.play()
          await deployment.restart(member)
        }
        await goThrough({ clients, faults, signers, happen })
      }
    })
  }

  it('enrols people while the disk of the authorities is full, as soon as there is room', async () => {
    const disk = disks.get('authorities')
    disk?.play(`fail write ${deployment.directory}/authorities/ ${ENOSPC} 0 1000000`)
    await assert.rejects(enrolPerson(clients, 'Carol'), { code: 'store-unavailable' })
    disk?.play()
    await new Signing(clients, await enrolPerson(clients, 'Dave')).run()
  })

  it('signs while copies of the log cannot be made, and makes them when they can be', async () => {
    const disk = disks.get('sam')
    disk?.play(`fail sync /checkpoints/ ${EIO} 0 1000000`)
    const signing = new Signing(clients, signers[0] ?? assert.fail())
    await signing.run()
    await delay(1500)
    assert.ok((disk?.failed().length ?? 0) > 0)
    disk?.play()
    await goThrough({ clients, faults, signers, happen: async () => {} })
  })
})
