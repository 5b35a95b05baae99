/**
 * Ids that may be used once: of proofs and of assertions. Shared by all processes of a deployment, so that a second use
 * fails wherever it is tried (threats T-DP-02).
 */
import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface UsedIdRepository {
  /**
   * True for exactly one caller, ever.
   * @param owner whose id it is, in a name space of its kind
   * @param expiresAt from when on it is refused for its age anyway, in seconds
   */
  use(owner: string, id: string, expiresAt: number): Promise<boolean>
}

export function usedIdRepository(tables: Kysely<Tables>): UsedIdRepository {
  return {
    use: async (owner, id, expiresAt) => {
      const { numInsertedOrUpdatedRows: inserted } = await tables
        .insertInto('used_ids')
        .values({ digest: digestOf(owner, id), expires_at: expiresAt })
        .onConflict(conflict => conflict.doNothing())
        .executeTakeFirst()
      return (inserted ?? 0n) > 0n
    },
  }
}

/** One of the two is hashed first, so that no other pair is written alike. */
function digestOf(owner: string, id: string): string {
  return hash('sha256', `${hash('sha256', owner)} ${id}`, 'base64url')
}
