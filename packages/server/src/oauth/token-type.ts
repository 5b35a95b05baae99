/** What a token of scope `credential` is called: in v1 it is the SAD (CSC API v1.0.4.0, 8.3.3). */
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ClientRegistry } from './client-registry.ts'
import { profileOf } from './profiles.ts'

interface TokenAnswer {
  readonly scope?: string
  readonly token_type?: string
}

export function tokenTypeNamer(clients: ClientRegistry) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    if (context.oidc?.route !== 'token' || context.status !== 200) return
    // Whatever its client calls it, a token that is bound to a key is called so (RFC 9449, 5).
    const answer = context.body as TokenAnswer
    if (answer.scope !== 'credential' || answer.token_type !== 'Bearer') return
    const { credentialToken } = profileOf(clients, context.oidc.client?.clientId ?? '')
    context.body = { ...answer, token_type: credentialToken }
  }
}
