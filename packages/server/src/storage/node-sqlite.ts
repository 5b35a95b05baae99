/**
 * `node:sqlite` as kysely's SQLite driver wants it.
 *
 * WAL with synchronous=FULL: a commit is on disk before it is acknowledged. Another process may look at the file
 * (backup, tests); it waits for the lock instead of failing.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** Preparing costs more than running; our queries have few texts, multi-row inserts a few more. */
const MAX_PREPARED = 200

/** A connection as every thread of ours opens it. */
export function openSqliteFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec(
    'pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on',
  )
  return database
}

export function openNodeSqlite(path: string): SqliteDatabase {
  const database = openSqliteFile(path)
  const prepared = new Map<string, SqliteStatement>()
  const prepare = (sql: string) => {
    const statement = statementOver(database.prepare(sql))
    if (prepared.size < MAX_PREPARED) prepared.set(sql, statement)
    return statement
  }
  return { close: () => database.close(), prepare: sql => prepared.get(sql) ?? prepare(sql) }
}

function statementOver(statement: StatementSync): SqliteStatement {
  // Kysely hands on what the repositories bind: texts, numbers, bytes and null.
  const bound = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...bound(parameters)),
    run: parameters => statement.run(...bound(parameters)),
    iterate: parameters => statement.iterate(...bound(parameters)),
  }
}
