/** The page where the API is browsed: both editions, both languages, every operation, nothing from elsewhere. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Deployment, startThrowaway } from '@natsuin/testing/deployment'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { launchChromium } from './chromium.ts'

let deployment: Deployment
let browser: Browser
let page: Page
const errors: string[] = []
const elsewhere: string[] = []

before(async () => {
  deployment = await startThrowaway()
  browser = await launchChromium()
  page = await browser.newPage({ locale: 'ja-JP' })
  page.on('pageerror', error => void errors.push(error.message))
  page.on('console', message => void (message.type() === 'error' && errors.push(message.text())))
  page.on('request', request => {
    if (!request.url().startsWith(deployment.urls.server)) elsewhere.push(request.url())
  })
  await page.goto(`${deployment.urls.server}/csc/`)
  await page.waitForSelector('.operation')
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
})

const idsOnPage = () => page.locator('.operation').evaluateAll(found => found.map(({ id }) => id))

async function idsOf(edition: 'v1' | 'v2'): Promise<readonly string[]> {
  const answer = await fetch(`${deployment.urls.server}/csc/${edition}/openapi.json`)
  const { paths } = (await answer.json()) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  return Object.values(paths).flatMap(path => Object.values(path).map(({ operationId }) => operationId))
}

describe('the page where the API is browsed', () => {
  it('has every operation of v2 and, when asked, of v1', async () => {
    assert.deepEqual((await idsOnPage()).sort(), [...(await idsOf('v2'))].sort())
    await page.click('text=CSC API v1')
    await page.getByText('POST /csc/v1/credentials/list').waitFor()
    assert.deepEqual((await idsOnPage()).sort(), [...(await idsOf('v1'))].sort())
    await page.click('text=CSC API v2')
    await page.getByText('POST /csc/v2/credentials/list').waitFor()
  })

  it('shows of an operation its members, a request to copy and what it answers', async () => {
    await page.click('#signaturesSignHash summary')
    const text = (await page.textContent('#signaturesSignHash')) ?? ''
    for (const shown of ['credentialID', 'hashAlgorithmOID', 'curl ', 'signatures', '401'])
      assert.ok(text.includes(shown), shown)
  })

  it('speaks Japanese and English', async () => {
    assert.match((await page.textContent('h1')) ?? '', /署名 API/)
    await page.click('text=English')
    assert.match((await page.textContent('h1')) ?? '', /signing API/)
  })

  it('can be used by everybody, has no error in the console, and asks nobody else for anything', async () => {
    assert.deepEqual(await complaints(page), [])
    assert.deepEqual(errors, [])
    assert.deepEqual(elsewhere, [])
  })
})
