/**
 * The schema, step by step. A step that was released is never edited; what must change becomes a new step.
 *
 * Both databases run the same steps; the one difference is what they call a column of bytes.
 */
import { type ColumnDataType, type Kysely, sql } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'
import type { Database, Dialect } from './database.ts'

/** Brings the schema to the newest step. Safe to run from several processes at once. */
export async function migrate({ tables, dialect }: Database): Promise<void> {
  // A migration sees a schema on its way, whatever the types say of where it leads.
  const db = tables as unknown as Kysely<unknown>
  const { error } = await new Migrator({ db, provider: steps(dialect) }).migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be migrated', { cause: error })
}

function steps(dialect: Dialect): MigrationProvider {
  const bytes: ColumnDataType = dialect === 'sqlite' ? 'blob' : 'bytea'
  return {
    getMigrations: async () => ({
      '0001-first': first(bytes),
      '0002-used-ids': usedIds,
      '0003-deleted-credentials': deletedCredentials,
      '0004-responses': responses(bytes),
      '0005-authorizing': authorizing,
      '0006-delegated-log-in': delegatedLogIn,
      '0007-responses-in-order': responsesInOrder,
    }),
  }
}

function first(bytes: ColumnDataType): Migration {
  return {
    async up(database: Kysely<unknown>) {
      await signers(database, bytes)
      await accountPages(database)
      await credentials(database)
      await approvals(database, bytes)
      await signatures(database, bytes)
      await oauth(database)
    },
  }
}

async function signers(database: Kysely<unknown>, bytes: ColumnDataType): Promise<void> {
  const { schema } = database
  await schema
    .createTable('accounts')
    .addColumn('signer_id', 'text', column => column.primaryKey())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .execute()
  await schema
    .createTable('passkeys')
    .addColumn('passkey_id', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('public_key', bytes, column => column.notNull())
    .addColumn('counter', 'bigint', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .execute()
  await schema.createIndex('passkeys_of_signer').on('passkeys').column('signer_id').execute()
  await schema
    .createTable('account_tokens')
    .addColumn('token_digest', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('challenge', 'text')
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .addColumn('spent_at', 'bigint')
    .execute()
  await schema
    .createTable('log_in_ceremonies')
    .addColumn('uid', 'text', column => column.primaryKey())
    .addColumn('challenge', 'text', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .execute()
}

async function accountPages({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('account_sessions')
    .addColumn('token_digest', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .execute()
  await schema
    .createTable('authenticator_changes')
    .addColumn('handle_digest', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('ticket', 'text', column => column.notNull())
    .addColumn('allow', 'text', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .execute()
  await schema
    .createTable('notices')
    .addColumn('notice_id', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('at', 'bigint', column => column.notNull())
    .execute()
  await schema.createIndex('notices_of_signer').on('notices').columns(['signer_id', 'at']).execute()
}

async function credentials(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('enrolments')
    .addColumn('grant_id', 'text', column => column.primaryKey())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('submission_digest', 'text', column => column.notNull())
    .addColumn('enrolled', 'text')
    .addColumn('certificates', 'text')
    .addColumn('updated_at', 'bigint', column => column.notNull())
    .execute()
  await schema
    .createTable('credentials')
    .addColumn('credential_id', 'text', column => column.primaryKey())
    .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
    .addColumn('key_type', 'text', column => column.notNull())
    .addColumn('level', 'integer', column => column.notNull())
    .addColumn('max_signatures', 'integer', column => column.notNull())
    .addColumn('approvals', 'text', column => column.notNull())
    .addColumn('certificates', 'text', column => column.notNull())
    .addColumn('not_before', 'bigint', column => column.notNull())
    .addColumn('not_after', 'bigint', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute()
  await schema.createIndex('credentials_of_signer').on('credentials').column('signer_id').execute()
}

async function approvals(database: Kysely<unknown>, bytes: ColumnDataType): Promise<void> {
  const { schema } = database
  await schema
    .createTable('approvals')
    .addColumn('handle_digest', 'text', column => column.primaryKey())
    .addColumn('uid', 'text', column => column.notNull().unique())
    .addColumn('ticket', 'text', column => column.notNull())
    .addColumn('allow', 'text', column => column.notNull())
    .addColumn('client_id', 'text', column => column.notNull())
    .addColumn('credential_id', 'text', column => column.notNull())
    .addColumn('request', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .addColumn('request_object', 'text')
    .execute()
  await schema.createIndex('approvals_by_expiry').on('approvals').column('expires_at').execute()
  await schema
    .createTable('activations')
    .addColumn('grant_digest', 'text', column => column.primaryKey())
    .addColumn('sad_id', 'text', column => column.notNull())
    .addColumn('sealed_sad', bytes, column => column.notNull())
    .addColumn('signer_id', 'text', column => column.notNull())
    .addColumn('credential_id', 'text', column => column.notNull())
    .addColumn('client_id', 'text', column => column.notNull())
    .addColumn('num_signatures', 'integer', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .execute()
  await schema.createIndex('activations_by_expiry').on('activations').column('expires_at').execute()
}

async function signatures(database: Kysely<unknown>, bytes: ColumnDataType): Promise<void> {
  await database.schema
    .createTable('delivered_signatures')
    .addColumn('digest', bytes, column => column.notNull())
    .addColumn('credential_id', 'text', column => column.notNull())
    .addColumn('activation_id', 'text', column => column.notNull())
    .addColumn('position', 'integer', column => column.notNull())
    .addPrimaryKeyConstraint('delivered_signatures_key', ['digest', 'activation_id', 'position'])
    .execute()
}

async function oauth(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('oauth_records')
    .addColumn('model', 'text', column => column.notNull())
    .addColumn('id_digest', 'text', column => column.notNull())
    .addColumn('grant_digest', 'text')
    .addColumn('expires_at', 'bigint')
    .addColumn('consumed_at', 'bigint')
    // Last, because SQLite walks through a long value to reach what stands behind it.
    .addColumn('payload', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('oauth_records_key', ['model', 'id_digest'])
    .execute()
  await sql`create index oauth_records_of_grant on oauth_records (grant_digest) where grant_digest is not null`.execute(
    database,
  )
  await schema.createIndex('oauth_records_by_expiry').on('oauth_records').column('expires_at').execute()
}

const usedIds: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('used_ids')
      .addColumn('digest', 'text', column => column.primaryKey())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('used_ids_by_expiry').on('used_ids').column('expires_at').execute()
  },
}

const deletedCredentials: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema.alterTable('credentials').addColumn('deleted_at', 'bigint').execute()
  },
}

/** CSC API v2.0.0.2, 11.10: `operationMode` A. */
function responses(bytes: ColumnDataType): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable('responses')
        .addColumn('response_digest', 'text', column => column.primaryKey())
        .addColumn('client_id', 'text', column => column.notNull())
        .addColumn('signer_id', 'text', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('is_untold', 'integer', column => column.notNull())
        .addColumn('claimed_until', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .addColumn('sealed_request', bytes, column => column.notNull())
        .addColumn('sealed_answer', bytes)
        .execute()
      await schema.createIndex('responses_by_expiry').on('responses').column('expires_at').execute()
      await schema
        .createTable('response_pieces')
        .addColumn('response_digest', 'text', column => column.notNull())
        .addColumn('file', 'text', column => column.notNull())
        .addColumn('position', 'integer', column => column.notNull())
        .addColumn('piece', 'integer', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .addColumn('sealed', bytes, column => column.notNull())
        .addPrimaryKeyConstraint('response_pieces_key', ['response_digest', 'file', 'position', 'piece'])
        .execute()
      await schema
        .createIndex('response_pieces_by_expiry')
        .on('response_pieces')
        .column('expires_at')
        .execute()
      await schema
        .createTable('signing_times')
        .addColumn('request_digest', 'text', column => column.primaryKey())
        .addColumn('signing_time', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .execute()
    },
  }
}

/** Codes that are sent; application passwords; approvals that their signer finds by himself. */
const authorizing: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('sent_codes')
      .addColumn('credential_id', 'text', column => column.notNull())
      .addColumn('client_id', 'text', column => column.notNull())
      .addColumn('ticket', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('sent_codes_key', ['credential_id', 'client_id'])
      .execute()
    await schema
      .createTable('application_passwords')
      .addColumn('password_id', 'text', column => column.primaryKey())
      .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
      .addColumn('label', 'text', column => column.notNull())
      .addColumn('password_digest', 'text', column => column.notNull().unique())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()
    await schema
      .createIndex('application_passwords_of_signer')
      .on('application_passwords')
      .column('signer_id')
      .execute()
    await schema
      .createTable('application_password_grants')
      .addColumn('grant_digest', 'text', column => column.primaryKey())
      .addColumn('password_id', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema
      .createIndex('grants_of_application_password')
      .on('application_password_grants')
      .column('password_id')
      .execute()
    await schema
      .createTable('log_in_failures')
      .addColumn('user_digest', 'text', column => column.primaryKey())
      .addColumn('failures', 'integer', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.alterTable('approvals').addColumn('signer_id', 'text').execute()
    await schema.alterTable('approvals').addColumn('bound_to', 'text').execute()
    await schema
      .createIndex('approvals_of_signer')
      .on('approvals')
      .columns(['signer_id', 'expires_at'])
      .execute()
  },
}

const delegatedLogIn: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('log_in_links')
      .addColumn('issuer', 'text', column => column.notNull())
      .addColumn('subject', 'text', column => column.notNull())
      .addColumn('signer_id', 'text', column => column.notNull().references('accounts.signer_id'))
      .addColumn('linked_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('log_in_links_key', ['issuer', 'subject'])
      .execute()
    await schema.createIndex('log_in_links_of_signer').on('log_in_links').column('signer_id').execute()
    await schema
      .createTable('delegated_log_ins')
      .addColumn('state_digest', 'text', column => column.primaryKey())
      .addColumn('browser_digest', 'text', column => column.notNull())
      .addColumn('uid', 'text', column => column.notNull())
      .addColumn('provider_id', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
  },
}

/** Asynchronous requests are taken up in the order in which they came, and counted for each client. */
const responsesInOrder: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .alterTable('responses')
      .addColumn('accepted_at', 'bigint', column => column.notNull().defaultTo(0))
      .execute()
    await schema.createIndex('responses_by_acceptance').on('responses').column('accepted_at').execute()
    await schema
      .createIndex('responses_of_client')
      .on('responses')
      .columns(['client_id', 'expires_at'])
      .execute()
  },
}
