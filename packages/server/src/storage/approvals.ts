/** Approvals that a signer was asked for: what the approval page fetches, and how it ended. */
import type { Kysely } from 'kysely'
import type { ApprovalRow, Tables } from './tables.ts'

export type ApprovalState = 'open' | 'approved' | 'declined'
export type Approval = Readonly<Omit<ApprovalRow, 'state'>> & { readonly state: ApprovalState }

export interface ApprovalRepository {
  add(approval: Approval): Promise<void>
  find(handleDigest: string): Promise<Approval | undefined>
  findByInteraction(uid: string): Promise<Approval | undefined>
  /** Those that this signer finds by himself and has not answered, oldest first. */
  openOf(signerId: string, now: number): Promise<readonly Approval[]>
  /** Ends an open approval; false when it had ended. */
  close(handleDigest: string, state: 'approved' | 'declined'): Promise<boolean>
}

export function approvalRepository(tables: Kysely<Tables>): ApprovalRepository {
  const one = async (column: 'handle_digest' | 'uid', value: string) => {
    const row = await tables.selectFrom('approvals').selectAll().where(column, '=', value).executeTakeFirst()
    return row === undefined ? undefined : approval(row)
  }
  return {
    add: async added => {
      await tables.insertInto('approvals').values(added).execute()
    },
    find: handleDigest => one('handle_digest', handleDigest),
    findByInteraction: uid => one('uid', uid),
    openOf: async (signerId, now) => {
      const rows = await tables
        .selectFrom('approvals')
        .selectAll()
        .where('signer_id', '=', signerId)
        .where('expires_at', '>', now)
        .where('state', '=', 'open')
        .orderBy('expires_at')
        .execute()
      return rows.map(approval)
    },
    close: async (handleDigest, state) => {
      const { numUpdatedRows } = await tables
        .updateTable('approvals')
        .set({ state })
        .where('handle_digest', '=', handleDigest)
        .where('state', '=', 'open')
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}

// Only this file writes the column, and only with these words.
const approval = (row: ApprovalRow): Approval => ({ ...row, state: row.state as ApprovalState })
