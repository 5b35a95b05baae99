/**
 * Lookups by one key on the hot path: the query is built and compiled once, and run with another key each time.
 *
 * Building a query costs several times what running it does.
 */
import type { CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

const KEY = '\u0000key'

/**
 * @param build makes the query for a key
 * @returns the first row for a key, or undefined
 */
export function byKey<Row>(
  tables: Kysely<Tables>,
  build: (key: string) => CompiledQuery<Row>,
): (key: string) => Promise<Row | undefined> {
  const compiled = build(KEY)
  const at = compiled.parameters.indexOf(KEY)
  return async key => {
    const query: CompiledQuery<Row> = { ...compiled, parameters: compiled.parameters.with(at, key) }
    const { rows } = await tables.executeQuery<Row>(query)
    return rows[0]
  }
}
