/**
 * Asynchronous requests and signatures/signPolling: CSC API v2.0.0.2, 11.10 to 11.12. Ids: reference catalogue, section 18,
 * and threats T-SSRF.
 */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  type Answer,
  type Application,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

let told: string[] = []
const listener = createServer(async (request, response) => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  told.push(Buffer.concat(pieces).toString())
  response.end('{}')
})
const hostOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`

let deployment: Deployment
let application: Application
let alice: Signer
let service: string
before(async () => {
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  deployment = await startThrowaway({ server: { ownHosts: [hostOf(listener)] } })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  service = await application.serviceToken(alice)
})
after(async () => {
  await deployment.stop()
  listener.close()
})

async function approved(count = 1, by = application) {
  const documents = testDocuments(count)
  const SAD = await by.credentialToken(alice, detailFor(alice.credentialId, documents))
  const hashes = documents.map(({ digest }) => digest.hash)
  return { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID, operationMode: 'A' }
}

const signHash = (body: object) => application.call('signatures/signHash', body, service)
const poll = (requestID: string, token = service) =>
  application.call('signatures/signPolling', { requestID }, token)

async function accepted(body: object): Promise<string> {
  const answer = await signHash(body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.deepEqual(Object.keys(answer.body as object), ['responseID'])
  return (answer.body as { responseID: string }).responseID
}

const PENDING = {
  error: 'accepted_request',
  error_description: 'The previous async request has been accepted but not yet completed',
}

async function ended(responseID: string, token = service): Promise<Answer> {
  for (let asked = 0; asked < 1200; asked++) {
    const answer = await poll(responseID, token)
    if (answer.status !== 202) return answer
    assert.deepEqual(answer.body, PENDING)
    await setTimeout(50)
  }
  return assert.fail('it did not end')
}

async function assertSigned(answer: Answer, count: number) {
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.equal((answer.body as { signatures: string[] }).signatures.length, count)
}

const refused = (error_description: string) => [400, { error: 'invalid_request', error_description }]

describe('operationMode A (CSC API v2.0.0.2, 11.10)', () => {
  it('S-06 gives a responseID, and the signatures to who asks with it, as often as he asks', async () => {
    const responseID = await accepted(await approved(3))
    const answer = await ended(responseID)
    await assertSigned(answer, 3)
    assert.deepEqual((await poll(responseID)).body, answer.body)
  })

  it('S-06 T-SAD-29 tells nobody but the client and the signer whose it is', async () => {
    const responseID = await accepted(await approved())
    const bob = await enrolSigner(deployment, { commonName: 'Bob' })
    const other = openApplication(deployment, { clientId: deployment.plan.clients[1]?.id ?? '' })
    const unknown = refused('Invalid parameter requestID')
    for (const token of [await application.serviceToken(bob), await other.serviceToken(alice)]) {
      const { status, body } = await poll(responseID, token)
      assert.deepEqual([status, body], unknown)
    }
    const { status, body } = await poll('unknown')
    assert.deepEqual([status, body], unknown)
    await assertSigned(await ended(responseID), 1)
  })

  it('S-06 keeps the result for validity_period, and no longer', async () => {
    const kept = await accepted({ ...(await approved()), validity_period: 600_000 })
    const brief = await accepted({ ...(await approved()), validity_period: 1000 })
    await assertSigned(await ended(kept), 1)
    await setTimeout(2000)
    const { status, body } = await poll(brief)
    assert.deepEqual([status, body], refused('Invalid parameter requestID'))
    await assertSigned(await poll(kept), 1)
  })

  it('S-06 says by polling what the SAM refused', async () => {
    const { hashes } = await approved()
    const responseID = await accepted({ ...(await approved()), hashes })
    const { status, body } = await ended(responseID)
    assert.deepEqual([status, body], refused('Hash is not authorized by the SAD'))
  })

  it('S-06 survives kill -9: what was accepted is signed by the process that comes after, and once', async () => {
    const request = await approved()
    const { pid } = deployment.process('sam')
    process.kill(pid, 'SIGSTOP')
    const responseID = await accepted(request)
    assert.deepEqual((await poll(responseID)).body, PENDING)
    // The SAM may have been asked already; whoever asks again is given what it signed then.
    await deployment.process('server').kill()
    process.kill(pid, 'SIGCONT')
    await deployment.restart('server')
    const answer = await ended(responseID)
    await assertSigned(answer, 1)
    const { operationMode: _, ...again } = request
    assert.equal((await signHash(again)).status, 400)
    await deployment.process('server').kill()
    await deployment.restart('server')
    assert.deepEqual((await poll(responseID)).body, answer.body)
  })

  it('S-06 refuses in the words of the standard', async () => {
    const good = await approved()
    const table: readonly (readonly [object, string])[] = [
      [{ operationMode: 'B' }, 'Invalid parameter operationMode'],
      [{ validity_period: 'long' }, 'Invalid parameter validity_period'],
      [{ validity_period: 1.5 }, 'Invalid parameter validity_period'],
      [{ validity_period: 999 }, 'Out of bounds parameter validity_period'],
      [{ validity_period: 7 * 24 * 3_600_000 + 1 }, 'Out of bounds parameter validity_period'],
      [{ response_uri: 7 }, 'Invalid parameter response_uri'],
      [{ response_uri: 'nowhere' }, 'Invalid parameter response_uri'],
      [{ response_uri: 'file:///etc/passwd' }, 'Invalid parameter response_uri'],
      [{ response_uri: 'https://user@app.example/' }, 'Invalid parameter response_uri'],
    ]
    for (const [changes, description] of table) {
      const { status, body } = await signHash({ ...good, ...changes })
      assert.deepEqual([status, body], refused(description), JSON.stringify(changes))
    }
    await assertSigned(await ended(await accepted({ ...good, validity_period: 7 * 24 * 3_600_000 })), 1)
  })

  it('S-07 ignores what belongs to A when it is not asked for', async () => {
    const { operationMode: _, ...request } = await approved()
    await assertSigned(await signHash({ ...request, validity_period: 1, response_uri: 'nowhere' }), 1)
  })
})

describe('signatures/signPolling (CSC API v2.0.0.2, 11.12)', () => {
  it('S-06 refuses to poll in the words of the standard', async () => {
    const table: readonly (readonly [object, string])[] = [
      [{}, 'Missing (or invalid type) string parameter requestID'],
      [{ requestID: 7 }, 'Missing (or invalid type) string parameter requestID'],
      [{ requestID: 'x' }, 'Invalid parameter requestID'],
      [{ requestID: 'x', userID: 'alice' }, 'userID parameter SHALL be null'],
      [{ requestID: 'x', clientData: 7 }, 'Invalid parameter clientData'],
    ]
    for (const [request, description] of table) {
      const { status, body } = await application.call('signatures/signPolling', request, service)
      assert.deepEqual([status, body], refused(description), JSON.stringify(request))
    }
    assert.equal((await application.call('signatures/signPolling', { requestID: 'x' })).status, 400)
  })
})

const done = (host: string) => ({ response_uri: `http://${host}/done` })

async function untilTold() {
  for (let waited = 0; waited < 3000 && told.length === 0; waited++) await setTimeout(20)
}

describe('response_uri (CSC API v2.0.0.2, 11.10)', () => {
  it('is told that the request has ended', async () => {
    told = []
    const responseID = await accepted({ ...(await approved()), ...done(hostOf(listener)) })
    await untilTold()
    assert.deepEqual(
      told.map(text => JSON.parse(text)),
      [{ responseID }],
    )
    await assertSigned(await poll(responseID), 1)
  })

  it('T-SAD-30 T-SSRF-01 is not told when it is inside the network and nobody said that it may be', async () => {
    let asked = 0
    const inside = createServer((_request, response) => {
      asked += 1
      response.end()
    })
    await new Promise<void>(resolve => inside.listen(0, '127.0.0.1', resolve))
    for (const host of [hostOf(inside), hostOf(inside).replace('127.0.0.1', 'localhost')]) {
      await assertSigned(await ended(await accepted({ ...(await approved()), ...done(host) })), 1)
    }
    // Whoever may be told, and came after them, is told: another client, since one is told few things at once.
    told = []
    const other = openApplication(deployment, { clientId: deployment.plan.clients[1]?.id ?? '' })
    const request = { ...(await approved(1, other)), ...done(hostOf(listener)) }
    await other.call('signatures/signHash', request, await other.serviceToken(alice))
    await untilTold()
    assert.deepEqual([told.length, asked], [1, 0])
    inside.close()
  })
})
