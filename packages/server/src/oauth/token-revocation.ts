/**
 * Revoking tokens by `auth/revoke` (CSC API v2.0.0.2, 11.3): access tokens and refresh tokens of every kind, and SADs that
 * `credentials/authorize` gave out.
 *
 * A client revokes what is its own, in the name of those whom its own token speaks for; what is anybody else's is as unknown as
 * what never was.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { Activations } from '../signing/activations.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { OAuthRecord, OAuthRecordRepository } from '../storage/oauth-records.ts'
import { heldBy, type ServiceAccess, signersOf } from './access-tokens.ts'

export type TokenTypeHint = 'access_token' | 'refresh_token'

export interface TokenRevocation {
  /** At once. A refresh token takes with it all that hangs on its grant. @throws Refusal `token-unknown` */
  revoke(token: string, access: ServiceAccess): Promise<void>
}

export interface TokenRevocationParts {
  readonly oauthRecords: OAuthRecordRepository
  readonly activations: Activations
}

const MODELS = ['AccessToken', 'ClientCredentials', 'RefreshToken'] as const

export function createTokenRevocation({ oauthRecords, activations }: TokenRevocationParts): TokenRevocation {
  return {
    async revoke(token, access) {
      const digest = bearerDigest(token)
      for (const model of MODELS) {
        const record = await oauthRecords.find(model, digest)
        if (record === undefined) continue
        if (!isTheirs(record, access)) break
        return model === 'RefreshToken'
          ? endGrantOf(oauthRecords, record)
          : oauthRecords.remove(model, digest)
      }
      const owner = { clientId: access.clientId, signers: signersOf(access), held: heldBy(access.holder) }
      if (!(await activations.forgetGivenOut(token, owner))) throw new Refusal('token-unknown')
    },
  }
}

function isTheirs({ payload }: OAuthRecord, access: ServiceAccess): boolean {
  const { clientId, accountId } = JSON.parse(payload) as Partial<Record<string, string>> // written by the adapter
  return clientId === access.clientId && (accountId === undefined || signersOf(access).includes(accountId))
}

async function endGrantOf(records: OAuthRecordRepository, { model, id_digest, grant_digest }: OAuthRecord) {
  await records.remove(model, id_digest)
  if (grant_digest !== null) await records.endGrant(grant_digest)
}
