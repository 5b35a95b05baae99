/** Accepted SADs by the OAuth grant that stands for them. How much of a SAD is left only the SAM knows. */
import type { Kysely } from 'kysely'
import type { ActivationRow, Tables } from './tables.ts'

export type ActivationRecord = Readonly<ActivationRow>

export interface ActivationRepository {
  add(activation: ActivationRecord): Promise<void>
  find(grantDigest: string): Promise<ActivationRecord | undefined>
}

export function activationRepository(tables: Kysely<Tables>): ActivationRepository {
  return {
    add: async activation => {
      await tables.insertInto('activations').values(activation).execute()
    },
    find: grantDigest =>
      tables.selectFrom('activations').selectAll().where('grant_digest', '=', grantDigest).executeTakeFirst(),
  }
}
