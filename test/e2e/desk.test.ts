/**
 * The demonstration's page in Chromium: a person enrols two passkeys and signs a PDF of her own, which never
 * leaves her browser until it is signed.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, afterEach, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { verifyEvidence } from '@natsuin/evidence'
import { fromBase64 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import type { Browser, Download, Page } from 'playwright-core'
import {
  addAuthenticator,
  launchChromium,
  openContext,
  type Passkey,
  type WatchedContext,
} from './chromium.ts'

const DEMO = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))

interface Demo {
  readonly url: string
  stop(): Promise<void>
}

describe('the demonstration’s page', () => {
  let demo: Demo
  let browser: Browser
  let watched: WatchedContext
  let desk: Page
  let passkeys: readonly Passkey[] = []

  before(async () => {
    demo = await startDemo()
    browser = await launchChromium()
    watched = await openContext(browser)
    desk = await watched.context.newPage()
    await desk.goto(demo.url)
  })
  after(async () => {
    await browser?.close()
    await demo?.stop()
  })
  afterEach(() =>
    assert.deepEqual(watched.errors.splice(0), [], 'no error in any console, no violated policy'),
  )

  it('shows what just happened, step by step, and who checked it', async () => {
    await desk.waitForSelector('[data-verdict=TOTAL-PASSED]')
    assert.ok((await desk.locator('[data-step]').count()) >= 8)
    assert.equal(await desk.locator('[data-good=false]').count(), 0)
    const signed = await fetch(new URL('/desk/signed.pdf', demo.url))
    assert.equal((await verdictOn(new Uint8Array(await signed.arrayBuffer()))).indication, 'TOTAL-PASSED')
  })

  it('enrols a person by invitation, with a passkey for approvals and one for logging in', async () => {
    await desk.fill('#name', '鈴木 一郎')
    const window = await windowOpenedBy('#enrol')
    const authenticator = await addAuthenticator(window)
    await window.click('#enrol')
    await window.waitForSelector('#register')
    await window.click('#register')
    await desk.waitForSelector('#enrolled')
    passkeys = authenticator.registered
    assert.deepEqual(passkeys.map(({ rpId }) => rpId).sort(), ['approve.localhost', 'localhost'])
  })

  it('tells why a PDF cannot be signed', async () => {
    await choose('encrypted.pdf', await readFile(vector('encrypted-aes-128.pdf')))
    const window = await windowOpenedBy('#sign')
    await device(window)
    await window.click('#log-in')
    await desk.waitForSelector('[data-failure=encrypted]')
    await desk.locator('#sign ~ button').click()
  })

  it('signs a PDF of her own: she sees it on the approval page and takes home what verifies', async () => {
    const original = shape('classic')
    await choose('証書.pdf', original)
    const window = await windowOpenedBy('#sign')
    await device(window)
    await window.click('#log-in')
    await window.waitForSelector('[data-basis=seen]')
    const text = (await window.textContent('main')) ?? ''
    for (const shown of ['鈴木 一郎', '証書.pdf']) assert.ok(text.includes(shown), shown)
    await window.frameLocator('iframe').locator('.textLayer span', { hasText: 'A deed' }).waitFor()
    await window.click('#approve')
    await desk.waitForSelector('#signed')
    assert.equal(await desk.locator('#signed [data-good=true]').count(), 2)

    const pdf = await saved(0)
    assert.deepEqual(
      pdf.bytes.subarray(0, original.length),
      Buffer.from(original),
      'the original is a prefix',
    )
    assert.equal(pdf.name, '証書.signed.pdf')
    const verdict = await verdictOn(pdf.bytes)
    assert.equal(verdict.indication, 'TOTAL-PASSED')
    assert.equal(verdict.facts.level, 'B-T')
    const evidence = await verifyEvidence({
      evidence: (await saved(1)).bytes,
      samKeyDigest: (await config()).samKeyDigest,
      platform: nodePlatform,
    })
    assert.ok(evidence.valid, JSON.stringify(evidence))
    assert.equal(evidence.facts.subject.commonName, '鈴木 一郎')
    assert.equal(evidence.facts.approved.basis, 'seen')
  })

  it('says so when the signer declines', async () => {
    const window = await windowOpenedBy('#sign')
    await device(window)
    // She may be logged in still; the approval page comes at once then.
    await window.waitForSelector('#log-in, #decline')
    if (await window.locator('#log-in').count()) await window.click('#log-in')
    await window.click('#decline')
    await desk.waitForSelector('[data-failure=access_denied]')
  })

  async function windowOpenedBy(selector: string): Promise<Page> {
    const [window] = await Promise.all([watched.context.waitForEvent('page'), desk.click(selector)])
    return window
  }

  /** The same device in another window: what earlier windows used has been counted. */
  async function device(window: Page): Promise<void> {
    passkeys = passkeys.map(passkey => ({ ...passkey, signCount: passkey.signCount + 10 }))
    await addAuthenticator(window, passkeys)
  }

  async function choose(name: string, bytes: Uint8Array): Promise<void> {
    const file = { name, mimeType: 'application/pdf', buffer: Buffer.from(bytes) }
    await desk.setInputFiles('input[type=file]', file)
  }

  /** The file behind the nth link of the result. */
  async function saved(index: number) {
    const link = desk.locator('#signed a[download]').nth(index)
    const [download] = await Promise.all([desk.waitForEvent('download'), link.click()])
    return { name: download.suggestedFilename(), bytes: await bytesOf(download) }
  }

  async function config(): Promise<{ readonly root: string; readonly samKeyDigest: string }> {
    return await (await fetch(new URL('/desk/config.json', demo.url))).json()
  }

  async function verdictOn(pdf: Uint8Array) {
    const root = fromBase64((await config()).root) ?? new Uint8Array()
    return await verifyPades(bytesSource(pdf), { platform: nodePlatform, trustAnchors: [root] })
  }
})

async function startDemo(): Promise<Demo> {
  const state = await mkdtemp(join(tmpdir(), 'natsuin-desk-'))
  const demo = spawn(
    process.execPath,
    ['--conditions=natsuin-source', DEMO, '--json', '--state', state, '--port', String(await freePort())],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const ended = once(demo, 'exit')
  const stop = async () => {
    demo.kill('SIGTERM')
    await ended
    await rm(state, { recursive: true, force: true })
  }
  for await (const line of createInterface({ input: demo.stdout })) {
    const { url } = JSON.parse(line) as { readonly url: string } // demo --json prints one object
    return { url, stop }
  }
  await stop()
  throw new Error('the demonstration ended without a result')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await probe[Symbol.asyncDispose]()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function bytesOf(download: Download): Promise<Buffer> {
  return await readFile(await download.path())
}

function vector(name: string): string {
  return fileURLToPath(new URL(`../vectors/pdf/${name}`, import.meta.url))
}

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  if (found === undefined) throw new Error(`no PDF shape is called ${name}`)
  return found.bytes()
}
