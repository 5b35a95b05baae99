/** Changes to a signer's authenticators that are under way: what the approval page fetches, and whether it is over. */
import type { Kysely } from 'kysely'
import type { AuthenticatorChangeRow, Tables } from './tables.ts'

export type AuthenticatorChange = Readonly<AuthenticatorChangeRow>

export interface AuthenticatorChangeRepository {
  add(change: AuthenticatorChange): Promise<void>
  find(handleDigest: string, now: number): Promise<AuthenticatorChange | undefined>
}

export function authenticatorChangeRepository(tables: Kysely<Tables>): AuthenticatorChangeRepository {
  return {
    add: async change => {
      await tables.insertInto('authenticator_changes').values(change).execute()
    },
    find: (handleDigest, now) =>
      tables
        .selectFrom('authenticator_changes')
        .selectAll()
        .where('handle_digest', '=', handleDigest)
        .where('expires_at', '>', now)
        .executeTakeFirst(),
  }
}
