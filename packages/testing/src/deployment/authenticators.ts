/** The account page of a signer, without a page: logs in, and changes the signer's authenticators. */
import { toWire } from '@natsuin/protocol/approval'
import {
  type AuthenticatorOptions,
  authenticationJson,
  createSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from '../authenticator/index.ts'
import { openBrowser } from './browser.ts'
import { addDevice, answer, removeAuthenticatorStatementBytes } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { bytesOf } from './officer.ts'
import type { Signer } from './signer.ts'

/** The token of the account page. */
export async function openAccount(
  deployment: KnownDeployment,
  signer: Pick<Signer, 'device'>,
): Promise<string> {
  const shown = await showLogIn(deployment, signer)
  return String((await openBrowser().post(`${deployment.urls.server}/account/log-in`, shown))['token'])
}

/** The log-in passkey, shown to the account page. */
export async function showLogIn({ urls }: KnownDeployment, { device }: Pick<Signer, 'device'>) {
  const browser = openBrowser()
  const { logInId, options } = await browser.post(`${urls.server}/account/log-in/options`, {})
  const { challenge, rpId } = options as { challenge: string; rpId: string }
  const [decoded = new Uint8Array()] = bytesOf([challenge])
  const assertion = device.assert({ rpId, origin: urls.server, challenge: decoded })
  return { logInId, assertion: authenticationJson(assertion, device.userHandle(assertion.credentialId)) }
}

/** Asks what the account page asks. */
export function askAccount({ urls }: KnownDeployment, token: string, path: string, body: object = {}) {
  return openBrowser().post(`${urls.server}/account/${path}`, body, { authorization: `Bearer ${token}` })
}

/** What software of the signer's logs in with by `auth/login`; made on the account page. */
export async function makePassword(
  deployment: KnownDeployment,
  signer: Pick<Signer, 'device'>,
  label: string,
): Promise<string> {
  const account = await openAccount(deployment, signer)
  const own = await showLogIn(deployment, signer)
  return String((await askAccount(deployment, account, 'passwords/make', { label, ...own }))['password'])
}

/** A further passkey on a device of its own; approved with the signer's. */
export async function addPasskey(
  deployment: KnownDeployment,
  signer: Signer,
  { label = 'Second', ...options }: AuthenticatorOptions & { readonly label?: string } = {},
): Promise<SoftwareAuthenticator> {
  const device = createSoftwareAuthenticator(options)
  const origin = deployment.urls.approval
  const token = await openAccount(deployment, signer)
  const begun = await askAccount(deployment, token, 'authenticators/add')
  const change = await openChange(deployment, String(begun['continue']))
  const { ticket, allow } = change
  await change.submit(addDevice(ticket, { device, label, origin }, { device: signer.device, origin, allow }))
  return device
}

/** Gives a passkey up, approved with the signer's device. */
export async function removePasskey(deployment: KnownDeployment, signer: Signer, authenticatorId: string) {
  const token = await openAccount(deployment, signer)
  const begun = await askAccount(deployment, token, 'authenticators/remove', { authenticatorId })
  const change = await openChange(deployment, String(begun['continue']))
  const { ticket, allow } = change
  const approving = { device: signer.device, origin: deployment.urls.approval, allow }
  await change.submit(answer(removeAuthenticatorStatementBytes(ticket), approving))
}

/** What the approval page has in front of it, and how it sends its answer. */
export async function openChange({ urls }: KnownDeployment, url: string) {
  const handle = new URLSearchParams(new URL(url).hash.slice(1)).get('passkey') ?? ''
  const page = openBrowser(urls.approval)
  const at = `${urls.server}/authenticators/${handle}`
  const { ticket, allow } = await page.get(at)
  return {
    ticket: String(ticket),
    allow: bytesOf(allow),
    submit: (answered: object) => page.post(at, toWire(answered)),
  }
}
