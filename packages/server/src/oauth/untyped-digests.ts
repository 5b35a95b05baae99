/** What digests are of in a request that does not say it: what the client's registration says. */
import type { HashType } from '@natsuin/protocol/approval'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ClientRegistry } from './client-registry.ts'
import { signedRequest } from './request-objects.ts'

/** `dtbsr`, the default of the standard, unless it says otherwise. */
export const registeredHashType = (clients: ClientRegistry, clientId: string): HashType =>
  clients.find(clientId)?.hashType ?? 'dtbsr'

/** In details that the client signed always DTBS/Rs: page and SAM read them too, and know of no registration. */
export function untypedDigests(context: KoaContextWithOIDC, clients: ClientRegistry): HashType {
  const { client_id: clientId, authorization_details: details } = context.oidc.params ?? {}
  if (details !== undefined && signedRequest(context) !== undefined) return 'dtbsr'
  return registeredHashType(clients, String(clientId))
}
