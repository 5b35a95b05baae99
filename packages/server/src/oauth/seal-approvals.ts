/**
 * Approvals by software with a seal key (sole-control 7): nobody logs in, so there is no code and no redirect.
 *
 * The client proves to this server who it is; that opens nothing by itself. The SAM's answer to the seal is the
 * authorization, and a credential token stands for it as for any other (CSC API v2.0.0.2, 8.4.4).
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type Provider from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { ClientConfiguration } from '../config/clients.ts'
import type { Activations } from '../signing/activations.ts'
import type { AcceptedSad } from '../signing/approvals.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { SealedApprovals, SealedStatement } from '../signing/seals.ts'
import type { Holder, TokenRefusal } from './access-tokens.ts'
import { isBoundByCertificate } from './client-metadata.ts'
import type { ClientRegistry } from './client-registry.ts'
import { isSecretOf } from './client-secrets.ts'
import { resourceOf } from './provider.ts'

const SCOPE = 'credential'

/** As a token endpoint answers (RFC 6749, 5.1), and which credential it is about. */
export interface SealToken {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly credentialID: string
}

export interface SealApprovals {
  /** The id of the client that these credentials are of. @throws Refusal `client-unauthenticated` */
  authenticate(given: ClientSecret | undefined): string
  ticket(clientId: string, credentialId: string): Promise<string>
  /**
   * @param holder what the token is bound to
   * @throws Refusal `client-mismatch`, `proof-invalid` where the client needs a bound token, or of the SAM
   */
  approve(clientId: string, sealed: SealedStatement, holder: Holder): Promise<SealToken>
}

/** What a client shows at the token endpoint as well (RFC 6749, 2.3.1). */
export interface ClientSecret {
  readonly id: string
  readonly secret: string
}

export interface SealApprovalParts {
  readonly clients: ClientRegistry
  readonly publicUrl: string
  readonly sealedApprovals: SealedApprovals
  readonly activations: Activations
  readonly clock: Clock
}

export function createSealApprovals(provider: Provider, parts: SealApprovalParts): SealApprovals {
  const { sealedApprovals, activations, clients } = parts
  return {
    authenticate: given => authenticate(clients, given),
    ticket: sealedApprovals.ticket,
    async approve(clientId, sealed, holder) {
      const binding = bindingOf(clients.find(clientId), holder)
      const sad = await sealedApprovals.approve(clientId, sealed)
      const grantId = await grantFor(provider, sad)
      await activations.keep(bearerDigest(grantId), sad)
      return tokenFor(provider, parts, sad, { grantId, binding })
    },
  }
}

function authenticate(clients: ClientRegistry, given: ClientSecret | undefined): string {
  const client = given && clients.find(given.id)
  // A client without a secret has nothing to show: whoever knows its name could say that he is it.
  if (client === undefined || !isSecretOf(client, given?.secret ?? '')) {
    throw new Refusal('client-unauthenticated')
  }
  return client.id
}

/**
 * What the token will be bound to, as the token endpoint does it (RFC 9449, 5; RFC 8705, 3). Asked before anything is
 * approved: an unbound token would be no good to such a client.
 */
function bindingOf(client: ClientConfiguration | undefined, holder: Holder): Holder {
  const certificate = client && isBoundByCertificate(client) ? holder.certificate : undefined
  if (client?.boundTokens === 'required' && holder.jkt === undefined && certificate === undefined) {
    throw new Refusal<TokenRefusal>('proof-invalid')
  }
  return { jkt: holder.jkt, certificate }
}

function grantFor(provider: Provider, { signerId: accountId, clientId, expiresAt }: AcceptedSad) {
  const grant = new provider.Grant({ accountId, clientId })
  grant.exp = expiresAt
  grant.addOIDCScope(SCOPE)
  return grant.save()
}

async function tokenFor(
  provider: Provider,
  { publicUrl, clock }: SealApprovalParts,
  { signerId: accountId, clientId, credentialId, expiresAt }: AcceptedSad,
  { grantId, binding }: { readonly grantId: string; readonly binding: Holder },
): Promise<SealToken> {
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Refusal('client-unauthenticated')
  const expiresIn = Math.max(1, expiresAt - epochSeconds(clock()))
  const { jkt, certificate } = binding
  const bound = { ...(jkt && { jkt }), ...(certificate && { 'x5t#S256': certificate }) }
  const members = { accountId, client, grantId, gty: 'seal', scope: SCOPE, expiresIn, ...bound }
  const token = new provider.AccessToken(members)
  token.setAudience(resourceOf(publicUrl))
  const value = await token.save()
  return {
    access_token: value,
    token_type: token.tokenType,
    expires_in: expiresIn,
    credentialID: credentialId,
  }
}
