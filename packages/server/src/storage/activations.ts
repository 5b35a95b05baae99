/** Accepted SADs by the OAuth grant that stands for them. How much of a SAD is left only the SAM knows. */
import type { Kysely } from 'kysely'
import type { ActivationRow, Tables } from './tables.ts'

export type ActivationRecord = Readonly<ActivationRow>

export interface ActivationRepository {
  add(activation: ActivationRecord): Promise<void>
  find(grantDigest: string): Promise<ActivationRecord | undefined>
  /** False when there is none of this client and one of these signers. */
  remove(grantDigest: string, owner: { clientId: string; signers: readonly string[] }): Promise<boolean>
}

export function activationRepository(tables: Kysely<Tables>): ActivationRepository {
  return {
    add: async activation => {
      await tables.insertInto('activations').values(activation).execute()
    },
    remove: async (grantDigest, { clientId, signers }) => {
      // PostgreSQL knows no list of nobody.
      if (signers.length === 0) return false
      const { numDeletedRows } = await tables
        .deleteFrom('activations')
        .where('grant_digest', '=', grantDigest)
        .where('client_id', '=', clientId)
        .where('signer_id', 'in', signers)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    find: grantDigest =>
      tables.selectFrom('activations').selectAll().where('grant_digest', '=', grantDigest).executeTakeFirst(),
  }
}
