/**
 * Which account at an identity provider is whose: issuer and subject, as the SAM sealed them when their owner enrolled
 * with a log-in there. Nothing that a provider says later writes here (threats T-IDP-05).
 */
import type { Kysely } from 'kysely'
import type { LogInLinkRow, Tables } from './tables.ts'

export type LogInLink = Readonly<LogInLinkRow>

export interface LogInLinkRepository {
  /** Who enrolled last with an account has it. */
  put(link: LogInLink): Promise<void>
  find(issuer: string, subject: string): Promise<LogInLink | undefined>
  /** All of a signer's. */
  removeAll(signerId: string): Promise<void>
}

export function logInLinkRepository(tables: Kysely<Tables>): LogInLinkRepository {
  return {
    put: async link => {
      const { signer_id, linked_at } = link
      await tables
        .insertInto('log_in_links')
        .values(link)
        .onConflict(conflict => conflict.columns(['issuer', 'subject']).doUpdateSet({ signer_id, linked_at }))
        .execute()
    },
    find: (issuer, subject) =>
      tables
        .selectFrom('log_in_links')
        .selectAll()
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst(),
    removeAll: async signerId => {
      await tables.deleteFrom('log_in_links').where('signer_id', '=', signerId).execute()
    },
  }
}
