/** What a signer is told about his account: each notice once, newest first. */
import type { Kysely } from 'kysely'
import type { NoticeRow, Tables } from './tables.ts'

export type NoticeKind =
  | 'authenticator-added'
  | 'authenticator-removed'
  | 'authenticator-suspended'
  | 'application-password-made'
export type Notice = Readonly<Omit<NoticeRow, 'kind'>> & { readonly kind: NoticeKind }

export interface NoticeRepository {
  add(notice: Notice): Promise<void>
  /** Up to `count`, newest first. */
  newest(signerId: string, count: number): Promise<readonly Notice[]>
}

export function noticeRepository(tables: Kysely<Tables>): NoticeRepository {
  return {
    add: async notice => {
      await tables
        .insertInto('notices')
        .values(notice)
        .onConflict(conflict => conflict.doNothing())
        .execute()
    },
    newest: async (signerId, count) => {
      const rows = await tables
        .selectFrom('notices')
        .selectAll()
        .where('signer_id', '=', signerId)
        .orderBy('at', 'desc')
        .limit(count)
        .execute()
      return rows.map(notice)
    },
  }
}

// Only this file writes the column, and only with these words.
const notice = (row: NoticeRow): Notice => ({ ...row, kind: row.kind as NoticeKind })
