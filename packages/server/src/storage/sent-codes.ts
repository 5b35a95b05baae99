/** Tickets that a code was made and sent for: the newest for each credential and application. The code is not here. */
import type { Kysely } from 'kysely'
import type { SentCodeRow, Tables } from './tables.ts'

export interface SentCodeRepository {
  /** In the place of an earlier one. */
  put(row: Readonly<SentCodeRow>): Promise<void>
  ticketOf(credentialId: string, clientId: string, now: number): Promise<string | undefined>
}

export function sentCodeRepository(tables: Kysely<Tables>): SentCodeRepository {
  return {
    put: async row => {
      const { ticket, expires_at } = row
      await tables
        .insertInto('sent_codes')
        .values(row)
        .onConflict(conflict =>
          conflict.columns(['credential_id', 'client_id']).doUpdateSet({ ticket, expires_at }),
        )
        .execute()
    },
    ticketOf: async (credentialId, clientId, now) => {
      const row = await tables
        .selectFrom('sent_codes')
        .select('ticket')
        .where('credential_id', '=', credentialId)
        .where('client_id', '=', clientId)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row?.ticket
    },
  }
}
