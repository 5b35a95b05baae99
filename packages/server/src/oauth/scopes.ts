/**
 * Scopes and their rules: CSC API v2.0.0.2, 8.4.2. A request names `service` or `credential`, never both;
 * `service` is the default, and `authorization_details` mean `credential`.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ClientRegistry } from './client-registry.ts'
import { checkOneForm, readRequest } from './signature-request.ts'
import { untypedDigests } from './untyped-digests.ts'

export const SCOPES = ['service', 'credential'] as const
export type Scope = (typeof SCOPES)[number]

/** Decides the scope of an authorization request and writes it into its parameters. */
export function checkScope(context: KoaContextWithOIDC, clients: ClientRegistry): void {
  const { params } = context.oidc
  if (params === undefined) return
  const scope = oneScope(params['scope'], params['authorization_details'] !== undefined)
  params['scope'] = scope
  if (scope === 'service' && params['authorization_details'] !== undefined) {
    throw new errors.InvalidScope('authorization_details belong to the scope credential', 'service')
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

function oneScope(given: unknown, hasDetails: boolean): Scope {
  if (given === undefined) return hasDetails ? 'credential' : 'service'
  const scope = SCOPES.find(known => known === given)
  if (scope === undefined) throw new errors.InvalidScope('one of service and credential', String(given))
  return scope
}
