/**
 * Forgets what has expired: requests, codes, tokens, sessions, ceremonies (T-DOS-09).
 *
 * What expired is refused whether it is still stored or not; this only keeps the tables small. Records stay a
 * day longer, so that somebody who looks for a reason finds it. Accounts, credentials, enrolments and delivered
 * signatures never expire. Asynchronous requests and their documents go at once: nobody looks for a reason in them, and they
 * are long.
 */
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

const EXPIRING = [
  'oauth_records',
  'approvals',
  'activations',
  'log_in_ceremonies',
  'account_tokens',
  'account_sessions',
  'authenticator_changes',
  'signing_times',
  'sent_codes',
  'application_password_grants',
  'log_in_failures',
  'delegated_log_ins',
] as const
const GRACE_SECONDS = 24 * 3600
/** How much later it may be here than in another process. */
const CLOCKS_APART_SECONDS = 60

/** @param now seconds */
export async function forgetExpired(tables: Kysely<Tables>, now: number): Promise<void> {
  for (const table of EXPIRING) {
    await tables
      .deleteFrom(table)
      .where('expires_at', '<', now - GRACE_SECONDS)
      .execute()
  }
  // There is one for each request, and no reason in them; by the clock of the last process it is too late for each.
  await tables
    .deleteFrom('used_ids')
    .where('expires_at', '<', now - CLOCKS_APART_SECONDS)
    .execute()
  for (const table of ['responses', 'response_pieces'] as const) {
    await tables.deleteFrom(table).where('expires_at', '<', now).execute()
  }
}
