/** Application passwords, by their digest, and the OAuth grants that they opened, which end with them. */
import type { Kysely } from 'kysely'
import type { ApplicationPasswordRow, Tables } from './tables.ts'

export type ApplicationPassword = Readonly<ApplicationPasswordRow>

export interface ApplicationPasswordRepository {
  add(password: ApplicationPassword): Promise<void>
  find(digest: string): Promise<ApplicationPassword | undefined>
  /** In the order in which they were made. */
  belongingTo(signerId: string): Promise<readonly ApplicationPassword[]>
  /** A grant that hangs on the password from now on. */
  opened(passwordId: string, grantDigest: string, expiresAt: number): Promise<void>
  /** Digests of the grants that hung on it; undefined when this signer has no such password. */
  remove(signerId: string, passwordId: string): Promise<readonly string[] | undefined>
}

export function applicationPasswordRepository(tables: Kysely<Tables>): ApplicationPasswordRepository {
  return {
    add: async password => {
      await tables.insertInto('application_passwords').values(password).execute()
    },
    find: digest =>
      tables
        .selectFrom('application_passwords')
        .selectAll()
        .where('password_digest', '=', digest)
        .executeTakeFirst(),
    belongingTo: signerId =>
      tables
        .selectFrom('application_passwords')
        .selectAll()
        .where('signer_id', '=', signerId)
        .orderBy('created_at')
        .orderBy('password_id')
        .execute(),
    opened: async (password_id, grant_digest, expires_at) => {
      await tables
        .insertInto('application_password_grants')
        .values({ password_id, grant_digest, expires_at })
        .execute()
    },
    remove: async (signerId, passwordId) => {
      const { numDeletedRows } = await tables
        .deleteFrom('application_passwords')
        .where('signer_id', '=', signerId)
        .where('password_id', '=', passwordId)
        .executeTakeFirst()
      if (numDeletedRows === 0n) return undefined
      const grants = await tables
        .deleteFrom('application_password_grants')
        .where('password_id', '=', passwordId)
        .returning('grant_digest')
        .execute()
      return grants.map(({ grant_digest }) => grant_digest)
    },
  }
}
