/**
 * A person who approves by logging in at an identity provider, alone or together with a passkey, in a browser: enrolment,
 * approval and back, in both languages (sole-control 7).
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { classOf, type Deployment, freePort, invite, startThrowaway } from '@natsuin/testing/deployment'
import { documentWith } from '@natsuin/testing/pdf'
import {
  createForeignProvider,
  entryInFile,
  type ForeignProvider,
  serveDeployment,
} from '@natsuin/testing/provider'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { launchChromium, see } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { type Account, Portal, portalPlan, requestFor } from './portal.ts'
import { openSite, type Site } from './site.ts'

const VOUCHED = classOf(2, { id: 'vouched', approvals: ['provider'], provider: 'example' })
const STRICT = classOf(3, { id: 'strict', approvals: ['provider-and-passkey'], provider: 'example' })

let site: Site
let idp: ForeignProvider
let deployment: Deployment
let portal: Portal
let browser: Browser

before(async () => {
  site = await openSite()
  idp = createForeignProvider(await freePort())
  const { plan, key } = portalPlan(site)
  deployment = await startThrowaway({
    classes: [VOUCHED, STRICT],
    clients: [plan],
    providers: [entryInFile(idp)],
  })
  await serveDeployment(idp, deployment)
  portal = await Portal.open(deployment, site, key)
  browser = await launchChromium()
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
  await idp?.stop()
  await site?.close()
})

const textOf = async (page: Page) => (await page.textContent('body')) ?? ''

/** Clicks what opens the provider's window, and logs in there under this name. */
async function logIn(page: Page, name: string): Promise<void> {
  const [window] = await Promise.all([page.context().waitForEvent('page'), page.click('#log-in')])
  await window.waitForSelector('input[name=name]')
  assert.ok(window.url().startsWith(idp.entry.issuer))
  assert.equal(await window.evaluate('window.opener'), null, 'the provider cannot reach the page')
  await window.fill('input[name=name]', name)
  await Promise.all([window.waitForEvent('close'), window.click('#log-in')])
}

/** Has her approve one document, and returns what the evidence says of it. */
async function approve(person: Person, account: Account, label: string, act: (page: Page) => Promise<void>) {
  const documents = await portal.prepare(account, [{ label, bytes: documentWith({}) }])
  await person.handOver(...documents.map(({ bytes }) => bytes))
  const begun = await portal.client.beginCredentialAuthorisation(requestFor(account, documents))
  await person.go(begun.url)
  // Only once the document has been seen.
  await see(person.page, '#log-in:enabled')
  await act(person.page)
  const approved = await portal.client.finishAuthorisation(begun.pending, await person.cameBackTo())
  const [signature = new Uint8Array()] = await portal.sign(approved, account, documents)
  return portal.evidenceFacts(account, signature)
}

describe('a person with an account at an identity provider', () => {
  let person: Person
  let account: Account
  before(async () => {
    person = await openPerson(browser, site)
  })
  after(() => person.leave())
  afterEach(() =>
    assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy'),
  )

  it('links it when she enrols, and needs no passkey to approve', async () => {
    const { page } = person
    const subject = { countryName: 'JP', commonName: '山田 花子' }
    const { url } = await invite(deployment, subject, VOUCHED.id)
    await person.go(url)
    await see(page, '#log-in')
    assert.match(await textOf(page), /「Example ID」にログインして登録する/)
    assert.deepEqual(await complaints(page), [])
    await page.click('button[lang=en]')
    assert.match(await textOf(page), /Log in at Example ID to enrol/)
    assert.deepEqual(await complaints(page), [])
    await page.click('button[lang=ja]')
    await logIn(page, 'hanako')
    await page.click('#register')
    await page.waitForSelector('#done')
    account = await portal.logIn(person)
  })

  it('approves by logging in anew; the evidence says who vouched', async () => {
    const { approvedWith, level, approved } = await approve(person, account, '契約書.pdf', async page => {
      assert.match(await textOf(page), /「Example ID」にログインして承認する/)
      assert.deepEqual(await complaints(page), [])
      await logIn(page, 'hanako')
    })
    assert.ok(approvedWith.kind === 'provider')
    assert.deepEqual([approvedWith.logIn.subject, level, approved.basis], ['hanako', 2, 'seen'])
  })

  it('may give up, or use another account, and try again', async () => {
    await approve(person, account, '覚書.pdf', async page => {
      const [window] = await Promise.all([page.context().waitForEvent('page'), page.click('#log-in')])
      await window.waitForSelector('#log-in')
      assert.deepEqual(await complaints(page), [])
      await page.click('#give-up')
      await window.close()
      await see(page, '[data-problem=log-in-not-given]')
      const [again] = await Promise.all([page.context().waitForEvent('page'), page.click('#log-in')])
      await again.waitForSelector('#cancel')
      await Promise.all([again.waitForEvent('close'), again.click('#cancel')])
      await see(page, '[data-problem=log-in-not-given]')
      await logIn(page, 'taro')
      await see(page, '[data-problem=log-in-account]')
      // The browser itself reports the 400 that the page was answered with.
      person.errors.splice(0)
      await logIn(page, 'hanako')
    })
  })
})

describe('a person with an account and a passkey', () => {
  let person: Person
  before(async () => {
    person = await openPerson(browser, site)
  })
  after(() => person.leave())
  afterEach(() =>
    assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy'),
  )

  it('enrols with both, and approves with both: one after the other', async () => {
    const { page } = person
    const { url } = await invite(deployment, { countryName: 'JP', commonName: '佐藤 太郎' }, STRICT.id)
    await person.go(url)
    await see(page, '#log-in')
    assert.match(await textOf(page), /まず「Example ID」にログインする/)
    await logIn(page, 'taro')
    await see(page, '#enrol')
    assert.deepEqual(await complaints(page), [])
    await page.click('#enrol')
    await page.click('#register')
    await page.waitForSelector('#done')
    const account = await portal.logIn(person)
    const { approvedWith, level } = await approve(person, account, '議事録.pdf', async page => {
      await logIn(page, 'taro')
      await see(page, '#approve')
      assert.match(await textOf(page), /続けてパスキーで承認してください/)
      assert.deepEqual(await complaints(page), [])
      await page.click('#approve')
    })
    assert.ok(approvedWith.kind === 'provider-and-passkey')
    assert.deepEqual([approvedWith.logIn.subject, level], ['taro', 3])
  })
})

describe('where the provider sends people back to', () => {
  it('is a page that says what to do when its window does not close', async () => {
    const context = await browser.newContext({ locale: 'en-GB' })
    const page = await context.newPage()
    await page.goto(`${deployment.urls.approval}/provider.html?code=c&state=s`)
    await see(page, '#came-back')
    assert.equal(page.url(), `${deployment.urls.approval}/provider.html`, 'the code is in no address')
    assert.match(await textOf(page), /Close this window/)
    assert.deepEqual(await complaints(page), [])
    await page.click('button[lang=ja]')
    assert.match(await textOf(page), /このウィンドウを閉じて/)
    await context.close()
  })
})
