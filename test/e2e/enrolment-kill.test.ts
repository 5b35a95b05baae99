/**
 * kill -9 during an enrolment: the person's page sends the same submission again, and everything is there once.
 *
 * An enrolment goes through three processes, each of which commits before the next begins. None of the answers
 * that were lost may cost the person a new grant, leave two keys, or a key without a certificate.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { toWire, type Wire } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  type Browser,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolStatementBytes,
  type Failpoints,
  invite,
  type Member,
  openApplication,
  openBrowser,
  openFailpoints,
  type PageRefused,
  register,
  registerLogIn,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

let failpoints: Failpoints
let deployment: Deployment
const serverLog: string[] = []
before(async () => {
  failpoints = await openFailpoints()
  const onLog = (name: Member, line: string) => void (name === 'server' && serverLog.push(line))
  deployment = await startThrowaway({ failpoints: failpoints.socket }, { onLog })
})
after(async () => {
  await deployment.stop()
  await failpoints.close()
})

interface Person {
  readonly commonName: string
  readonly device: SoftwareAuthenticator
  readonly browser: Browser
  readonly url: string
  readonly submission: Wire<Awaited<ReturnType<typeof register>>>
}

/** A person with a grant, whose page has everything ready to send. */
async function readyPerson(commonName: string): Promise<Person> {
  const { grantId, enrolmentKey } = await invite(deployment, { commonName })
  const [device, browser] = [createSoftwareAuthenticator(), openBrowser()]
  const url = `${deployment.urls.server}/enrolments/${grantId}`
  const { ticket } = await browser.get(url)
  const options = { device, origin: deployment.urls.approval }
  const registered = await register(enrolStatementBytes(String(ticket)), enrolmentKey, options)
  return { commonName, device, browser, url, submission: toWire(registered) }
}

const submit = ({ browser, url, submission }: Person) => browser.post(url, submission)

async function signerOf(person: Person, answer: Record<string, unknown>): Promise<Signer> {
  const { commonName, device, browser } = person
  await registerLogIn(deployment, browser, device, String(answer['continue']))
  const [signerId, credentialId] = [String(answer['signerId']), String(answer['credentialId'])]
  return { signerId, credentialId, commonName, device, browser }
}

/** The signer logs in, has exactly this credential, and signs with it. */
async function assertSigns(signer: Signer): Promise<void> {
  const application = openApplication(deployment)
  const service = await application.serviceToken(signer)
  const { body } = await application.call('credentials/list', {}, service)
  assert.deepEqual(body, { credentialIDs: [signer.credentialId] })
  const documents = testDocuments(1)
  const token = await application.credentialToken(signer, detailFor(signer.credentialId, documents))
  const hashes = documents.map(({ digest }) => digest.hash)
  const request = { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
  assert.equal((await application.call('signatures/signHash', request, token)).status, 200)
}

const POINTS = {
  'key-generated': 'after the key was generated',
  enrolled: 'after the SAM enrolled',
  'certificate-linked': 'after the certificate was linked',
} as const

describe('kill -9 during an enrolment', () => {
  for (const [point, when] of Object.entries(POINTS)) {
    it(`of server ${when}: the same submission again finishes it`, async () => {
      const person = await readyPerson(`Server ${point}`)
      const reached = failpoints.reached(point)
      const lost = assert.rejects(submit(person))
      await reached
      await deployment.process('server').kill()
      await lost
      failpoints.release()
      await deployment.restart('server')
      await assertSigns(await signerOf(person, await submit(person)))
    })
  }

  it('of server after the certificate was linked: the next start finishes it, without the page', async () => {
    const person = await readyPerson('Server alone')
    const reached = failpoints.reached('certificate-linked')
    const lost = assert.rejects(submit(person))
    await reached
    await deployment.process('server').kill()
    await lost
    failpoints.release()
    await deployment.restart('server')
    const finished = () => serverLog.filter(line => line.includes('"finished":1'))
    for (let tries = 0; tries < 100 && finished().length === 0; tries++) await wait(50)
    assert.equal(finished().length, 1)
    await assertSigns(await signerOf(person, await submit(person)))
  })

  it('of the SAM after it enrolled: what was committed is answered again, by another boot', async () => {
    const person = await readyPerson('SAM')
    const reached = failpoints.reached('enrolled')
    const lost = assert.rejects(submit(person))
    await reached
    await deployment.process('sam').kill()
    await lost
    await deployment.restart('sam')
    await assertSigns(await signerOf(person, await submit(person)))
  })

  it('of the authorities: the key waits for its certificate', async () => {
    const person = await readyPerson('Authorities')
    const victim: Member = 'authorities'
    await deployment.process(victim).kill()
    await assert.rejects(submit(person), (error: PageRefused) => error.code === 'peer-unavailable')
    await deployment.restart(victim)
    await assertSigns(await signerOf(person, await submit(person)))
  })

  it('and another submission for a grant that was used is refused', async () => {
    const person = await readyPerson('Twice')
    await submit(person)
    const { ticket } = await person.browser.get(person.url).catch(() => ({ ticket: undefined }))
    assert.equal(ticket, undefined, 'no ticket for a spent grant')
    const forged = { ...person.submission, enrolmentSignature: person.submission.statement.slice(0, 96) }
    await assert.rejects(
      person.browser.post(person.url, forged),
      (error: PageRefused) => error.code === 'enrolment-differs' && error.status === 409,
    )
  })

  it('and the same submission opens no account that has its passkey', async () => {
    const person = await readyPerson('Owner')
    const answer = await submit(person)
    await signerOf(person, answer)
    const again = await submit(person)
    assert.deepEqual(again, { ...answer, continue: `${deployment.urls.server}/account/` })
  })
})
