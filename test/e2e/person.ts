/**
 * A person in front of a browser with two windows: the application's, and the one that it opened for everything
 * that belongs to other origins. All ceremonies happen in the second, with the authenticator of its device.
 */
import { toBase64 } from '@natsuin/pki/encoding'
import type { Browser, Page } from 'playwright-core'
import { type Authenticator, addAuthenticator, openContext } from './chromium.ts'
import type { Site } from './site.ts'

export interface Person {
  /** The second window. */
  readonly page: Page
  readonly authenticator: Authenticator
  /** Everything that any page complained about in its console. */
  readonly errors: string[]
  /** The application sends the second window there, so that it stays its opener. */
  go(url: string): Promise<void>
  /** What the application hands over from now on when a page greets it. */
  handOver(...documents: readonly Uint8Array[]): Promise<void>
  /** The same with files of the site, by their paths. */
  handOverFiles(paths: readonly string[]): Promise<void>
  /** What pages told the application. */
  messages(): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Waits until the second window is back at the application's callback. */
  cameBackTo(): Promise<string>
  leave(): Promise<void>
}

export async function openPerson(browser: Browser, site: Site): Promise<Person> {
  const { context, errors } = await openContext(browser)
  const application = await context.newPage()
  await application.goto(site.origin)
  const [page] = await Promise.all([context.waitForEvent('page'), application.evaluate('portal.open()')])
  const authenticator = await addAuthenticator(page)
  const tell = async (method: string, argument: unknown) =>
    void (await application.evaluate(`portal.${method}(${JSON.stringify(argument)})`))
  return {
    page,
    authenticator,
    errors,
    go: url => tell('go', url),
    handOver: (...documents) => tell('setDocuments', documents.map(toBase64)),
    handOverFiles: paths => tell('loadDocuments', paths),
    messages: () => application.evaluate('portal.messages'),
    async cameBackTo() {
      await page.waitForURL(url => url.href.startsWith(site.callback))
      return page.url()
    },
    leave: () => context.close(),
  }
}
