/** Access tokens as the API sees them: opaque, ours, looked up by digest on each call, so revocation is at once. */
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { AccessRepository } from '../storage/access.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import type { ClientRegistry } from './client-registry.ts'

/** CSC API v2.0.0.2, 8.1: user-specific, when a signer logged in; not, when the client asked by itself. */
export interface ServiceAccess {
  readonly scope: 'service'
  readonly clientId: string
  /** `undefined` for a token by client credentials: what signer is meant, the client says with each call. */
  readonly signerId: string | undefined
  /** Ids of signers for whom a token by client credentials may speak; empty with a signer's. */
  readonly actsFor: readonly string[]
}

export interface CredentialAccess {
  readonly scope: 'credential'
  readonly signerId: string
  readonly clientId: string
  readonly activation: ActivationRecord
}

export type Access = ServiceAccess | CredentialAccess
export type TokenRefusal = 'token-invalid' | 'token-expired'

/** The signers for whom a token may speak. */
export function signersOf(access: Access): readonly string[] {
  if (access.scope === 'credential') return [access.signerId]
  return access.signerId === undefined ? access.actsFor : [access.signerId]
}

export interface AccessTokens {
  /** @throws Refusal token-invalid, token-expired */
  read(token: string): Promise<Access>
}

export interface AccessTokenParts {
  readonly access: AccessRepository
  readonly clients: ClientRegistry
  readonly clock: Clock
}

export function createAccessTokens({ access, clients, clock }: AccessTokenParts): AccessTokens {
  return {
    async read(token) {
      const record = await access.find(bearerDigest(token))
      if (record === undefined) throw new Refusal<TokenRefusal>('token-invalid')
      if (record.expiresAt <= epochSeconds(clock())) throw new Refusal<TokenRefusal>('token-expired')
      return 'activation' in record
        ? credentialAccess(record.activation)
        : serviceAccess(record.payload, clients)
    },
  }
}

function credentialAccess(activation: ActivationRecord): CredentialAccess {
  const { signer_id: signerId, client_id: clientId } = activation
  return { scope: 'credential', signerId, clientId, activation }
}

/** A client that is not registered any more has no access by the tokens that it still holds. */
function serviceAccess(payload: string, clients: ClientRegistry): ServiceAccess {
  // Written by the authorization server from a token of its own.
  const { accountId: signerId, clientId, scope } = JSON.parse(payload) as Partial<Record<string, string>>
  const client = clientId === undefined ? undefined : clients.find(clientId)
  if (client === undefined || scope !== 'service') throw new Refusal<TokenRefusal>('token-invalid')
  return { scope, clientId: client.id, signerId, actsFor: signerId === undefined ? client.actsFor : [] }
}
