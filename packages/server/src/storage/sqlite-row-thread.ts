/** The thread of `row-writer.ts`: one transaction for each request, synced before it is answered. */
import type { StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteFile } from './node-sqlite.ts'
import type { InsertAnswer, InsertRequest } from './row-writer.ts'

const database = openSqliteFile(String(workerData))
const prepared = new Map<string, StatementSync>()

parentPort?.on('message', ({ id, sql, rows }: InsertRequest) => {
  parentPort?.postMessage({ id, ...attempt(() => insert(sql, rows)) } satisfies InsertAnswer)
})

function insert(sql: string, rows: InsertRequest['rows']): void {
  const statement = prepared.get(sql) ?? database.prepare(sql)
  prepared.set(sql, statement)
  database.exec('begin immediate')
  for (const row of rows) statement.run(...row)
  database.exec('commit')
}

function attempt(act: () => void): { error?: Error } {
  try {
    act()
    return {}
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}
