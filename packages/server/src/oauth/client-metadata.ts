/** A registration in the words of the authorization server (RFC 7591, 2). */
import { ACT_TYPES, DETAIL_TYPES } from '@natsuin/protocol/request'
import type { AdapterPayload, ClientAuthMethod } from 'oidc-provider'
import type { ClientAuthentication, ClientConfiguration } from '../config/clients.ts'
import { keyWithCertificate } from './client-tls.ts'
import { PROFILES } from './profiles.ts'

export function clientMetadata(client: ClientConfiguration): AdapterPayload {
  const { id, name, redirectUris, authentication } = client
  return {
    client_id: id,
    client_name: name,
    authorization_details_types: [...DETAIL_TYPES, ...ACT_TYPES],
    redirect_uris: [...redirectUris],
    response_types: redirectUris.length > 0 ? ['code'] : [],
    grant_types: grantTypes(client),
    require_pushed_authorization_requests: PROFILES[client.profile].pushed,
    ...keysOf(client),
    token_endpoint_auth_method: METHODS[authentication.kind],
    ...(authentication.kind === 'secret' ? { client_secret: authentication.secret } : {}),
    ...(authentication.kind === 'tls' ? { tls_client_auth_subject_dn: authentication.subjectDn } : {}),
    ...boundBy(client),
  }
}

/** A client that shows a certificate anyway has its tokens bound to it (RFC 8705, 3.4), another to a key (RFC 9449, 5.2). */
function boundBy(client: ClientConfiguration): Partial<AdapterPayload> {
  if (client.boundTokens === 'allowed') return {}
  return isBoundByCertificate(client)
    ? { tls_client_certificate_bound_access_tokens: true }
    : { dpop_bound_access_tokens: true }
}

/** Its keys; among them that of the one certificate by which it proves who it is. */
function keysOf({ jwks, authentication }: ClientConfiguration): Partial<AdapterPayload> {
  const shown =
    authentication.kind === 'self-signed-tls' ? [keyWithCertificate(authentication.certificate)] : []
  const keys = [...(jwks?.keys ?? []), ...shown]
  return keys.length === 0 ? {} : { jwks: { keys } }
}

/** By itself a client asks only for those whom it acts for. */
function grantTypes({ redirectUris, actsFor }: ClientConfiguration): string[] {
  return [
    ...(redirectUris.length > 0 ? ['authorization_code', 'refresh_token'] : []),
    ...(actsFor.length > 0 ? ['client_credentials'] : []),
  ]
}

/** Whether its tokens are bound to the certificate that it proves itself with. */
export function isBoundByCertificate({
  boundTokens,
  authentication: { kind },
}: ClientConfiguration): boolean {
  return boundTokens === 'required' && (kind === 'tls' || kind === 'self-signed-tls')
}

// The provider takes it in the body as well.
const BY_SECRET = 'client_secret_basic'

const METHODS: Readonly<Record<ClientAuthentication['kind'], ClientAuthMethod>> = {
  none: 'none',
  secret: BY_SECRET,
  'private-key-jwt': 'private_key_jwt',
  tls: 'tls_client_auth',
  'self-signed-tls': 'self_signed_tls_client_auth',
}
