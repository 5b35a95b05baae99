/**
 * The wall clock of each process in turn jumps, ahead and back, while signers sign (threats 23, T-DUR-06). Real
 * processes, whose calls for the time are answered by the clock of the test.
 *
 * Nobody is told a lie, what had expired stays expired, and who sets the clock right and starts the process again has
 * everything as before: the time that was wrong is in nothing that the next process relies on.
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { timeStampBy } from '@natsuin/ades/time-stamping'
import { parseCrl } from '@natsuin/pki/crl'
import { nodePlatform } from '@natsuin/pki/node'
import { leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { type Deployment, type Member, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { createFileFaults, type FileFaults } from '@natsuin/testing/file-faults'
import { readSamStore } from './invariants/observation.ts'
import { Clients, enrolPerson, Signing } from './kill/client.ts'
import { goThrough, listenForFaults, untilReady } from './kill/outages.ts'

const MEMBERS = ['sam', 'server', 'authorities'] as const
const SECOND = 1000
const HOUR = 3600 * SECOND
const YEARS = 10 * 365 * 24 * HOUR
const JUMPS = { 'a second': SECOND, 'an hour': HOUR, 'ten years': YEARS }

describe('while clocks jump (T-DUR-06)', () => {
  let deployment: Deployment
  let clients: Clients
  const signers: Signer[] = []
  const clocks = new Map<Member, FileFaults>()
  const { faults, onLog } = listenForFaults()

  before(async () => {
    for (const member of MEMBERS) clocks.set(member, createFileFaults())
    const environment = (member: Member) => clocks.get(member)?.environment ?? {}
    deployment = await startThrowaway({}, { onLog, environment })
    clients = new Clients(deployment)
    for (const name of ['Alice', 'Bob']) signers.push(await enrolPerson(clients, name))
  })
  after(async () => {
    await deployment?.stop()
    for (const clock of clocks.values()) clock.remove()
  })

  const setAhead = (member: Member, milliseconds: number) => clocks.get(member)?.play(`clock ${milliseconds}`)
  async function startAnew(member: Member): Promise<void> {
    await deployment.process(member).stop()
    await deployment.restart(member)
    await untilReady(clients)
  }

  for (const member of MEMBERS) {
    for (const [what, milliseconds] of Object.entries(JUMPS)) {
      it(`of ${member}, by ${what} back, right, ahead and right again: nothing is lost, and everything goes on`, async () => {
        const happen = async () => {
          for (const jump of [-milliseconds, 0, milliseconds, 0]) {
            setAhead(member, jump)
            await delay(400)
          }
          // What docs/operate.md says of a clock that is not trusted.
          await startAnew(member)
        }
        await goThrough({ clients, faults, signers, happen, tokensExpire: member === 'server' })
      })
    }
  }

  it('revives no SAD that had expired, whether the clock is set right or the SAM started anew', async () => {
    const signing = new Signing(clients, signers[0] ?? assert.fail())
    await signing.ask()
    await signing.approve()
    setAhead('sam', HOUR)
    const answers = [await signing.trySign()]
    setAhead('sam', 0)
    answers.push(await signing.trySign())
    await startAnew('sam')
    answers.push(await signing.trySign())
    for (const { status, body } of answers) assert.equal(status, 400, JSON.stringify(body))
    assert.deepEqual(
      answers.map(({ body }) => (body as { error: string }).error),
      ['invalid_request', 'invalid_request', 'invalid_request'],
    )
  })

  it('goes on by the time that it had while the clock stands in the past', async () => {
    setAhead('sam', -YEARS)
    await new Signing(clients, signers[1] ?? assert.fail()).run()
    assert.ok(newestTime(deployment) > Date.now() - HOUR)
    setAhead('sam', 0)
    await startAnew('sam')
  })

  it('leaves no SAM in the future', async () => {
    setAhead('sam', YEARS)
    await assert.rejects(new Signing(clients, signers[0] ?? assert.fail()).run())
    assert.ok(newestTime(deployment) > Date.now() + YEARS - HOUR, 'it had written by that clock')
    setAhead('sam', 0)
    await startAnew('sam')
    await new Signing(clients, signers[0] ?? assert.fail()).run()
    assert.ok(newestTime(deployment) < Date.now() + HOUR)
  })

  it('gives no time-stamp by a clock that jumped; numbers of CRLs and of certificates go on (INV-7)', async () => {
    const numbers = [await crlNumber(deployment)]
    const serials: string[] = []
    for (const milliseconds of [HOUR, -HOUR, YEARS, -YEARS]) {
      setAhead('authorities', milliseconds)
      await assert.rejects(timeStamp(deployment))
      setAhead('authorities', 0)
      await startAnew('authorities')
      await timeStamp(deployment)
      numbers.push(await crlNumber(deployment))
      const signer = await enrolPerson(clients, `After ${milliseconds}`)
      const enrolled = clients.enrolments.find(({ credentialId }) => credentialId === signer.credentialId)
      serials.push(new X509Certificate(enrolled?.certificate ?? assert.fail()).serialNumber)
    }
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => Number(a - b)),
    )
    assert.equal(new Set(serials).size, serials.length)
    assert.deepEqual(faults, [])
  })
})

/** Milliseconds; that of the newest leaf of the SAM's own log. */
function newestTime(deployment: Deployment): number {
  const rows = [...readSamStore(deployment).logs].find(([name]) => name !== 'state')?.[1] ?? []
  const newest = rows.at(-1) ?? assert.fail('the log is empty')
  return readStrictJson(newest.leaf, leaf).at
}

function timeStamp({ urls }: Deployment): Promise<Uint8Array> {
  const ask = timeStampBy({
    platform: nodePlatform,
    exchange: async request => {
      const headers = { 'content-type': 'application/timestamp-query' }
      const answer = await fetch(urls.timeStamp, { method: 'POST', headers, body: Uint8Array.from(request) })
      return new Uint8Array(await answer.arrayBuffer())
    },
  })
  return ask(new Uint8Array(32), 'sha256')
}

async function crlNumber({ urls }: Deployment): Promise<bigint> {
  const answer = await fetch(`${urls.authorities}/issuing.crl`)
  return parseCrl(new Uint8Array(await answer.arrayBuffer())).crlNumber ?? assert.fail('it has no number')
}
