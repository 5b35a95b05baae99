/** The thread of `row-writer.ts`: one transaction for each question, synced before it is answered. */
import type { StatementSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { answerQuestions } from '@natsuin/protocol/node'
import { openSqliteFile } from './node-sqlite.ts'
import type { Insertion } from './row-writer.ts'

const database = openSqliteFile(String(workerData))
const prepared = new Map<string, StatementSync>()

answerQuestions((insertion: Insertion): void => {
  try {
    insert(insertion)
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
})

function insert({ sql, rows }: Insertion): void {
  const statement = prepared.get(sql) ?? database.prepare(sql)
  prepared.set(sql, statement)
  database.exec('begin immediate')
  for (const row of rows) statement.run(...row)
  database.exec('commit')
}
