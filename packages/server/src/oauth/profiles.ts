/** What each profile of clients demands beside what holds for everybody. */
import type { ClientConfiguration } from '../config/clients.ts'
import type { ClientRegistry } from './client-registry.ts'

interface Profile {
  /** Whether a request needs a PKCE challenge (RFC 7636); S256 where there is one. */
  readonly pkce: boolean
  /** Whether requests are pushed (RFC 9126), and no others are taken. */
  readonly pushed: boolean
  /** Whether each use of a refresh token gives another one. */
  readonly rotation: boolean
  /** What a token of scope `credential` is called that is bound to no key. */
  readonly credentialToken: 'Bearer' | 'SAD'
}

export const PROFILES: Readonly<Record<ClientConfiguration['profile'], Profile>> = {
  standard: { pkce: true, pushed: false, rotation: true, credentialToken: 'Bearer' },
  // CSC API v1.0.4.0, 8.3.3: written before PKCE, for clients that keep a secret.
  'csc-v1': { pkce: false, pushed: false, rotation: true, credentialToken: 'SAD' },
  // FAPI 2.0 Security Profile, 5.3.2.1 and 5.3.2.2: tokens are bound to keys instead of changing each time.
  fapi2: { pkce: true, pushed: true, rotation: false, credentialToken: 'Bearer' },
}

/** The strictest for a client that is no longer registered. */
export function profileOf(clients: ClientRegistry, clientId: string): Profile {
  return PROFILES[clients.find(clientId)?.profile ?? 'fapi2']
}
