/**
 * Approvals by software with a seal key (sole-control 7): nobody logs in, so there is no code and no redirect.
 *
 * The client proves to this server who it is; that opens nothing by itself. The SAM's answer to the seal is the
 * authorization, and a credential token stands for it as for any other (CSC API v2.0.0.2, 8.4.4).
 */
import { approveStatement, approveTicket, peekJws } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { readStrictJson } from '@natsuin/protocol/shape'
import type Provider from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { Activations } from '../signing/activations.ts'
import type { AcceptedSad } from '../signing/approvals.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { Sam } from '../signing/sam.ts'
import type { ClientRegistry } from './client-registry.ts'
import { isSecretOf } from './client-secrets.ts'
import { resourceOf } from './provider.ts'

const SCOPE = 'credential'

export interface SealedStatement {
  readonly statement: Uint8Array
  readonly seal: string
}

/** As a token endpoint answers (RFC 6749, 5.1), and which credential it is about. */
export interface SealToken {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly credentialID: string
}

export interface SealApprovals {
  /** The id of the client that these credentials are of. @throws Refusal `client-unauthenticated` */
  authenticate(given: ClientSecret | undefined): string
  ticket(clientId: string, credentialId: string): Promise<string>
  /** @throws Refusal `client-mismatch`, or of the SAM */
  approve(clientId: string, sealed: SealedStatement): Promise<SealToken>
}

/** What a client shows at the token endpoint as well (RFC 6749, 2.3.1). */
export interface ClientSecret {
  readonly id: string
  readonly secret: string
}

export interface SealApprovalParts {
  readonly clients: ClientRegistry
  readonly publicUrl: string
  readonly sam: Sam
  readonly activations: Activations
  readonly clock: Clock
}

export function createSealApprovals(provider: Provider, parts: SealApprovalParts): SealApprovals {
  const { sam, activations } = parts
  return {
    authenticate: given => authenticate(parts.clients, given),
    ticket: async (clientId, credentialId) =>
      (await sam.call('tickets/approve', { credentialId, clientId })).ticket,
    async approve(clientId, { statement, seal }) {
      checkTicket(clientId, statement)
      const sad = await sam.call('approve', { statement, proof: { kind: 'seal-key', seal } })
      const grantId = await grantFor(provider, sad)
      await activations.keep(bearerDigest(grantId), sad)
      return tokenFor(provider, parts, sad, grantId)
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

/** A client carries its own approvals only; the SAM binds them to the client whom the ticket names. */
function checkTicket(clientId: string, statement: Uint8Array): void {
  const { ticket } = readStrictJson(statement, approveStatement)
  const { client } = peekJws(ticket, 'natsuin-ticket', approveTicket)
  if (client.id !== clientId) throw new Refusal('client-mismatch')
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
  grantId: string,
): Promise<SealToken> {
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Refusal('client-unauthenticated')
  const expiresIn = Math.max(1, expiresAt - epochSeconds(clock()))
  const token = new provider.AccessToken({ accountId, client, grantId, gty: 'seal', scope: SCOPE, expiresIn })
  token.setAudience(resourceOf(publicUrl))
  const value = await token.save()
  return { access_token: value, token_type: 'Bearer', expires_in: expiresIn, credentialID: credentialId }
}
