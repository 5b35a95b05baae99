/** What a change of passkeys is about: whose they are, and which one is given up, from the ticket alone. */
import { browserPlatform } from '@natsuin/pki/browser'
import {
  type AddAuthenticatorTicket,
  addAuthenticatorTicket,
  type RemoveAuthenticatorTicket,
  removeAuthenticatorTicket,
} from '@natsuin/protocol/approval'
import { variant } from '@natsuin/protocol/shape'
import type { Deployment } from './deployment.ts'
import { passkeyChangeAnswer, type Service } from './service.ts'
import { openTicket } from './ticket.ts'

export interface PasskeyChange<T = AddAuthenticatorTicket | RemoveAuthenticatorTicket> {
  /** Path of the change at `server`. */
  readonly path: string
  readonly ticketText: string
  /** Opened with the pinned SAM key. */
  readonly ticket: T
  /** WebAuthn credential ids of the passkeys that may approve. */
  readonly allow: readonly Uint8Array[]
  /** `performance.now()` when the ticket arrived. */
  readonly openedAt: number
}

const ticket = variant('purpose', {
  'add-authenticator': addAuthenticatorTicket,
  'remove-authenticator': removeAuthenticatorTicket,
})

/** @throws Problem */
export async function openPasskeyChange(
  handle: string,
  deployment: Deployment,
  service: Service,
): Promise<PasskeyChange> {
  const path = `/authenticators/${handle}`
  const { ticket: ticketText, allow } = await service.get(path, passkeyChangeAnswer)
  const openedAt = performance.now()
  return {
    path,
    ticketText,
    ticket: await openTicket(ticketText, ticket, deployment, browserPlatform),
    allow,
    openedAt,
  }
}
