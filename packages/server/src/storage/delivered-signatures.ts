/**
 * Signature values by their digest, so that a signer can ask for the evidence of a signature he holds.
 *
 * Written before the values are handed out, on the hot path: rows that arrive within a moment of each other
 * become one statement, which is one commit, because the disk's sync costs more than everything else here.
 */
import type { Kysely } from 'kysely'
import type { DeliveredSignatureRow, Tables } from './tables.ts'

export type DeliveredSignature = Readonly<DeliveredSignatureRow>

export interface DeliveredSignatureRepository {
  /** Durable when it returns. Rows that are there already stay as they are. */
  add(signatures: readonly DeliveredSignature[]): Promise<void>
  find(credentialId: string, digest: Uint8Array): Promise<DeliveredSignature | undefined>
}

/** What a lone call waits longer; far below what its signer notices. */
const GROUPING_MS = 2
/** Four parameters a row; SQLite takes 32,766 a statement, PostgreSQL 65,535. */
const ROWS_PER_STATEMENT = 5000

interface Waiting {
  readonly signatures: readonly DeliveredSignature[]
  readonly done: PromiseWithResolvers<void>
}

export function deliveredSignatureRepository(tables: Kysely<Tables>): DeliveredSignatureRepository {
  let waiting: Waiting[] = []
  const flush = () => {
    const group = waiting
    waiting = []
    const written = insert(
      tables,
      group.flatMap(member => member.signatures),
    )
    for (const { done } of group) written.then(done.resolve, done.reject)
  }
  return {
    add: signatures => {
      if (waiting.length === 0) setTimeout(flush, GROUPING_MS)
      const done = Promise.withResolvers<void>()
      waiting.push({ signatures, done })
      return done.promise
    },
    find: (credentialId, digest) =>
      tables
        .selectFrom('delivered_signatures')
        .selectAll()
        .where('digest', '=', digest)
        .where('credential_id', '=', credentialId)
        .executeTakeFirst(),
  }
}

async function insert(tables: Kysely<Tables>, rows: readonly DeliveredSignature[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
    await tables
      .insertInto('delivered_signatures')
      .values(rows.slice(i, i + ROWS_PER_STATEMENT))
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }
}
