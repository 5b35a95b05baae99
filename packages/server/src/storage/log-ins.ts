/** Ceremonies at this server's RP ID that are under way: log-ins, and first passkeys of new accounts. */
import type { Kysely } from 'kysely'
import type { AccountTokenRow, LogInCeremonyRow, Tables } from './tables.ts'

export type AccountToken = Readonly<AccountTokenRow>
export type LogInCeremony = Readonly<LogInCeremonyRow>

export interface LogInRepository {
  /** Starts a ceremony, or starts it again with a new challenge. */
  begin(ceremony: LogInCeremony): Promise<void>
  /** Ends the ceremony and returns it: a challenge is answered once. */
  take(uid: string, now: number): Promise<LogInCeremony | undefined>
  addAccountToken(token: AccountToken): Promise<void>
  /** Sets the challenge that a registration with this token must answer; undefined for a token that is no good. */
  challengeAccountToken(
    tokenDigest: string,
    challenge: string,
    now: number,
  ): Promise<AccountToken | undefined>
  findAccountToken(tokenDigest: string, now: number): Promise<AccountToken | undefined>
  /** False when it was spent before. */
  spendAccountToken(tokenDigest: string, challenge: string, now: number): Promise<boolean>
}

export function logInRepository(tables: Kysely<Tables>): LogInRepository {
  return {
    begin: async ceremony => {
      await tables
        .insertInto('log_in_ceremonies')
        .values(ceremony)
        .onConflict(conflict =>
          conflict
            .column('uid')
            .doUpdateSet({ challenge: ceremony.challenge, expires_at: ceremony.expires_at }),
        )
        .execute()
    },
    take: (uid, now) =>
      tables
        .deleteFrom('log_in_ceremonies')
        .where('uid', '=', uid)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),
    addAccountToken: async token => {
      await tables.insertInto('account_tokens').values(token).execute()
    },
    challengeAccountToken: (tokenDigest, challenge, now) =>
      tables
        .updateTable('account_tokens')
        .set({ challenge })
        .where('token_digest', '=', tokenDigest)
        .where('expires_at', '>', now)
        .where('spent_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),
    findAccountToken: (tokenDigest, now) =>
      tables
        .selectFrom('account_tokens')
        .selectAll()
        .where('token_digest', '=', tokenDigest)
        .where('expires_at', '>', now)
        .where('spent_at', 'is', null)
        .executeTakeFirst(),
    spendAccountToken: async (tokenDigest, challenge, now) => {
      const { numUpdatedRows } = await tables
        .updateTable('account_tokens')
        .set({ spent_at: now })
        .where('token_digest', '=', tokenDigest)
        .where('challenge', '=', challenge)
        .where('spent_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}
