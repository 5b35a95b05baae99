/** T-SEC-01, T-SAD-19: no secret in any log, and no bearer value in the server's database. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  approve,
  codeOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  REDIRECT_URI,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'

const lines: string[] = []
const secrets = new Map<string, string>()
let deployment: Deployment

/** One signature from beginning to end, good and bad requests, remembering every secret on the way. */
async function signOnce(): Promise<void> {
  const application = openApplication(deployment)
  const signer = await enrolSigner(deployment, { commonName: 'Alice Canary' })
  const service = application.begin({})
  const serviceCode = codeOf(
    await logIn(deployment, signer, application.authorizeUrl(service.parameters), REDIRECT_URI),
  )
  const documents = testDocuments(1)
  const detail = detailFor(signer.credentialId, documents)
  const request = application.begin({ authorization_details: JSON.stringify([detail]) })
  const shown = await openApproval(deployment, signer, await application.push(request))
  const approved = { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }
  const code = codeOf(await approve(deployment, signer, shown, approved))
  const serviceToken = tokenOf(await application.redeem(service, serviceCode))
  const token = tokenOf(await application.redeem(request, code))
  await application.redeem(request, code)
  const second = tokenOf(await application.redeem(request, codeOf(await approvedAgain())))
  const hashes = documents.map(({ digest }) => digest.hash)
  const body = { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
  await application.call(
    'signatures/signHash',
    { ...body, SAD: second, clientData: 'canary-client-data' },
    serviceToken,
  )
  await application.call('signatures/signHash', { ...body, SAD: second }, serviceToken)
  await application.call('signatures/signHash', '{"SAD":"canary-broken', second)
  secrets.set('service token', serviceToken)
  secrets.set('dead credential token', token)
  secrets.set('credential token', second)
  secrets.set('service code', serviceCode)
  secrets.set('code', code)
  secrets.set('verifier', request.verifier)
  secrets.set('approval handle', shown.handle)
  secrets.set('ticket', shown.ticketText)
  secrets.set('session cookie', signer.browser.cookieOf(deployment.urls.server, '_session'))
  secrets.set('client data', 'canary-client-data')
  secrets.set('broken body', 'canary-broken')

  async function approvedAgain(): Promise<string> {
    const again = await openApproval(deployment, signer, await application.push(request))
    return approve(deployment, signer, again, { items: itemsFor(again, []), redirectUri: REDIRECT_URI })
  }
}

before(async () => {
  deployment = await startThrowaway({}, { onLog: (name, line) => lines.push(`${name} ${line}`) })
  await signOnce()
})
after(() => deployment.stop())

describe('secrets (T-SEC-01)', () => {
  it('are all there to be looked for, and the processes did log', () => {
    for (const [name, secret] of secrets) assert.ok(secret.length >= 10, name)
    assert.ok(lines.length > 0)
  })

  it('are in no line that any process logged', () => {
    for (const [name, secret] of secrets) {
      assert.deepEqual(
        lines.filter(line => line.includes(secret)),
        [],
        name,
      )
    }
  })

  it('are in no file of the server but digested, except what the approval page must be given', async () => {
    const folder = join(deployment.directory, 'server')
    const files = (await readdir(folder)).filter(name => name.startsWith('server.db'))
    assert.ok(files.length > 0)
    const stored = Buffer.concat(await Promise.all(files.map(name => readFile(join(folder, name)))))
    for (const [name, secret] of secrets) {
      if (name !== 'ticket') assert.equal(stored.includes(secret), false, name)
    }
    assert.equal(stored.includes(secrets.get('ticket') ?? ''), true)
  })
})
