/**
 * What a person finds on her account page beside her passkeys: what waits for her, and passwords for her programs, in Chromium
 * and in both languages (CSC API v2.0.0.2, 11.2, 11.6 and 11.7).
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  classOf,
  type Deployment,
  invite,
  openApplication,
  SHA256_OID,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import type { Browser } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { launchChromium } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let deployment: Deployment
let browser: Browser
let person: Person
let application: Application
let credentialID: string
before(async () => {
  site = await openSite()
  const registration = { authorization: 'out-of-band' }
  deployment = await startThrowaway({
    classes: [classOf(1)],
    clients: [{ id: 'portal', name: '人事ポータル', redirectUris: [site.callback], registration }],
    server: { logInClient: 'portal' },
  })
  browser = await launchChromium()
  person = await openPerson(browser, site)
  application = openApplication(deployment, { clientId: 'portal', redirectUri: site.callback })
})
after(async () => {
  await person?.leave()
  await browser?.close()
  await deployment?.stop()
  await site?.close()
})

const account = () => `${deployment.urls.server}/account/`

/** The service token that a program gets for the user name and the password that the page shows. */
async function logInAs(user: string, password: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const { status, body } = await application.call('auth/login', {}, undefined, { authorization })
  assert.equal(status, 200, JSON.stringify(body))
  return (body as { access_token: string }).access_token
}

describe('the account page of a person', () => {
  let token: string

  it('makes a password for a program, which is shown once and works', async () => {
    const { page } = person
    const { url } = await invite(deployment, { countryName: 'JP', commonName: '山田 花子' }, 'level-1')
    await page.route('**/enrolments/*', async route => {
      const answer = await route.fetch()
      if (route.request().method() === 'POST' && answer.ok())
        credentialID = (await answer.json()).credentialId
      await route.fulfill({ response: answer })
    })
    await person.go(url)
    await page.click('#enrol')
    await page.click('#register')
    await page.waitForSelector('#done')
    await person.go(account())
    await page.click('#log-in')
    await page.waitForSelector('#nothing-waits')
    assert.ok(await page.isDisabled('#make-password'))
    await page.fill('#password-label', '請求書プログラム')
    await page.click('#make-password')
    const password = (await (await page.waitForSelector('#password')).textContent()) ?? ''
    const user = (await page.textContent('#password-user')) ?? ''
    for (const language of ['ja', 'en']) {
      await page.click(`button[lang=${language}]`)
      assert.deepEqual(await complaints(page), [])
    }
    token = await logInAs(user, password)
    await page.reload()
    await page.waitForSelector('text=請求書プログラム')
    assert.ok(!((await page.textContent('body')) ?? '').includes(password), 'never again')
  })

  it('A-03: tells, while it is open, who asks for what, and leads to the approval page, where she approves', async () => {
    const { page } = person
    const hashes = testDocuments(2).map(({ digest }) => digest.hash)
    const request = {
      credentialID,
      numSignatures: 2,
      hashes,
      hashAlgorithmOID: SHA256_OID,
      authData: [{ id: 'APPROVAL' }],
      description: '雇用契約書',
    }
    const begun = await application.call('credentials/authorize', request, token)
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    const { handle } = begun.body as { handle: string }
    await page.waitForSelector('text=人事ポータル')
    const text = (await page.textContent('body')) ?? ''
    assert.match(text, /雇用契約書 \(1\)/)
    for (const language of ['en', 'ja']) {
      await page.click(`button[lang=${language}]`)
      assert.deepEqual(await complaints(page), [])
    }
    await page.click('a.button')
    await page.waitForSelector('#approve')
    assert.equal(page.url(), `${deployment.urls.approval}/`, 'the handle is in no address')
    assert.match((await page.textContent('body')) ?? '', /雇用契約書/)
    await page.check('#accept-unseen')
    await page.click('#approve')
    await page.waitForURL(account())
    await page.waitForSelector('#nothing-waits')
    const { status } = await application.call('credentials/authorizeCheck', { handle }, token)
    assert.equal(status, 200)
    assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy')
  })

  it('ends a password, and with it what it opened', async () => {
    const { page } = person
    assert.equal((await application.call('credentials/list', {}, token)).status, 200)
    await page.click('section:has(#password-label) li button')
    await page.waitForSelector('text=請求書プログラム', { state: 'detached' })
    assert.equal((await application.call('credentials/list', {}, token)).status, 401)
    assert.deepEqual(person.errors.splice(0), [])
  })
})
