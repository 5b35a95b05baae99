/**
 * What the authorization server keeps: codes, tokens, grants, sessions, interactions, pushed requests.
 *
 * Found by the SHA-256 of the identifier, which for most models is a bearer value that the client or browser
 * holds; who reads the table can use none of them.
 */
import type { Kysely } from 'kysely'
import type { OAuthRecordRow, Tables } from './tables.ts'

export type OAuthRecord = Readonly<OAuthRecordRow>

export interface OAuthRecordRepository {
  /** Writes the record; a record that was consumed stays consumed. */
  put(record: OAuthRecord): Promise<void>
  find(model: string, idDigest: string): Promise<OAuthRecord | undefined>
  /** True for exactly one caller, ever. */
  consume(model: string, idDigest: string, now: number): Promise<boolean>
  remove(model: string, idDigest: string): Promise<void>
  /** What hangs on the grant. */
  removeGrant(grantDigest: string): Promise<void>
  /** The grant, and what hangs on it. */
  endGrant(grantDigest: string): Promise<void>
}

export function oauthRecordRepository(tables: Kysely<Tables>): OAuthRecordRepository {
  return {
    put: async record => {
      const { grant_digest, payload, expires_at } = record
      await tables
        .insertInto('oauth_records')
        .values(record)
        .onConflict(conflict =>
          conflict.columns(['model', 'id_digest']).doUpdateSet({ grant_digest, payload, expires_at }),
        )
        .execute()
    },
    find: (model, idDigest) =>
      tables
        .selectFrom('oauth_records')
        .selectAll()
        .where('model', '=', model)
        .where('id_digest', '=', idDigest)
        .executeTakeFirst(),
    consume: async (model, idDigest, now) => {
      const { numUpdatedRows } = await tables
        .updateTable('oauth_records')
        .set({ consumed_at: now })
        .where('model', '=', model)
        .where('id_digest', '=', idDigest)
        .where('consumed_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    remove: (model, idDigest) => remove(tables, model, idDigest),
    removeGrant: grantDigest => removeGrant(tables, grantDigest),
    endGrant: async grantDigest => {
      await remove(tables, 'Grant', grantDigest)
      await removeGrant(tables, grantDigest)
    },
  }
}

async function removeGrant(tables: Kysely<Tables>, grantDigest: string): Promise<void> {
  await tables.deleteFrom('oauth_records').where('grant_digest', '=', grantDigest).execute()
}

async function remove(tables: Kysely<Tables>, model: string, idDigest: string): Promise<void> {
  await tables
    .deleteFrom('oauth_records')
    .where('model', '=', model)
    .where('id_digest', '=', idDigest)
    .execute()
}
