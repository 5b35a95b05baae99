/**
 * The demonstration's page as a stranger meets it: in her own language, with a file that she really drops, and
 * with a signed PDF that other people's programs judge. (`desk.test.ts` has the page's own rules.)
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { verifyEvidence } from '@natsuin/evidence'
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { certificateDatabase, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import type { Browser, Page } from 'playwright-core'
import {
  addAuthenticator,
  launchChromium,
  openContext,
  type Passkey,
  type WatchedContext,
} from './chromium.ts'
import { freePorts, type Printed, startDemo } from './demo-command.ts'
import { opensslOpinion } from './openssl-judges.ts'

const folder = temporaryFolder()

interface Config {
  readonly root: Uint8Array
  readonly samKeyDigest: string
}

describe('the demonstration’s page, met by a stranger', () => {
  let demo: ReturnType<typeof startDemo>
  let url: string
  let browser: Browser
  let config: Config

  before(async () => {
    demo = startDemo('--json', '--state', join(folder, 'state'), '--port', String(await freePorts()))
    url = (JSON.parse(await demo.printed('}\n')) as Printed).url
    const { root, samKeyDigest } = await (await fetch(`${url}desk/config.json`)).json()
    config = { root: fromBase64(root) ?? new Uint8Array(), samKeyDigest }
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await demo?.interrupt('SIGTERM')
  })

  for (const [locale, language, heading, other, otherHeading] of [
    ['en-GB', 'en', 'Sign a PDF of your own', 'ja', 'あなたの PDF に署名する'],
    ['ja-JP', 'ja', 'あなたの PDF に署名する', 'en', 'Sign a PDF of your own'],
  ] as const) {
    const proves = { en: 'proves that', ja: '承認したことを証明' }
    it(`speaks ${language} to a browser set to ${locale}, and ${other} when asked to`, async () => {
      const { context, errors } = await openContext(browser, locale)
      const page = await context.newPage()
      await page.goto(url)
      await page.waitForSelector(`html[lang=${language}] h2#own`)
      assert.equal(await page.textContent('h2#own'), heading)
      assert.ok((await page.textContent('.judges'))?.includes(proves[language]))
      await page.click(`button[lang=${other}]`)
      await page.waitForSelector(`html[lang=${other}]`)
      assert.equal(await page.textContent('h2#own'), otherHeading)
      assert.ok((await page.textContent('.judges'))?.includes(proves[other]))
      await context.close()
      assert.deepEqual(errors, [])
    })
  }

  describe('who signs in English', () => {
    let watched: WatchedContext
    let desk: Page
    let passkeys: readonly Passkey[] = []
    const original = Buffer.from(shape('object-stream'))
    const signedPath = join(folder, 'signed.pdf')
    let evidence: Uint8Array

    before(async () => {
      watched = await openContext(browser, 'en-GB')
      desk = await watched.context.newPage()
      await desk.goto(url)
    })
    after(() => watched.context.close())
    afterEach(() => assert.deepEqual(watched.errors, [], 'no error in any console, no violated policy'))

    it('enrols with two real passkey ceremonies', async () => {
      await desk.fill('#name', 'Ada Lovelace')
      const window = await windowOpenedBy('#enrol')
      const device = await addAuthenticator(window)
      await window.waitForSelector('html[lang=en]')
      await window.click('#enrol')
      await window.click('#register')
      await desk.waitForSelector('#enrolled')
      passkeys = device.registered
    })

    it('drops a PDF, logs in, sees it on the approval origin, approves, and saves what she signed', async () => {
      await drop('deed.pdf', original)
      const window = await windowOpenedBy('#sign')
      await addAuthenticator(
        window,
        passkeys.map(passkey => ({ ...passkey, signCount: passkey.signCount + 10 })),
      )
      await window.click('#log-in')
      await window.waitForSelector('[data-basis=seen]')
      assert.equal(new URL(window.url()).hostname, 'approve.localhost')
      await window.click('#approve')
      await desk.waitForSelector('#signed')
      writeFileSync(signedPath, await saved(0))
      evidence = await saved(1)
    })

    it('has a PDF that begins with what she dropped, byte by byte', () => {
      const signed = readFileSync(signedPath)
      assert.ok(signed.length > original.length && signed.subarray(0, original.length).equals(original))
      assert.equal(qpdfCheck(signedPath).status, 0)
    })

    it('has a signature that pdfsig trusts and openssl verifies with its time-stamp', () => {
      const [signature] = pdfsig(signedPath, certificateDatabase(folder, config.root))
      const { valid, trusted, coversWholeDocument } = signature ?? {}
      assert.deepEqual([valid, trusted, coversWholeDocument], [true, true, true])
      const { cms, timeStamp } = opensslOpinion(signedPath, config.root, folder)
      assert.match(cms, /CAdES Verification successful/)
      assert.match(timeStamp, /Verification: OK/)
    })

    it('has evidence that she saw and approved this very document', async () => {
      const trust = { platform: nodePlatform, trustAnchors: [config.root] }
      const { indication, facts } = await verifyPades(bytesSource(readFileSync(signedPath)), trust)
      const { signedAttributes, signatureValue } = facts
      assert.ok(indication === 'TOTAL-PASSED' && signedAttributes && signatureValue)
      const document = { signedAttributes, signatureValue }
      const { samKeyDigest } = config
      const verdict = await verifyEvidence({ evidence, samKeyDigest, document, platform: nodePlatform })
      assert.ok(verdict.valid, JSON.stringify(verdict))
      const { subject, approved, documentCompared } = verdict.facts
      assert.deepEqual([subject.commonName, approved.basis, documentCompared], ['Ada Lovelace', 'seen', true])
    })

    async function windowOpenedBy(selector: string): Promise<Page> {
      const [window] = await Promise.all([watched.context.waitForEvent('page'), desk.click(selector)])
      return window
    }

    /** A drop as the browser reports it, with a file from outside. */
    async function drop(name: string, bytes: Uint8Array): Promise<void> {
      const transfer = await desk.evaluateHandle(
        ([fileName, content]) => {
          const file = new File([Uint8Array.from(atob(content), one => one.charCodeAt(0))], fileName, {
            type: 'application/pdf',
          })
          const data = new DataTransfer()
          data.items.add(file)
          return data
        },
        [name, toBase64(bytes)] as const,
      )
      await desk.dispatchEvent('.own .drop', 'drop', { dataTransfer: transfer })
      await desk.waitForSelector('.chosen')
    }

    /** The file behind the nth link of the result. */
    async function saved(index: number): Promise<Uint8Array> {
      const link = desk.locator('#signed a[download]').nth(index)
      const [download] = await Promise.all([desk.waitForEvent('download'), link.click()])
      return readFileSync(await download.path())
    }
  })
})

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  assert.ok(found !== undefined, name)
  return found.bytes()
}
