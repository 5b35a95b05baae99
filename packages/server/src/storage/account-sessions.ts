/** Sessions of the account page, by the digest of their bearer token. */
import type { Kysely } from 'kysely'
import type { AccountSessionRow, Tables } from './tables.ts'

export type AccountSession = Readonly<AccountSessionRow>

export interface AccountSessionRepository {
  add(session: AccountSession): Promise<void>
  find(tokenDigest: string, now: number): Promise<AccountSession | undefined>
  end(tokenDigest: string): Promise<void>
  /** All of a signer's. */
  endAll(signerId: string): Promise<void>
}

export function accountSessionRepository(tables: Kysely<Tables>): AccountSessionRepository {
  return {
    add: async session => {
      await tables.insertInto('account_sessions').values(session).execute()
    },
    find: (tokenDigest, now) =>
      tables
        .selectFrom('account_sessions')
        .selectAll()
        .where('token_digest', '=', tokenDigest)
        .where('expires_at', '>', now)
        .executeTakeFirst(),
    end: async tokenDigest => {
      await tables.deleteFrom('account_sessions').where('token_digest', '=', tokenDigest).execute()
    },
    endAll: async signerId => {
      await tables.deleteFrom('account_sessions').where('signer_id', '=', signerId).execute()
    },
  }
}
