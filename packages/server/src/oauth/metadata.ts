/**
 * What the authorization server says it can (RFC 8414): what it does, and nothing else (threats T-CFG-03).
 *
 * The provider could be an OpenID Provider; this one gives no identity, so what describes that is left out.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { SCOPES } from './scopes.ts'

const IDENTITY: readonly string[] = [
  'claim_types_supported',
  'claims_parameter_supported',
  'claims_supported',
  'id_token_signing_alg_values_supported',
  'subject_types_supported',
]

/** How codes come back: in the query, the way of CSC (API v2.0.0.2, 8.4.2). */
const RESPONSE_MODE = 'query'

/** @throws UnsupportedResponseMode */
export function checkResponseMode({ oidc: { params } }: KoaContextWithOIDC): void {
  const asked = params?.['response_mode'] ?? RESPONSE_MODE
  if (asked !== RESPONSE_MODE) throw new errors.UnsupportedResponseMode()
}

export async function narrowMetadata(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  if (context.oidc?.route !== 'discovery') return
  const said = Object.entries(context.body as object).filter(([name]) => !IDENTITY.includes(name))
  context.body = {
    ...Object.fromEntries(said),
    response_modes_supported: [RESPONSE_MODE],
    scopes_supported: SCOPES,
  }
}
