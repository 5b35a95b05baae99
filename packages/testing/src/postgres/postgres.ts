/**
 * A PostgreSQL cluster for one test file: made in a temporary folder, reachable through a Unix socket there and
 * nowhere else, gone afterwards.
 *
 * A small shell script stands between the test and PostgreSQL and watches a pipe. However the test process
 * ends, `kill -9` included, the pipe closes, and the script stops the cluster and deletes its folder. As root
 * everything runs as the `postgres` user of the distribution's package, because PostgreSQL refuses root.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'

type Watch = ChildProcessByStdio<Writable, Readable, null>

export interface PostgresOptions {
  /** Whether commits reach the disk. Default true; false for tests that ask nothing of durability. */
  readonly fsync?: boolean
  /** Further server settings by name, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Postgres {
  /** Connection URL of the first database, for superuser `natsuin`; `pg` and `psql` both read it. */
  readonly url: string
  /** Process id of the postmaster, for tests that kill it. */
  readonly pid: number
  /** Stops the server and starts it again in the same place; `crash`: kill -9. */
  restart(how: 'fast' | 'crash', meanwhile?: () => Promise<void>): Promise<void>
  /** Runs SQL as the superuser, whatever the defaults of the cluster are, and returns what `psql` prints, unaligned. */
  run(sql: string, database?: string): Promise<string>
  /** Makes an empty database of that name (letters and `_`) in the same cluster and returns its URL. */
  createDatabase(name: string): Promise<string>
  /** Stops the cluster and deletes its folder. */
  stop(): Promise<void>
}

const USER = 'natsuin'
const FIRST_DATABASE = 'postgres'

/** The user that the distribution's package creates, as whom the server runs where the tests run as root. */
const ROOTS_STAND_IN = 'postgres'

/** Where Debian and Homebrew keep the programs that are not on PATH. */
const PROGRAM_FOLDERS = ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql*/bin']

/**
 * $1 is the folder, the rest are the server's arguments. The test's end of the pipe is standard input; the
 * server gets another one, and the signals of a terminal are ours to ignore: the end of the pipe is the one way
 * to stop.
 */
const WATCH = `
trap '' INT HUP TERM
folder=$1; shift
start() {
  postgres -D "$folder/data" "$@" </dev/null >>"$folder/log" 2>&1 &
  server=$!
  until psql --host="$folder" --username=${USER} --dbname=${FIRST_DATABASE} -c '' >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || return 1
    sleep 0.05
  done
}
initdb --pgdata="$folder/data" --username=${USER} --auth=trust --encoding=UTF8 --locale=C --no-sync \\
  >"$folder/log" 2>&1 || { echo failed; read -r _; rm -rf "$folder"; exit 1; }
start "$@" || echo failed
echo "$server"
while read -r command; do
  case $command in
    fast) kill -INT $server; wait $server ;;
    crash) kill -KILL $server; wait $server ;;
    # Children of a server that was killed keep its memory for a moment.
    start) tries=0; until start "$@" || [ $tries -eq 50 ]; do tries=$((tries + 1)); sleep 0.1; done ;;
  esac
  echo "$server"
done
kill -INT $server 2>/dev/null
wait $server
rm -rf "$folder"
`

/** Starts a cluster and waits until it answers. Throws with the end of the server's log if it does not. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = await makeFolder()
  const watch = startWatch(folder, serverArguments(folder, options))
  const answers = createInterface(watch.stdout)[Symbol.asyncIterator]()
  const answer = async () => (await answers.next()).value ?? 'failed'
  const first = await answer()
  return first === 'failed' ? fail(watch, folder) : cluster(watch, folder, { pid: Number(first), answer })
}

interface Watched {
  pid: number
  /** The script's next line: the server's process id. */
  readonly answer: () => Promise<string>
}

function cluster(watch: Watch, folder: string, watched: Watched): Postgres {
  const urlOf = (name: string) => `postgresql://${USER}@localhost/${name}?host=${encodeURIComponent(folder)}`
  return {
    url: urlOf(FIRST_DATABASE),
    get pid() {
      return watched.pid
    },
    async restart(how, meanwhile) {
      watch.stdin.write(`${how}\n`)
      await watched.answer()
      await meanwhile?.()
      watch.stdin.write('start\n')
      watched.pid = Number(await watched.answer())
    },
    run: (sql, database = FIRST_DATABASE) => query(urlOf(database), sql),
    createDatabase: async name => {
      await execute('createdb', [`--host=${folder}`, `--username=${USER}`, '--template=template0', name])
      return urlOf(name)
    },
    stop: () => end(watch),
  }
}

async function end(watch: Watch): Promise<void> {
  if (watch.exitCode !== null || watch.signalCode !== null) return
  const exited = once(watch, 'exit')
  watch.stdin.end()
  await exited
}

async function fail(watch: Watch, folder: string): Promise<never> {
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => 'no log was written')
  await end(watch)
  throw new Error(`PostgreSQL did not start:\n${log.slice(-2000)}`)
}

function serverArguments(folder: string, { fsync = true, settings = {} }: PostgresOptions): string[] {
  const all = {
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: fsync ? 'on' : 'off',
    ...settings,
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** As root not in TMPDIR, which another user need not be able to enter. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(isRoot() ? '/tmp' : tmpdir(), 'natsuin-postgres-'))
  if (isRoot()) await execute('chown', [ROOTS_STAND_IN, folder])
  return folder
}

/** In a session of its own, so that Ctrl-C in a terminal does not reach the server before the tests are done. */
function startWatch(folder: string, argv: readonly string[]): Watch {
  const asUser = isRoot() ? ['runuser', '-u', ROOTS_STAND_IN, '--'] : []
  const [command = 'sh', ...rest] = [...asUser, 'sh', '-c', WATCH, 'sh', folder, ...argv]
  const env = { ...process.env, PATH: searchPath() }
  return spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/', env, detached: true })
}

async function query(url: string, sql: string): Promise<string> {
  const PGOPTIONS = '-c default_transaction_read_only=off'
  const argv = [url, '--no-psqlrc', '-Atq', '-v', 'ON_ERROR_STOP=1', '-c', sql]
  const env = { ...process.env, PATH: searchPath(), PGOPTIONS }
  return (await promisify(execFile)('psql', argv, { cwd: '/', env })).stdout.trim()
}

async function execute(command: string, argv: readonly string[]): Promise<void> {
  await promisify(execFile)(command, argv, { cwd: '/', env: { ...process.env, PATH: searchPath() } })
}

function searchPath(): string {
  return [process.env['PATH'] ?? '', ...PROGRAM_FOLDERS.flatMap(folder => globSync(folder))].join(delimiter)
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
