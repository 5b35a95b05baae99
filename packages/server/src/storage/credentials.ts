/** Credentials as clients see them. The SAM has its own sealed record of each and believes none of this. */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Kysely } from 'kysely'
import { byKey } from './by-key.ts'
import type { CredentialRow, Tables } from './tables.ts'

export type CredentialRecord = Readonly<Omit<CredentialRow, 'key_type'>> & { readonly key_type: KeyType }

export interface CredentialRepository {
  /** Adds the credential, or leaves the one that is there. */
  ensure(credential: CredentialRecord): Promise<void>
  find(credentialId: string): Promise<CredentialRecord | undefined>
  /** In the order in which they were made. */
  belongingTo(signerId: string): Promise<readonly CredentialRecord[]>
  /** The first time counts. */
  revoke(credentialId: string, now: number): Promise<void>
  /** The first time counts. The record stays. */
  delete(credentialId: string, now: number): Promise<void>
}

export function credentialRepository(tables: Kysely<Tables>): CredentialRepository {
  const lookUp = byKey(tables, credentialId =>
    tables.selectFrom('credentials').selectAll().where('credential_id', '=', credentialId).compile(),
  )
  return {
    ensure: async credential => {
      await tables
        .insertInto('credentials')
        .values(credential)
        .onConflict(conflict => conflict.doNothing())
        .execute()
    },
    find: async credentialId => {
      const row = await lookUp(credentialId)
      return row === undefined ? undefined : credential(row)
    },
    belongingTo: async signerId => {
      const rows = await tables
        .selectFrom('credentials')
        .selectAll()
        .where('signer_id', '=', signerId)
        .orderBy('created_at')
        .orderBy('credential_id')
        .execute()
      return rows.map(credential)
    },
    delete: async (credentialId, now) => {
      await tables
        .updateTable('credentials')
        .set({ deleted_at: now })
        .where('credential_id', '=', credentialId)
        .where('deleted_at', 'is', null)
        .execute()
    },
    revoke: async (credentialId, now) => {
      await tables
        .updateTable('credentials')
        .set({ revoked_at: now })
        .where('credential_id', '=', credentialId)
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}

// Written by `ensure` alone, whose type admits key types only.
const credential = (row: CredentialRow): CredentialRecord => ({ ...row, key_type: row.key_type as KeyType })
