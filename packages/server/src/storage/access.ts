/**
 * What a bearer token gives access to, in one query: the token, the grant it hangs on, and the activation when
 * it is a credential token. A token whose grant is gone (code replay, revocation) is no token.
 */
import type { Kysely } from 'kysely'
import type { ActivationRecord } from './activations.ts'
import type { Tables } from './tables.ts'

export type AccessRecord =
  | { readonly expiresAt: number; readonly activation: ActivationRecord }
  /** The payload of the authorization server's access token. */
  | { readonly expiresAt: number; readonly payload: string }

export interface AccessRepository {
  /** Expired tokens too, as long as they are stored. */
  find(tokenDigest: string): Promise<AccessRecord | undefined>
}

export function accessRepository(tables: Kysely<Tables>): AccessRepository {
  const query = tables
    .selectFrom('oauth_records as token')
    .innerJoin('oauth_records as grant', join =>
      join.onRef('grant.id_digest', '=', 'token.grant_digest').on('grant.model', '=', 'Grant'),
    )
    .leftJoin('activations', 'activations.grant_digest', 'token.grant_digest')
    .selectAll('activations')
    .select('token.expires_at as token_expires_at')
    // Credential tokens carry whole requests in their payload, which nobody needs here.
    .select(({ eb }) =>
      eb.case().when('activations.sad_id', 'is', null).then(eb.ref('token.payload')).end().as('payload'),
    )
    .where('token.model', '=', 'AccessToken')
  return {
    async find(tokenDigest) {
      const row = await query.where('token.id_digest', '=', tokenDigest).executeTakeFirst()
      if (row === undefined) return undefined
      const { token_expires_at, payload, ...activation } = row
      const expiresAt = token_expires_at ?? 0
      return payload === null ? { expiresAt, activation: whole(activation) } : { expiresAt, payload }
    },
  }
}

/** A left join makes every column nullable; this row was there, so none is null. */
function whole(activation: { [K in keyof ActivationRecord]: ActivationRecord[K] | null }): ActivationRecord {
  return activation as ActivationRecord
}
