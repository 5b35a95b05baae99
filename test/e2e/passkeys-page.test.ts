/**
 * A person with a browser and her passkeys: the account page, the approval page, and back (sole-control 6; threats
 * T-WA-13).
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Deployment, invite, startThrowaway } from '@natsuin/testing/deployment'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { type Authenticator, launchChromium } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let deployment: Deployment
let browser: Browser
let person: Person

before(async () => {
  site = await openSite()
  deployment = await startThrowaway()
  browser = await launchChromium()
  person = await openPerson(browser, site)
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
  await site?.close()
})

const textOf = async (page: Page) => (await page.textContent('body')) ?? ''
const account = () => `${deployment.urls.server}/account/`

describe('a person with two devices', () => {
  let securityKey: Pick<Authenticator, 'isTouched'>
  afterEach(() =>
    assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy'),
  )

  it('enrols, and logs in to see the passkey that approves', async () => {
    const { page } = person
    const { url } = await invite(deployment, { countryName: 'JP', commonName: '山田 花子' }, 'level-1')
    await person.go(url)
    await page.click('#enrol')
    await page.click('#register')
    await page.waitForSelector('#done')
    await person.go(account())
    await page.click('#log-in')
    await page.waitForSelector('.passkeys li')
    assert.match(await textOf(page), /最初に登録したパスキー/)
    assert.equal(await page.locator('.passkeys li').count(), 1)
    assert.ok(await page.locator('.passkeys li button').isDisabled(), 'the last one cannot be removed')
    assert.deepEqual(await complaints(page), [])
  })

  it('adds a security key: creates it, then approves it with the passkey that she has', async () => {
    const { page, authenticator } = person
    await page.click('#add')
    await page.waitForSelector('#create')
    assert.equal(page.url(), `${deployment.urls.approval}/`, 'the handle is in no address')
    assert.match(await textOf(page), /山田 花子/)
    assert.deepEqual(await complaints(page), [])
    securityKey = await authenticator.plugIn()
    await authenticator.isTouched(false)
    await page.fill('#label', '青い鍵')
    await page.click('#create')
    await page.waitForSelector('#confirm')
    assert.deepEqual(await complaints(page), [])
    await securityKey.isTouched(false)
    await authenticator.isTouched(true)
    await page.click('#confirm')
    await page.waitForSelector('.passkeys li:nth-child(2)')
    assert.equal(page.url(), account())
    const text = await textOf(page)
    assert.match(text, /青い鍵/)
    assert.match(text, /パスキーが追加されました/)
    assert.deepEqual(await complaints(page), [])
  })

  it('removes the first one with the security key, and is shown which one it is', async () => {
    const { page, authenticator } = person
    await page.locator('.passkeys li button').first().click()
    await page.waitForSelector('#confirm')
    assert.match(await textOf(page), /最初に登録したパスキー/)
    assert.deepEqual(await complaints(page), [])
    await authenticator.isTouched(false)
    await securityKey.isTouched(true)
    await page.click('#confirm')
    await page.waitForSelector('#notices')
    await authenticator.isTouched(true)
    assert.equal(await page.locator('.passkeys li').count(), 1)
    assert.match(await textOf(page), /パスキーが削除されました/)
  })

  it('finds nothing behind a link that was used, and nothing in the other language missing', async () => {
    const { page } = person
    await page.click('button[lang=en]')
    assert.match(await textOf(page), /Passkeys that approve/)
    await page.click('#log-out')
    await page.waitForSelector('#log-in')
    await page.reload()
    await page.waitForSelector('#log-in')
    await person.go(`${deployment.urls.approval}/#passkey=AAAAAAAAAAAAAAAAAAAAAA`)
    await page.waitForSelector('[data-problem=ticket-over]')
    assert.deepEqual(await complaints(page), [])
    // The browser itself reports the 404 that the page was answered with.
    person.errors.splice(0)
  })
})
