/** Log-ins that failed, by the digest of the name that was given, whether anybody has it or not. */
import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

export interface LogInFailureRepository {
  /** How many there are that still count. */
  count(userDigest: string, now: number): Promise<number>
  /** One more. The first one says for how long they count. */
  add(userDigest: string, now: number, windowSeconds: number): Promise<void>
  forget(userDigest: string): Promise<void>
}

export function logInFailureRepository(tables: Kysely<Tables>): LogInFailureRepository {
  return {
    count: async (userDigest, now) => {
      const row = await tables
        .selectFrom('log_in_failures')
        .select('failures')
        .where('user_digest', '=', userDigest)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row?.failures ?? 0
    },
    add: async (userDigest, now, windowSeconds) => {
      const expires_at = now + windowSeconds
      const isOver = sql<boolean>`log_in_failures.expires_at <= ${now}`
      await tables
        .insertInto('log_in_failures')
        .values({ user_digest: userDigest, failures: 1, expires_at })
        .onConflict(conflict =>
          conflict.column('user_digest').doUpdateSet({
            failures: sql`case when ${isOver} then 1 else log_in_failures.failures + 1 end`,
            expires_at: sql`case when ${isOver} then ${expires_at} else log_in_failures.expires_at end`,
          }),
        )
        .execute()
    },
    forget: async userDigest => {
      await tables.deleteFrom('log_in_failures').where('user_digest', '=', userDigest).execute()
    },
  }
}
