/**
 * Signature values by their digest, so that a signer can ask for the evidence of a signature he holds.
 *
 * Written before the values are handed out, on the hot path: rows that arrive within a moment of each other
 * become one commit, because the disk's sync costs more than everything else here.
 */
import type { Database } from './database.ts'
import { grouped } from './grouped.ts'
import type { RowTarget } from './row-writer.ts'
import type { DeliveredSignatureRow } from './tables.ts'

export type DeliveredSignature = Readonly<DeliveredSignatureRow>

export interface DeliveredSignatureRepository {
  /** Durable when it returns. Rows that are there already stay as they are. */
  add(signatures: readonly DeliveredSignature[]): Promise<void>
  find(credentialId: string, digest: Uint8Array): Promise<DeliveredSignature | undefined>
}

const TARGET: RowTarget = {
  table: 'delivered_signatures',
  columns: { digest: 'bytea', credential_id: 'text', activation_id: 'text', position: 'integer' },
}

export function deliveredSignatureRepository({
  tables,
  rowWriter,
}: Pick<Database, 'tables' | 'rowWriter'>): DeliveredSignatureRepository {
  const write = (signatures: readonly DeliveredSignature[]) => rowWriter.insert(TARGET, signatures.map(rowOf))
  return {
    add: grouped(write),
    find: (credentialId, digest) =>
      tables
        .selectFrom('delivered_signatures')
        .selectAll()
        .where('digest', '=', digest)
        .where('credential_id', '=', credentialId)
        .executeTakeFirst(),
  }
}

/** In the order of `TARGET`. */
function rowOf({ digest, credential_id, activation_id, position }: DeliveredSignature) {
  return [digest, credential_id, activation_id, position]
}
