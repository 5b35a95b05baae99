/** Accounts: who logs in here, and with which passkeys. */
import type { Kysely } from 'kysely'
import type { AccountRow, PasskeyRow, Tables } from './tables.ts'

export type Account = Readonly<AccountRow>
export type Passkey = Readonly<PasskeyRow>

export interface AccountRepository {
  /** Makes the account, or leaves the one that is there. */
  ensure(account: Account): Promise<void>
  find(signerId: string): Promise<Account | undefined>
  addPasskey(passkey: Passkey): Promise<void>
  findPasskey(passkeyId: string): Promise<Passkey | undefined>
  countPasskeys(signerId: string): Promise<number>
  /** Moves the counter on from a value it still has; false when somebody else did. */
  advanceCounter(passkeyId: string, from: number, to: number): Promise<boolean>
}

export function accountRepository(tables: Kysely<Tables>): AccountRepository {
  return {
    ensure: async account => {
      await tables
        .insertInto('accounts')
        .values(account)
        .onConflict(conflict => conflict.doNothing())
        .execute()
    },
    find: signerId =>
      tables.selectFrom('accounts').selectAll().where('signer_id', '=', signerId).executeTakeFirst(),
    addPasskey: async passkey => {
      await tables.insertInto('passkeys').values(passkey).execute()
    },
    findPasskey: passkeyId =>
      tables.selectFrom('passkeys').selectAll().where('passkey_id', '=', passkeyId).executeTakeFirst(),
    countPasskeys: async signerId => {
      const counted = await tables
        .selectFrom('passkeys')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('signer_id', '=', signerId)
        .executeTakeFirst()
      return Number(counted?.count ?? 0)
    },
    advanceCounter: async (passkeyId, from, to) => {
      const { numUpdatedRows } = await tables
        .updateTable('passkeys')
        .set({ counter: to })
        .where('passkey_id', '=', passkeyId)
        .where('counter', '=', from)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}
