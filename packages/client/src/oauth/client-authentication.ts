/** How the application shows that it is itself at the OAuth endpoints (RFC 6749, 2.3; CSC API v2.0.0.2, 8.4.4). */
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { buildJwt, numericDate } from './jwt.ts'
import type { RequestSigner } from './request-object.ts'

/**
 * `none`: a public client, or one that its TLS certificate authenticates, which is for `fetch` to present (RFC 8705).
 * `client_secret_post` and `client_secret_basic`: a secret, in the body or in the header. `private_key_jwt`: a key whose
 * public half is registered (RFC 7523, 2.2).
 */
export type ClientAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_post' | 'client_secret_basic'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly signer: RequestSigner }

export interface Authenticated {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

interface Client {
  readonly clientId: string
  /** Issuer of the authorization server. */
  readonly audience: string
}

type By<M extends ClientAuthentication['method']> = Extract<ClientAuthentication, { readonly method: M }>
type Way<M extends ClientAuthentication['method']> = (client: Client, by: By<M>) => Promise<Authenticated>

const WAYS: { readonly [M in ClientAuthentication['method']]: Way<M> } = {
  none: async ({ clientId }) => ({ headers: {}, parameters: { client_id: clientId } }),
  client_secret_post: async ({ clientId }, { secret }) => ({
    headers: {},
    parameters: { client_id: clientId, client_secret: secret },
  }),
  client_secret_basic: async ({ clientId }, { secret }) => ({
    headers: { authorization: `Basic ${toBase64(utf8([clientId, secret].map(formEncoded).join(':')))}` },
    parameters: { client_id: clientId },
  }),
  private_key_jwt: async (client, { signer }) => ({
    headers: {},
    parameters: {
      client_id: client.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(client, signer),
    },
  }),
}

/** To be made anew for each request: an assertion is good for one. */
export function authenticate(by: ClientAuthentication, client: Client): Promise<Authenticated> {
  // Each place takes the method under which it stands.
  const way = WAYS[by.method] as Way<ClientAuthentication['method']>
  return way(client, by as never)
}

const LIFETIME_SECONDS = 60

/** RFC 7523, 3; the issuer alone is the audience, so that no other server can use it (FAPI 2.0 Security Profile, 5.3.3.1). */
function assertion({ clientId, audience }: Client, signer: RequestSigner): Promise<string> {
  const now = numericDate()
  const claims = { iss: clientId, sub: clientId, aud: audience, jti: crypto.randomUUID() }
  const times = { iat: now, exp: now + LIFETIME_SECONDS }
  const header = { alg: signer.alg, kid: signer.kid, typ: 'JWT' }
  return buildJwt(header, { ...claims, ...times }, input => signer.sign(input))
}

/** RFC 6749, 2.3.1: id and secret are form-encoded before they become user name and password. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
