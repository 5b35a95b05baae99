/** Access tokens as the API sees them: opaque, ours, looked up by digest on each call, so revocation is at once. */
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { AccessRepository } from '../storage/access.ts'
import type { ActivationRecord } from '../storage/activations.ts'

export interface ServiceAccess {
  readonly scope: 'service'
  readonly signerId: string
  readonly clientId: string
}

export interface CredentialAccess {
  readonly scope: 'credential'
  readonly signerId: string
  readonly clientId: string
  readonly activation: ActivationRecord
}

export type Access = ServiceAccess | CredentialAccess
export type TokenRefusal = 'token-invalid' | 'token-expired'

export interface AccessTokens {
  /** @throws Refusal token-invalid, token-expired */
  read(token: string): Promise<Access>
}

export function createAccessTokens(access: AccessRepository, clock: Clock): AccessTokens {
  return {
    async read(token) {
      const record = await access.find(bearerDigest(token))
      if (record === undefined) throw new Refusal<TokenRefusal>('token-invalid')
      if (record.expiresAt <= epochSeconds(clock())) throw new Refusal<TokenRefusal>('token-expired')
      return 'activation' in record ? credentialAccess(record.activation) : serviceAccess(record.payload)
    },
  }
}

function credentialAccess(activation: ActivationRecord): CredentialAccess {
  const { signer_id: signerId, client_id: clientId } = activation
  return { scope: 'credential', signerId, clientId, activation }
}

function serviceAccess(payload: string): ServiceAccess {
  const { accountId, clientId, scope } = JSON.parse(payload) as Partial<Record<string, string>>
  if (accountId === undefined || clientId === undefined || scope !== 'service') {
    throw new Refusal<TokenRefusal>('token-invalid')
  }
  return { scope, signerId: accountId, clientId }
}
