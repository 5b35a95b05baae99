/** Chromium for end-to-end tests: headless, with virtual authenticators, and strict about its console. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** Quiet and without services of its own; as root Chromium has no sandbox to offer. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Generous for a loaded machine; a page that has not moved by then never will. */
const TIMEOUT_MS = 60_000

export async function launchChromium(): Promise<Browser> {
  // Where the locale has no Japanese, Chromium saves a file of a Japanese name as `download`.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  return await chromium.launch({ executablePath: executable(), args: ARGUMENTS, env })
}

function executable(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = NAMES.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
  if (found === undefined) throw new Error(`none of ${NAMES.join(', ')} is installed`)
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A person's browser: a context whose errors and policy violations are collected. */
export interface WatchedContext {
  readonly context: BrowserContext
  /** Errors in any page's console (blocked by a policy, not loaded, thrown); a test asserts that it is empty. */
  readonly errors: string[]
}

export async function openContext(browser: Browser, locale = 'ja-JP'): Promise<WatchedContext> {
  const context = await browser.newContext({ locale })
  context.setDefaultTimeout(TIMEOUT_MS)
  const errors: string[] = []
  context.on('page', page => {
    page.on('console', message => {
      if (message.type() === 'error') errors.push(`${message.location().url}: ${message.text()}`)
    })
    page.on('pageerror', error => errors.push(`${page.url()}: ${String(error)}`))
  })
  return { context, errors }
}

/** Waits until something is on a page. @throws Error with where the page is and what it says instead */
export async function see(page: Page, selector: string): Promise<void> {
  try {
    await page.waitForSelector(selector)
  } catch (cause) {
    const text = (await page.textContent('body')) ?? ''
    throw new Error(`${page.url()} does not show ${selector}, but says: ${text.slice(0, 1000)}`, { cause })
  }
}

/** A passkey as the DevTools protocol spells it. */
export interface Passkey {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly rpId?: string
  readonly privateKey: string
  readonly userHandle?: string
  /** Grows with each use; going back would look like a cloned authenticator. */
  readonly signCount: number
}

export interface Authenticator {
  /** Whether the person passes fingerprint or PIN from now on. */
  verifiesUser(passes: boolean): Promise<void>
  /** Whether the person touches this one when a page asks. */
  isTouched(touched: boolean): Promise<void>
  /** What was registered with it so far, to go on with in another window of the same device. */
  readonly registered: readonly Passkey[]
  /** A security key that is put into the same device. */
  plugIn(): Promise<Pick<Authenticator, 'isTouched'>>
}

/**
 * The authenticator of the device that a window runs on: verifies its user and is present at once. Chromium gives
 * each window one of its own; it holds passkeys of every origin that the window goes to.
 */
export async function addAuthenticator(
  page: Page,
  passkeys: readonly Passkey[] = [],
): Promise<Authenticator> {
  const session = await page.context().newCDPSession(page)
  const registered: Passkey[] = []
  session.on('WebAuthn.credentialAdded', ({ credential }) => registered.push(credential))
  await session.send('WebAuthn.enable')
  const add = async (transport: 'internal' | 'usb') =>
    (
      await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport,
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
    ).authenticatorId
  const touching = (authenticatorId: string) => async (enabled: boolean) =>
    void (await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }))
  const authenticatorId = await add('internal')
  for (const credential of passkeys) {
    await session.send('WebAuthn.addCredential', { authenticatorId, credential })
  }
  return {
    async verifiesUser(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    isTouched: touching(authenticatorId),
    registered,
    plugIn: async () => ({ isTouched: touching(await add('usb')) }),
  }
}
