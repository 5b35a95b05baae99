/**
 * What a bearer token gives access to, in one query: the token, the grant it hangs on, and the activation when
 * it is a credential token. A token whose grant is gone (code replay, revocation) is no token; a client's own hangs on
 * none.
 */
import type { Kysely } from 'kysely'
import type { ActivationRecord } from './activations.ts'
import { byKey } from './by-key.ts'
import type { Tables } from './tables.ts'

export interface AccessRecord {
  readonly expiresAt: number
  /** Of the authorization server's access token. */
  readonly payload: string
  /** There for a credential token. */
  readonly activation?: ActivationRecord
}

export interface AccessRepository {
  /** Expired tokens too, as long as they are stored. */
  find(tokenDigest: string): Promise<AccessRecord | undefined>
}

export function accessRepository(tables: Kysely<Tables>): AccessRepository {
  const query = (tokenDigest: string) =>
    tables
      .selectFrom('oauth_records as token')
      .leftJoin('oauth_records as grant', join =>
        join.onRef('grant.id_digest', '=', 'token.grant_digest').on('grant.model', '=', 'Grant'),
      )
      .leftJoin('activations', 'activations.grant_digest', 'token.grant_digest')
      .selectAll('activations')
      .select(['token.expires_at as token_expires_at', 'token.payload'])
      .where('token.model', 'in', ['AccessToken', 'ClientCredentials'])
      .where('token.id_digest', '=', tokenDigest)
      .where(either =>
        either.or([either('grant.model', 'is not', null), either('token.model', '=', 'ClientCredentials')]),
      )
      .compile()
  const lookUp = byKey(tables, query)
  return {
    async find(tokenDigest) {
      const row = await lookUp(tokenDigest)
      if (row === undefined) return undefined
      const { token_expires_at, payload, ...activation } = row
      const expiresAt = token_expires_at ?? 0
      return activation.sad_id === null
        ? { expiresAt, payload }
        : { expiresAt, payload, activation: whole(activation) }
    },
  }
}

/** A left join makes every column nullable; this row was there, so none is null. */
function whole(activation: { [K in keyof ActivationRecord]: ActivationRecord[K] | null }): ActivationRecord {
  return activation as ActivationRecord
}
