/**
 * Scopes and their rules: CSC API v2.0.0.2, 8.4.2; v2.2.0.0, 8.2.2 for the two that are about credentials themselves. A
 * request names one of them; `service` is the default, and `authorization_details` say by their type which one they mean.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ClientRegistry } from './client-registry.ts'
import { readActText } from './rar.ts'
import { checkOneForm, readRequest, refusingDetails } from './signature-request.ts'
import { untypedDigests } from './untyped-digests.ts'

/** A log-in for one act on a credential. */
export const ACT_SCOPES = ['credential-creation', 'credential-deletion'] as const
export const SCOPES = ['service', 'credential', ...ACT_SCOPES] as const
export type Scope = (typeof SCOPES)[number]

/** Decides the scope of an authorization request and writes it into its parameters. */
export function checkScope(context: KoaContextWithOIDC, clients: ClientRegistry): void {
  const { params } = context.oidc
  if (params === undefined) return
  const details = params['authorization_details']
  const meant = typeof details === 'string' ? scopeOfDetails(details) : undefined
  const scope = oneScope(params['scope'], meant)
  params['scope'] = scope
  if (meant !== undefined && meant !== scope) {
    throw new errors.InvalidScope(`authorization_details belong to the scope ${meant}`, scope)
  }
  // It names the one credential; consent without would be good for all that the signer has.
  if (scope === 'credential-deletion' && meant === undefined) {
    throw new errors.InvalidRequest('Missing parameter authorization_details')
  }
  if (scope === 'credential') {
    checkOneForm(params)
    readRequest(params, untypedDigests(context, clients))
  }
}

/** A client that asks by itself gets the scope `service`, its default (CSC API v2.0.0.2, 8.4). */
export function checkOwnScope({ oidc: { params } }: KoaContextWithOIDC): void {
  if (params === undefined) return
  if (params['scope'] !== undefined && params['scope'] !== 'service') {
    throw new errors.InvalidScope('client credentials are for the scope service', String(params['scope']))
  }
  params['scope'] = 'service'
}

function oneScope(given: unknown, meant: Scope | undefined): Scope {
  if (given === undefined) return meant ?? 'service'
  const scope = SCOPES.find(known => known === given)
  if (scope === undefined) throw new errors.InvalidScope(`one of ${SCOPES.join(', ')}`, String(given))
  return scope
}

/** @throws InvalidAuthorizationDetails */
function scopeOfDetails(written: string): Scope {
  return refusingDetails(() => readActText(written))?.scope ?? 'credential'
}
