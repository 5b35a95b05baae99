/**
 * The whole service with a person's browser: the real approval origin, the log-in and account pages in Chromium
 * with a virtual authenticator, against the running processes (sole-control 4 and 6).
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { completePades } from '@natsuin/ades/pades'
import { appendedSource, bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { CscError } from '@natsuin/client'
import { nodePlatform } from '@natsuin/pki/node'
import { type Deployment, invite, startThrowaway } from '@natsuin/testing/deployment'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { launchChromium } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { type Account, Portal, type PreparedDocument, portalPlan, requestFor, SHA256 } from './portal.ts'
import { openSite, type Site } from './site.ts'

const document = shape('classic')

let site: Site
let deployment: Deployment
let browser: Browser
let portal: Portal

before(async () => {
  site = await openSite()
  const { plan, key } = portalPlan(site)
  deployment = await startThrowaway({ clients: [plan] })
  portal = await Portal.open(deployment, site, key)
  browser = await launchChromium()
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
  await site?.close()
})

describe('a person with a browser', () => {
  let person: Person
  let account: Account

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
    assert.deepEqual(await complaints(page), [])
    await page.click('#enrol')
    await page.waitForSelector('#register')
    assert.equal(page.url(), `${deployment.urls.server}/account/`, 'the token is in no address')
    assert.deepEqual(await complaints(page), [])
    await page.click('#register')
    await page.waitForSelector('#done')
    assert.deepEqual(await complaints(page), [])
    const message = (await person.messages()).find(({ natsuin }) => natsuin === 'enrolled')
    assert.equal(typeof message?.['signerId'], 'string')
  })

  it('logs in for the application that is named', async () => {
    const { client } = portal
    const begun = await client.beginServiceAuthorisation()
    await person.go(begun.url)
    await person.page.waitForSelector('#log-in')
    assert.match(await textOf(person.page), /契約ポータル/)
    assert.deepEqual(await complaints(person.page), [])
    await person.page.click('#log-in')
    const service = await client.finishAuthorisation(begun.pending, await person.cameBackTo())
    const { credentialIDs } = await client.credentialsList(service)
    assert.equal(credentialIDs.length, 1)
    account = { service, credentialID: credentialIDs[0] ?? '' }
  })

  it('cannot have somebody else log in by a link of hers', async () => {
    const begun = await portal.client.beginServiceAuthorisation()
    await person.go(begun.url)
    await person.page.waitForSelector('#log-in')
    const victim = await openPerson(browser, site)
    await victim.go(person.page.url())
    await victim.page.waitForSelector('[data-failure=log-in-foreign-browser]')
    assert.equal(await victim.page.locator('#log-in').count(), 0)
    assert.deepEqual(await complaints(victim.page), [])
    await victim.leave()
  })

  it('approves a document that the application hands over, which is shown, and gets exactly it signed', async () => {
    const prepared = await prepare('業務委託契約書.pdf')
    const begun = await beginWith(prepared)
    await person.handOver(prepared.bytes)
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
    const approved = await portal.client.finishAuthorisation(begun.pending, await person.cameBackTo())
    const signature = await sign(approved, prepared)
    const update = await completePades(prepared.prepared, signature, { platform: nodePlatform })
    const verdict = await verifyPades(appendedSource(bytesSource(document), update), {
      platform: nodePlatform,
      trustAnchors: [await root()],
      at: new Date(),
    })
    assert.equal(verdict.indication, 'TOTAL-PASSED', JSON.stringify(verdict))
    assert.equal(await evidenceBasis(signature), 'seen')
  })

  it('can put the document there herself', async () => {
    const prepared = await prepare('deed.pdf')
    const begun = await beginWith(prepared)
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=unseen]')
    const buffer = Buffer.from(prepared.bytes)
    await page.setInputFiles('input[type=file]', { name: 'deed.pdf', mimeType: 'application/pdf', buffer })
    await page.waitForSelector('[data-basis=seen]')
    await page.click('#approve')
    await portal.client.finishAuthorisation(begun.pending, await person.cameBackTo())
  })

  it('is told when the document is another one, and nothing counts as seen', async () => {
    const begun = await beginWith(await prepare('deed.pdf'))
    await person.handOver((await prepare('deed.pdf', shape('xref-stream'))).bytes)
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-problem=document-unknown]')
    assert.deepEqual(await complaints(page), [])
    assert.equal(await page.locator('[data-basis=seen]').count(), 0)
    assert.ok(await page.isDisabled('#approve'))
    await page.click('#decline')
    await person.cameBackTo()
  })

  it('approves what she has not seen only by saying so, and the evidence says it too', async () => {
    const prepared = await prepare('deed.pdf')
    const begun = await beginWith(prepared)
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=unseen]')
    assert.ok(await page.isDisabled('#approve'))
    await page.check('#accept-unseen')
    await page.click('#approve')
    const approved = await portal.client.finishAuthorisation(begun.pending, await person.cameBackTo())
    assert.equal(await evidenceBasis(await sign(approved, prepared)), 'unseen')
  })

  it('approves what the application has signed for without seeing it, and the evidence names the key', async () => {
    const prepared = await prepare('注文書.pdf')
    const begun = await portal.vouching.beginCredentialAuthorisation(requestFor(account, [prepared]))
    await person.handOver()
    await person.go(begun.url)
    const { page } = person
    await page.waitForSelector('[data-basis=vouched]')
    assert.match(await textOf(page), /注文書\.pdf/)
    assert.match(await textOf(page), /「契約ポータル」が、名前のとおりの文書であると電子署名で保証/)
    await page.click('#approve')
    const approved = await portal.vouching.finishAuthorisation(begun.pending, await person.cameBackTo())
    const signature = await sign(approved, prepared)
    const { approved: item, clientKey } = await portal.evidenceFacts(account, signature)
    assert.deepEqual([item.basis, clientKey], ['vouched', 'portal-1'])
  })

  it('declines, and the application learns that access was denied', async () => {
    const begun = await beginWith(await prepare('deed.pdf'))
    await person.handOver()
    await person.go(begun.url)
    await person.page.click('#decline')
    const cameBackTo = await person.cameBackTo()
    await assert.rejects(
      portal.client.finishAuthorisation(begun.pending, cameBackTo),
      (error: unknown) => error instanceof CscError && error.code === 'access_denied',
    )
  })

  it('approves nothing when the device does not recognise her, and may try again', async () => {
    const prepared = await prepare('deed.pdf')
    const begun = await beginWith(prepared)
    await person.handOver(prepared.bytes)
    await person.go(begun.url)
    const { page, authenticator } = person
    await page.waitForSelector('[data-basis=seen]')
    await authenticator.verifiesUser(false)
    await page.click('#approve')
    await page.waitForSelector('[data-problem=passkey-not-given]')
    assert.deepEqual(await complaints(page), [])
    await authenticator.verifiesUser(true)
    await page.click('#approve')
    await portal.client.finishAuthorisation(begun.pending, await person.cameBackTo())
  })

  it('reads the page in the language that she chooses', async () => {
    await person.page.goto(deployment.urls.approval)
    await person.page.waitForSelector('[data-problem=no-errand]')
    assert.deepEqual(await complaints(person.page), [])
    assert.equal(await person.page.getAttribute('html', 'lang'), 'ja')
    await person.page.click('button[lang=en]')
    await person.page.waitForSelector('html[lang=en]')
    assert.match(await textOf(person.page), /Nothing starts from here/)
  })

  async function prepare(label: string, bytes = document): Promise<PreparedDocument> {
    const [prepared] = await portal.prepare(account, [{ label, bytes }])
    return prepared ?? assert.fail()
  }

  /** The application asks for the signature, without signing what it asks for. */
  const beginWith = (prepared: PreparedDocument) =>
    portal.client.beginCredentialAuthorisation(requestFor(account, [prepared]))

  async function sign(approved: Account['service'], prepared: PreparedDocument): Promise<Uint8Array> {
    const [signature] = await portal.sign(approved, account, [prepared])
    return signature ?? assert.fail()
  }

  const evidenceBasis = async (signature: Uint8Array) =>
    (await portal.evidenceFacts(account, signature)).approved.basis
})

describe('a person whose key is of level 3', () => {
  let person: Person
  before(async () => {
    person = await openPerson(browser, site)
  })
  after(() => person.leave())

  it('is not let through to approve what she has not seen', async () => {
    const { page } = person
    const { credentialID } = await portal.welcome(person, '佐藤 明', 'level-3')
    const documentDigests = [{ hash: new Uint8Array(32).fill(1), label: 'deed.pdf' }]
    const request = { credentialID, documentDigests, hashAlgorithmOID: SHA256 }
    const begun = await portal.client.beginCredentialAuthorisation(request)
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

async function root(): Promise<Uint8Array> {
  const answer = await fetch(`${deployment.urls.authorities}/root.cer`)
  return new Uint8Array(await answer.arrayBuffer())
}
