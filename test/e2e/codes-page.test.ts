/** Enrolment with PIN and authenticator app in Chromium (sole-control 7): what leaves the page, and what the page says. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import {
  classOf,
  codeAt,
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

const CODES = classOf(2, { id: 'codes', approvals: ['pin-totp'] })
const PIN = '830512'

let site: Site
let deployment: Deployment
let browser: Browser
let person: Person
before(async () => {
  site = await openSite()
  const clients = [{ id: 'portal', name: 'Portal', redirectUris: [site.callback] }]
  deployment = await startThrowaway({ classes: [CODES], clients })
  browser = await launchChromium()
  person = await openPerson(browser, site)
})
after(async () => {
  await person?.leave()
  await browser?.close()
  await deployment?.stop()
  await site?.close()
})

/** RFC 4648, 6. */
function fromBase32(text: string): Uint8Array {
  const digits = [...text].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter))
  const bits = digits.map(digit => digit.toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], byte => Number.parseInt(byte, 2))
}

describe('a person who enrols with PIN and app', () => {
  let secret: Uint8Array
  let sent: string
  let credentialID: string

  it('chooses a PIN, sets the app up, and is told in both languages what is missing', async () => {
    const { page } = person
    page.on('request', asked => {
      if (asked.method() === 'POST' && asked.url().includes('/enrolments/')) sent = asked.postData() ?? ''
    })
    // Read before the page gets it: it goes on to the next one at once, and then there is no body any more.
    await page.route('**/enrolments/*', async route => {
      const answer = await route.fetch()
      if (route.request().method() === 'POST' && answer.ok())
        credentialID = (await answer.json()).credentialId
      await route.fulfill({ response: answer })
    })
    const { url } = await invite(deployment, { commonName: '山田 花子' }, CODES.id)
    await person.go(url)
    await page.waitForSelector('#pin')
    assert.ok(await page.isDisabled('#enrol'))
    await page.fill('#pin', '123456')
    await page.waitForSelector('#missing:has-text("6桁から12桁")')
    await page.fill('#pin', PIN)
    await page.fill('#pin-again', '830513')
    await page.waitForSelector('#missing:has-text("一致していません")')
    await page.click('button[lang=en]')
    await page.waitForSelector('#missing:has-text("not the same")')
    await page.fill('#pin-again', PIN)
    const shown = ((await page.textContent('#secret')) ?? '').replaceAll(' ', '')
    secret = fromBase32(shown)
    assert.equal(secret.length, 20)
    const app = await page.getAttribute('a[href^="otpauth:"]', 'href')
    assert.equal(new URL(app ?? '').searchParams.get('secret'), shown)
    for (const language of ['ja', 'en']) {
      await page.click(`button[lang=${language}]`)
      assert.deepEqual(await complaints(page), [])
    }
  })

  it('is told when the code is wrong, and enrols with the right one', async () => {
    const { page } = person
    const wrong = ['111111', '222222', '333333', '444444'].find(
      code => ![-30, 0, 30].some(drift => codeAt(secret, Date.now() / 1000 + drift) === code),
    )
    await page.fill('#code', wrong ?? '')
    await page.click('#enrol')
    await page.waitForSelector('[data-problem=code-wrong]')
    assert.deepEqual(await complaints(page), [])
    await page.fill('#code', codeAt(secret, Date.now() / 1000))
    await page.click('#enrol')
    await page.waitForSelector('#register')
    // The browser itself reports the 400 that the wrong code was answered with.
    person.errors.splice(0)
  })

  it('T-OTP-08: has told server neither PIN nor secret nor code', () => {
    const { means } = JSON.parse(sent) as { means: { pinTotp: { box: { ciphertext: string } } } }
    const { ciphertext } = means.pinTotp.box
    assert.equal(fromUtf8(fromBase64url(ciphertext) ?? new Uint8Array()), undefined)
    for (const told of [PIN, Buffer.from(secret).toString('base64url')]) assert.ok(!sent.includes(told))
  })

  it('has nothing to approve on this page: applications ask for PIN and code themselves', async () => {
    const { page } = person
    await page.click('#register')
    await page.waitForSelector('#done')
    const application = openApplication(deployment, { clientId: 'portal', redirectUri: site.callback })
    const [document = assert.fail()] = testDocuments(1)
    const detail = {
      type: 'credential',
      credentialID,
      documentDigests: [document.digest],
      hashAlgorithmOID: SHA256_OID,
    }
    const request = application.begin({ authorization_details: JSON.stringify([detail]) })
    await person.go(await application.push(request))
    await page.waitForSelector('[data-problem=not-on-this-page]')
    assert.deepEqual(await complaints(page), [])
  })
})
