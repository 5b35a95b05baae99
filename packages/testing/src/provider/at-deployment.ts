/** Signers for whom a provider vouches: they enrol with their account there, and approve by logging in. */
import { type Means, PROVIDER_CALLBACK, type Proof, toWire, type Wire } from '@natsuin/protocol/approval'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { createSoftwareAuthenticator } from '../authenticator/index.ts'
import { type Browser, openBrowser } from '../deployment/browser.ts'
import { answer, challengeOf, enrolStatementBytes, register, showMeans } from '../deployment/ceremonies.ts'
import type { KnownDeployment } from '../deployment/deployment.ts'
import type { Invitation } from '../deployment/officer.ts'
import { registerLogIn, type Signer } from '../deployment/signer.ts'
import { APPROVAL_CLIENT, type ForeignProvider, jwkOf, type LogInClient } from './foreign-provider.ts'
import { logInToApprove } from './person.ts'

export interface ProviderSigner extends Signer {
  /** Who he is at the provider. */
  readonly name: string
  /** With which he goes there. */
  readonly atProvider: Browser
}

/** As a founding, or a change of the roster in a file, spells it. */
export const entryInFile = ({ entry }: ForeignProvider): Wire<IdentityProvider> => toWire(entry)

/** Starts it with this deployment as the one that asks for approvals. */
export function serveDeployment(
  provider: ForeignProvider,
  { samKey, urls }: KnownDeployment,
  logIn?: LogInClient,
): Promise<void> {
  const approvals = {
    clientId: APPROVAL_CLIENT,
    key: jwkOf(samKey),
    redirectUri: `${urls.approval}${PROVIDER_CALLBACK}`,
    backchannelLogoutUri: `${urls.server}/identity-providers/log-out`,
  }
  return provider.start(approvals, logIn)
}

/** Accepts an invitation with an account at the provider, and with a passkey where the class wants one too. */
export async function enrolAtProvider(
  deployment: KnownDeployment,
  { entry }: ForeignProvider,
  { grantId, enrolmentKey }: Invitation,
  { name, commonName, withPasskey }: { name: string; commonName: string; withPasskey: boolean },
): Promise<ProviderSigner> {
  const { urls } = deployment
  const [device, browser, atProvider] = [createSoftwareAuthenticator(), openBrowser(), openBrowser()]
  const url = `${urls.server}/enrolments/${grantId}`
  const statement = enrolStatementBytes(String((await browser.get(url))['ticket']))
  const asked = { challenge: challengeOf(statement), origin: urls.approval }
  const means: Means = {
    ...(withPasskey && (await register(statement, enrolmentKey, { device, origin: urls.approval })).means),
    provider: await logInToApprove(entry, asked, { name, browser: atProvider }),
  }
  const enrolled = await browser.post(url, toWire(await showMeans(statement, means, enrolmentKey)))
  await registerLogIn(deployment, browser, device, String(enrolled['continue']))
  const { signerId, credentialId } = enrolled
  const ids = { signerId: String(signerId), credentialId: String(credentialId) }
  return { ...ids, commonName, name, device, browser, atProvider }
}

/** What shows that he approves a statement: his log-in, and his passkey where that is wanted too. */
export function proveAtProvider(
  { urls }: KnownDeployment,
  { entry }: ForeignProvider,
  { name, device, atProvider: browser }: ProviderSigner,
  { withPasskey = false }: { readonly withPasskey?: boolean } = {},
): (statement: Uint8Array) => Promise<Proof> {
  return async statement => {
    const asked = { challenge: challengeOf(statement), origin: urls.approval }
    const logIn = await logInToApprove(entry, asked, { name, browser })
    if (!withPasskey) return { kind: 'provider', logIn }
    const { assertion } = answer(statement, { device, origin: urls.approval })
    return { kind: 'provider-and-passkey', assertion, logIn }
  }
}
