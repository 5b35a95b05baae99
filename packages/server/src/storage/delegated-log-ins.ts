/** Log-ins at identity providers that are under way: by the state that comes back, in the browser that left. */
import type { Kysely } from 'kysely'
import type { DelegatedLogInRow, Tables } from './tables.ts'

export type DelegatedLogInRecord = Readonly<DelegatedLogInRow>

export interface DelegatedLogInRepository {
  begin(logIn: DelegatedLogInRecord): Promise<void>
  /** Ends it and returns it: an answer is taken once, and in the browser that it is for. */
  take(stateDigest: string, browserDigest: string, now: number): Promise<DelegatedLogInRecord | undefined>
}

export function delegatedLogInRepository(tables: Kysely<Tables>): DelegatedLogInRepository {
  return {
    begin: async logIn => {
      await tables.insertInto('delegated_log_ins').values(logIn).execute()
    },
    take: (stateDigest, browserDigest, now) =>
      tables
        .deleteFrom('delegated_log_ins')
        .where('state_digest', '=', stateDigest)
        .where('browser_digest', '=', browserDigest)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),
  }
}
