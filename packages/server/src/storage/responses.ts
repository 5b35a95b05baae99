/**
 * Asynchronous requests and what became of them, by the digest of the `responseID` that the client holds. CSC API v2.0.0.2,
 * 11.10 and 11.12.
 *
 * Documents are rows of their own, in pieces: neither a request nor its answer is ever whole in memory, and every process of
 * the service can take up what another one began.
 */
import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import type { RowTarget } from './row-writer.ts'
import type { ResponsePieceRow, ResponseRow, Tables } from './tables.ts'

export type ResponseState = 'accepted' | 'finished' | 'refused'
export type ResponseRecord = Readonly<Omit<ResponseRow, 'state'>> & { readonly state: ResponseState }
export type ResponsePiece = Readonly<ResponsePieceRow>

export interface ResponseRepository {
  add(response: ResponseRecord): Promise<void>
  find(responseDigest: string): Promise<ResponseRecord | undefined>
  /**
   * The one that was accepted first of those that have to be worked on or told about, for whoever asks alone until then.
   * Instants are milliseconds.
   */
  claim(now: number, until: number, exceptClients: readonly string[]): Promise<ResponseRecord | undefined>
  /** Whoever is at work on it still is, or wants nobody to be until then. */
  renew(responseDigest: string, until: number): Promise<void>
  /** Of one client, those that have not expired. @param now seconds */
  count(clientId: string, now: number): Promise<ResponseCount>
  /** Ends one that is accepted; false when it had ended. */
  settle(responseDigest: string, state: 'finished' | 'refused', sealed: SettledContent): Promise<boolean>
  /** Its client was told, or cannot be. */
  markTold(responseDigest: string): Promise<void>
  /** Durable when it returns. */
  addPiece(piece: ResponsePiece): Promise<void>
  findPiece(key: Omit<ResponsePiece, 'sealed' | 'expires_at'>): Promise<Uint8Array | undefined>
  removePieces(responseDigest: string, file: string): Promise<void>
}

export interface ResponseCount {
  readonly accepted: number
  /** Whatever became of them. */
  readonly kept: number
}

/** With what is left of the request. */
export type SettledContent = { readonly sealed_request: Uint8Array; readonly sealed_answer: Uint8Array }

const PIECES: RowTarget = {
  table: 'response_pieces',
  columns: {
    response_digest: 'text',
    file: 'text',
    position: 'integer',
    piece: 'integer',
    expires_at: 'bigint',
    sealed: 'bytea',
  },
}

export function responseRepository({
  tables,
  rowWriter,
}: Pick<Database, 'tables' | 'rowWriter'>): ResponseRepository {
  return {
    add: async response => {
      await tables.insertInto('responses').values(response).execute()
    },
    find: async responseDigest => {
      const row = await tables
        .selectFrom('responses')
        .selectAll()
        .where('response_digest', '=', responseDigest)
        .executeTakeFirst()
      return row && response(row)
    },
    claim: (now, until, exceptClients) => claim(tables, { now, until, exceptClients }),
    renew: async (responseDigest, claimed_until) => {
      await tables
        .updateTable('responses')
        .set({ claimed_until })
        .where('response_digest', '=', responseDigest)
        .execute()
    },
    count: async (clientId, now) => {
      const counts = await tables
        .selectFrom('responses')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .where('client_id', '=', clientId)
        .where('expires_at', '>', now)
        .groupBy('state')
        .execute()
      const kept = counts.reduce((sum, { count }) => sum + Number(count), 0)
      return { accepted: Number(counts.find(({ state }) => state === 'accepted')?.count ?? 0), kept }
    },
    settle: async (responseDigest, state, { sealed_request, sealed_answer }) => {
      const { numUpdatedRows } = await tables
        .updateTable('responses')
        // The claim stays: whoever worked on it tells the client, and nobody beside him.
        .set({ state, sealed_request, sealed_answer })
        .where('response_digest', '=', responseDigest)
        .where('state', '=', 'accepted')
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    markTold: async responseDigest => {
      await tables
        .updateTable('responses')
        .set({ is_untold: 0 })
        .where('response_digest', '=', responseDigest)
        .execute()
    },
    addPiece: ({ response_digest, file, position, piece, expires_at, sealed }) =>
      rowWriter.insert(PIECES, [[response_digest, file, position, piece, expires_at, sealed]]),
    findPiece: async ({ response_digest, file, position, piece }) => {
      const row = await tables
        .selectFrom('response_pieces')
        .select('sealed')
        .where('response_digest', '=', response_digest)
        .where('file', '=', file)
        .where('position', '=', position)
        .where('piece', '=', piece)
        .executeTakeFirst()
      return row?.sealed
    },
    removePieces: async (responseDigest, file) => {
      await tables
        .deleteFrom('response_pieces')
        .where('response_digest', '=', responseDigest)
        .where('file', '=', file)
        .execute()
    },
  }
}

interface ClaimTerms {
  readonly now: number
  readonly until: number
  readonly exceptClients: readonly string[]
}

/** Of several who find the same one, the update lets one have it; the others look again. */
async function claim(
  tables: Kysely<Tables>,
  { now, until, exceptClients }: ClaimTerms,
): Promise<ResponseRecord | undefined> {
  for (;;) {
    const open = await tables
      .selectFrom('responses')
      .selectAll()
      // A list without members is no SQL everywhere.
      .$if(exceptClients.length > 0, query => query.where('client_id', 'not in', exceptClients))
      .where(({ or, eb }) => or([eb('state', '=', 'accepted'), eb('is_untold', '=', 1)]))
      .where('claimed_until', '<', now)
      .where('expires_at', '>', Math.floor(now / 1000))
      .orderBy('accepted_at')
      .executeTakeFirst()
    if (open === undefined) return undefined
    const { numUpdatedRows } = await tables
      .updateTable('responses')
      .set({ claimed_until: until })
      .where('response_digest', '=', open.response_digest)
      .where('claimed_until', '=', open.claimed_until)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return response({ ...open, claimed_until: until })
  }
}

// Only this file writes the column, and only with these words.
const response = (row: ResponseRow): ResponseRecord => ({ ...row, state: row.state as ResponseState })
