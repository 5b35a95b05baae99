/**
 * A log-in at an identity provider for one statement: the token is by a key of the provider, for the deployment's client,
 * its nonce is the digest of the statement, and the person logged in after the ticket was issued (sole-control 7).
 *
 * Provider and keys are those of the ticket, which the SAM signed at the time: the roster may have got others since.
 * That the person was there, the provider alone says.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import type { IdentityProvider } from '@natsuin/protocol/approval'
import type { Level } from '@natsuin/protocol/genesis'
import { type IdToken, openIdToken } from '@natsuin/protocol/provider'
import { ShapeError } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand, demanded } from '../verdict.ts'

interface Told {
  readonly provider?: IdentityProvider
  readonly level: Level
  /** By the SAM's clock. Seconds. */
  readonly issuedAt: number
}

export async function checkLogIn(
  { statement, idToken }: { readonly statement: Uint8Array; readonly idToken: string },
  told: Told,
  { platform }: Pick<Sam, 'platform'>,
): Promise<IdToken> {
  const provider = demanded(told.provider, 'log-in-invalid', 'the ticket names no provider')
  const token = demanded(await read(idToken, provider, platform), 'log-in-invalid', 'not by the provider')
  const { iss, aud, azp = provider.clientId, nonce } = token
  const isForUs = aud.join() === provider.clientId && azp === provider.clientId
  demand(iss === provider.issuer && isForUs, 'log-in-invalid', 'by another issuer, or for another client')
  const challenge = await platform.digest('sha256', statement)
  demand(nonce === toBase64url(challenge), 'log-in-invalid', 'the log-in was for another statement')
  checkFresh(token, told)
  checkAssurance(token, provider, told)
  return token
}

async function read(idToken: string, provider: IdentityProvider, platform: Sam['platform']) {
  try {
    return await openIdToken(idToken, provider, platform)
  } catch (error) {
    if (error instanceof ShapeError) throw new BrokenLink('log-in-invalid', error.message)
    throw error
  }
}

function checkFresh({ iat, auth_time: loggedInAt = 0 }: IdToken, { issuedAt }: Told): void {
  const isFresh = loggedInAt > issuedAt && iat >= issuedAt
  demand(isFresh, 'log-in-invalid', 'the person had logged in before he was asked')
}

function checkAssurance({ acr, amr = [] }: IdToken, { assurances }: IdentityProvider, { level }: Told): void {
  const assurance = assurances.find(one => one.level === level)
  const { acrs, amrs = [] } = demanded(assurance, 'log-in-invalid', `it vouches for nobody at level ${level}`)
  const isEnough = (acrs?.some(one => one === acr) ?? true) && amrs.every(one => amr.includes(one))
  demand(isEnough, 'log-in-invalid', 'the log-in was weaker than the level demands')
}
