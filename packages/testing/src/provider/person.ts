/** A person at his identity provider, with a browser: what the approval page asks for, and where he ends. */
import { createHash, randomBytes } from 'node:crypto'
import { PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { type Browser, openBrowser } from '../deployment/browser.ts'
import type { LogInMethod } from './settings.ts'

export interface AtProvider {
  readonly name: string
  readonly method?: LogInMethod
  /** Keeps the session that he has there; default a new one. */
  readonly browser?: Browser
  /** Beside those that the page asks with, or instead of them; undefined leaves one out. */
  readonly parameters?: Readonly<Record<string, string | undefined>>
}

/** Logs in to approve a statement. @param challenge its SHA-256 @param origin the approval origin */
export async function logInToApprove(
  { authorizationEndpoint, clientId }: IdentityProvider,
  { challenge, origin }: { readonly challenge: Uint8Array; readonly origin: string },
  { name, method = 'two-factor', browser = openBrowser(), parameters = {} }: AtProvider,
): Promise<{ readonly code: string; readonly codeVerifier: string }> {
  const codeVerifier = randomBytes(32).toString('base64url')
  const redirectUri = `${origin}${PROVIDER_CALLBACK}`
  const asked = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid',
    prompt: 'login',
    max_age: '0',
    state: randomBytes(16).toString('base64url'),
    nonce: Buffer.from(challenge).toString('base64url'),
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  }
  const url = new URL(authorizationEndpoint)
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) url.searchParams.set(key, value)
  const at = await browser.visit(url.href, [redirectUri])
  const back = at.startsWith(redirectUri) ? at : await submit(browser, at, { name, method }, redirectUri)
  const code = new URL(back).searchParams.get('code')
  if (code === null) throw new Error(`the provider gave no code: ${back}`)
  return { code, codeVerifier }
}

async function submit(browser: Browser, url: string, form: Record<string, string>, redirectUri: string) {
  return browser.visit(await browser.submit(url, form), [redirectUri])
}

/** Logs out there; the provider tells its clients before it answers. */
export async function logOutAtProvider({ issuer }: IdentityProvider, browser: Browser): Promise<void> {
  const { xsrf } = await browser.get(`${issuer}/session/end`)
  await browser.submit(`${issuer}/session/end/confirm`, { xsrf: String(xsrf), logout: 'yes' })
}
