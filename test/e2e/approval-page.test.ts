/**
 * The whole service with a person's browser: the real approval origin, the log-in and account pages in Chromium
 * with a virtual authenticator, against the running processes (sole-control 4 and 6).
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { appendedSource, bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { type CscClient, CscError, createCscClient, requestSigner, type Token } from '@natsuin/client'
import { verifyEvidence } from '@natsuin/evidence'
import { concat, fromBase64, toBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import { createRequestKey, type Deployment, invite, startThrowaway } from '@natsuin/testing/deployment'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { openSite, type Site } from './site.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA_SHA256 = '1.2.840.10045.4.3.2'

const document = shape('classic')

let site: Site
let deployment: Deployment
let browser: Browser
let client: CscClient
/** The same application, where it signs what it asks for. */
let vouching: CscClient

before(async () => {
  site = await openSite()
  const key = createRequestKey('portal-1')
  const keys = [{ kid: key.kid, publicKey: toBase64url(key.publicKey) }]
  const redirectUris = [site.callback]
  const clients = [{ id: 'portal', name: '契約ポータル', redirectUris, keys, origins: [site.origin] }]
  deployment = await startThrowaway({ clients })
  browser = await launchChromium()
  const options = { baseUrl: deployment.urls.csc, clientId: 'portal', redirectUri: site.callback }
  client = createCscClient(options)
  const pkcs8 = new Uint8Array(key.privateKey.export({ type: 'pkcs8', format: 'der' }))
  const kind = { name: 'ECDSA', namedCurve: 'P-256' }
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, kind, false, ['sign'])
  vouching = createCscClient({ ...options, requestSigner: requestSigner(key.kid, privateKey) })
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
  await site?.close()
})

describe('a person with a browser', () => {
  let person: Person
  let service: Token
  let credentialID: string

  before(async () => {
    person = await openPerson(browser, site)
  })
  after(() => person.leave())
  afterEach(() =>
    assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy'),
  )

  it('enrols: sees what was vouched for, registers a passkey for approvals and one for logging in', async () => {
    const { url } = await invite(deployment, { countryName: 'JP', commonName: '山田 花子' }, 'level-1')
    await person.go(url)
    const { page } = person
    await page.waitForSelector('#enrol')
    assert.equal(page.url(), `${deployment.urls.approval}/`, 'the key is in no address')
    assert.match(await textOf(page), /山田 花子/)
    await page.click('#enrol')
    await page.waitForSelector('#register')
    assert.equal(page.url(), `${deployment.urls.server}/account/`, 'the token is in no address')
    await page.click('#register')
    await page.waitForSelector('#done')
    const message = (await person.messages()).find(({ natsuin }) => natsuin === 'enrolled')
    assert.equal(typeof message?.['signerId'], 'string')
  })

  it('logs in for the application that is named', async () => {
    const begun = await client.beginServiceAuthorisation()
    await person.go(begun.url)
    await person.page.waitForSelector('#log-in')
    assert.match(await textOf(person.page), /契約ポータル/)
    await person.page.click('#log-in')
    service = await client.finishAuthorisation(begun.pending, await person.cameBackTo())
    const { credentialIDs } = await client.credentialsList(service)
    assert.equal(credentialIDs.length, 1)
    credentialID = credentialIDs[0] ?? ''
  })

  it('cannot have somebody else log in by a link of hers', async () => {
    const begun = await client.beginServiceAuthorisation()
    await person.go(begun.url)
    await person.page.waitForSelector('#log-in')
    const victim = await openPerson(browser, site)
    await victim.go(person.page.url())
    await victim.page.waitForSelector('[data-failure=log-in-foreign-browser]')
    assert.equal(await victim.page.locator('#log-in').count(), 0)
    await victim.leave()
  })

  it('approves a document that the application hands over, which is shown, and gets exactly it signed', async () => {
    const prepared = await prepare()
    const begun = await client.beginCredentialAuthorisation([detail(prepared, '業務委託契約書.pdf')])
    await person.handOver(preparedBytes(prepared))
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=seen]')
    assert.equal(page.url(), `${deployment.urls.approval}/`)
    const text = await textOf(page)
    for (const shown of ['山田 花子', '契約ポータル', '業務委託契約書.pdf'])
      assert.ok(text.includes(shown), shown)
    const frame = page.frameLocator('iframe')
    await frame.locator('.textLayer span', { hasText: 'A deed' }).waitFor()
    assert.equal(
      await frame.locator('html').evaluate(() => globalThis.origin),
      'null',
      'the frame has no origin',
    )

    await page.click('#approve')
    const approved = await client.finishAuthorisation(begun.pending, await person.cameBackTo())
    const signature = await sign(approved, prepared)
    const update = await completePades(prepared, signature, { platform: nodePlatform })
    const verdict = await verifyPades(appendedSource(bytesSource(document), update), {
      platform: nodePlatform,
      trustAnchors: [await root()],
      at: new Date(),
    })
    assert.equal(verdict.indication, 'TOTAL-PASSED', JSON.stringify(verdict))
    assert.equal(await evidenceBasis(signature), 'seen')
  })

  it('can put the document there herself', async () => {
    const prepared = await prepare()
    const begun = await client.beginCredentialAuthorisation([detail(prepared, 'deed.pdf')])
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=unseen]')
    const buffer = Buffer.from(preparedBytes(prepared))
    await page.setInputFiles('input[type=file]', { name: 'deed.pdf', mimeType: 'application/pdf', buffer })
    await page.waitForSelector('[data-basis=seen]')
    await page.click('#approve')
    await client.finishAuthorisation(begun.pending, await person.cameBackTo())
  })

  it('is told when the document is another one, and nothing counts as seen', async () => {
    const begun = await client.beginCredentialAuthorisation([detail(await prepare(), 'deed.pdf')])
    const another = shape('xref-stream')
    await person.handOver(preparedBytes(await prepare(another), another))
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-problem=document-unknown]')
    assert.equal(await page.locator('[data-basis=seen]').count(), 0)
    assert.ok(await page.isDisabled('#approve'))
    await page.click('#decline')
    await person.cameBackTo()
  })

  it('approves what she has not seen only by saying so, and the evidence says it too', async () => {
    const prepared = await prepare()
    const begun = await client.beginCredentialAuthorisation([detail(prepared, 'deed.pdf')])
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=unseen]')
    assert.ok(await page.isDisabled('#approve'))
    await page.check('#accept-unseen')
    await page.click('#approve')
    const approved = await client.finishAuthorisation(begun.pending, await person.cameBackTo())
    assert.equal(await evidenceBasis(await sign(approved, prepared)), 'unseen')
  })

  it('approves what the application has signed for without seeing it, and the evidence names the key', async () => {
    const prepared = await prepare()
    const begun = await vouching.beginCredentialAuthorisation([detail(prepared, '注文書.pdf')])
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=vouched]')
    assert.match(await textOf(page), /注文書\.pdf/)
    assert.match(await textOf(page), /「契約ポータル」が、名前のとおりの文書であると電子署名で保証/)
    await page.click('#approve')
    const approved = await vouching.finishAuthorisation(begun.pending, await person.cameBackTo())
    const { approved: item, clientKey } = await evidenceFacts(await sign(approved, prepared))
    assert.deepEqual([item.basis, clientKey], ['vouched', 'portal-1'])
  })

  it('declines, and the application learns that access was denied', async () => {
    const begun = await client.beginCredentialAuthorisation([detail(await prepare(), 'deed.pdf')])
    await person.handOver()
    await person.go(begun.url)
    await person.page.click('#decline')
    const cameBackTo = await person.cameBackTo()
    await assert.rejects(
      client.finishAuthorisation(begun.pending, cameBackTo),
      (error: unknown) => error instanceof CscError && error.code === 'access_denied',
    )
  })

  it('approves nothing when the device does not recognise her, and may try again', async () => {
    const prepared = await prepare()
    const begun = await client.beginCredentialAuthorisation([detail(prepared, 'deed.pdf')])
    await person.handOver(preparedBytes(prepared))
    await person.go(begun.url)
    const { page, authenticator } = person
    await page.waitForSelector('[data-basis=seen]')
    await authenticator.verifiesUser(false)
    await page.click('#approve')
    await page.waitForSelector('[data-problem=passkey-not-given]')
    await authenticator.verifiesUser(true)
    await page.click('#approve')
    await client.finishAuthorisation(begun.pending, await person.cameBackTo())
  })

  it('reads the page in the language that she chooses', async () => {
    await person.page.goto(deployment.urls.approval)
    await person.page.waitForSelector('[data-problem=no-errand]')
    assert.equal(await person.page.getAttribute('html', 'lang'), 'ja')
    await person.page.click('button[lang=en]')
    await person.page.waitForSelector('html[lang=en]')
    assert.match(await textOf(person.page), /Nothing starts from here/)
  })

  async function prepare(bytes = document): Promise<PreparedPades> {
    const { cert } = await client.credentialsInfo(service, credentialID)
    const [signingCertificate = new Uint8Array(), ...chain] = (cert.certificates ?? []).map(decoded)
    return await preparePades(bytesSource(bytes), {
      platform: nodePlatform,
      signingCertificate,
      chain,
      signatureAlgorithm: 'ecdsa-sha256',
      signingTime: new Date(),
      withTimeStamp: false,
    })
  }

  function detail(prepared: PreparedPades, label: string): AuthorizationDetail {
    const digest = {
      hash: toBase64(prepared.dtbsr),
      label,
      dtbs: toBase64(prepared.signedAttributes),
      documentDigest: toBase64(prepared.documentDigest),
    }
    return { type: 'credential', credentialID, documentDigests: [digest], hashAlgorithmOID: SHA256 }
  }

  async function sign(approved: Token, { dtbsr }: PreparedPades): Promise<Uint8Array> {
    const request = {
      credentialID,
      hashes: [toBase64(dtbsr)],
      hashAlgorithmOID: SHA256,
      signAlgo: ECDSA_SHA256,
    }
    const [signature] = await client.signHash(approved, request)
    return decoded(signature ?? '')
  }

  async function evidenceBasis(signature: Uint8Array): Promise<string> {
    return (await evidenceFacts(signature)).approved.basis
  }

  async function evidenceFacts(signature: Uint8Array) {
    const evidence = await client.evidence(service, credentialID, toBase64(signature))
    const verdict = await verifyEvidence({
      evidence: utf8(JSON.stringify(evidence)),
      samKeyDigest: deployment.samKeyDigest,
      platform: nodePlatform,
    })
    assert.ok(verdict.valid, JSON.stringify(verdict))
    return verdict.facts
  }
})

describe('a person whose key is of level 3', () => {
  let person: Person
  before(async () => {
    person = await openPerson(browser, site)
  })
  after(() => person.leave())

  it('is not let through to approve what she has not seen', async () => {
    const { url } = await invite(deployment, { countryName: 'JP', commonName: '佐藤 明' }, 'level-3')
    const { page } = person
    await person.go(url)
    await page.click('#enrol')
    await page.click('#register')
    await page.waitForSelector('#done')
    const logIn = await client.beginServiceAuthorisation()
    await person.go(logIn.url)
    await page.click('#log-in')
    const service = await client.finishAuthorisation(logIn.pending, await person.cameBackTo())
    const [credentialID = ''] = (await client.credentialsList(service)).credentialIDs

    const hash = toBase64(new Uint8Array(32).fill(1))
    const digests = { documentDigests: [{ hash, label: 'deed.pdf' }], hashAlgorithmOID: SHA256 }
    const begun = await client.beginCredentialAuthorisation([
      { type: 'credential', credentialID, ...digests },
    ])
    await person.go(begun.url)
    await page.waitForSelector('[data-basis=unseen]')
    assert.ok(await page.isDisabled('#approve'))
    assert.equal(await page.locator('#accept-unseen').count(), 0)
    assert.deepEqual(person.errors, [])
  })
})

async function textOf(page: Page): Promise<string> {
  return (await page.textContent('main')) ?? ''
}

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  if (found === undefined) throw new Error(`no PDF shape is called ${name}`)
  return found.bytes()
}

/** The document as prepared: what the application hands over. */
function preparedBytes({ update }: PreparedPades, original = document): Uint8Array {
  return concat(original, update)
}

function decoded(text: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes === undefined) throw new Error('not base64')
  return bytes
}

async function root(): Promise<Uint8Array> {
  const answer = await fetch(`${deployment.urls.authorities}/root.cer`)
  return new Uint8Array(await answer.arrayBuffer())
}
