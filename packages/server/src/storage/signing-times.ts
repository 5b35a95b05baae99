/** When requests that may be repeated were made first, by the digest of what they have in common. */
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface SigningTimeRepository {
  /** The first of those that were given for this request. Seconds. */
  first(requestDigest: string, now: number, expiresAt: number): Promise<number>
}

export function signingTimeRepository(tables: Kysely<Tables>): SigningTimeRepository {
  return {
    async first(request_digest, now, expires_at) {
      await tables
        .insertInto('signing_times')
        .values({ request_digest, signing_time: now, expires_at })
        .onConflict(conflict => conflict.doNothing())
        .execute()
      const row = await tables
        .selectFrom('signing_times')
        .select('signing_time')
        .where('request_digest', '=', request_digest)
        .executeTakeFirst()
      return row?.signing_time ?? now
    },
  }
}
