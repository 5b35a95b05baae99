/**
 * `npm test`: makes the machine ready, then runs every test of the repository and ends with one line that
 * counts them. See `--help` for the arguments.
 */
import { randomInt } from 'node:crypto'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { ROOT } from './launch.mjs'
import { prepareMachine } from './prerequisites.ts'
import { commitOf, keepReport } from './soak-report.ts'
import { count, type ReportedTest, summary } from './tally.ts'

const HELP = `npm test -- [path …] [--rounds=test|soak]

Runs the unit, conformance, attack and end-to-end tests. Installs the programs that they need where it may.

  path            run only the test files whose path contains one of these, e.g. packages/pki
  --rounds=soak   many more rounds of the randomised and the kill tests (hours); default: test
  --help          this text

Every randomised test takes the seed of the run, which is printed; NATSUIN_SEED repeats it. A soak leaves a report in
soak-report/, with its date. NATSUIN_CORPORA names a folder with other
people's test files; tests that need it are skipped without it.
Ends with "N passed, N failed, N skipped"; the exit code is 0 only if none failed.
`

const MINUTE_MS = 60_000

const MAX_SEED = 2 ** 31

/** The longest that one test may take. Generous: it is there for a test that hangs, not for a slow machine. */
const TEST_TIMEOUT_MS = { test: 10 * MINUTE_MS, soak: 24 * 60 * MINUTE_MS }

/** Where test files are. `scripts/` comes first because it is over soonest. */
const PLACES = ['scripts', 'faces', 'packages/*/src', 'demo', 'bench', 'test']

interface RunOptions {
  /** The folder that paths in the summary are relative to. */
  readonly root: string
  readonly concurrency: number
  readonly timeoutMs: number
  readonly print: (text: string) => void
}

/** Runs the files, prints each result as it comes, and returns the closing lines; the last one holds the counts. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<string[]> {
  const events: ReportedTest[] = []
  const { concurrency, timeoutMs: timeout } = options
  const stream = run({ files, concurrency, timeout })
  // node adds `entryFile` to these events, which its types do not know yet.
  stream.on('test:pass', event => events.push(event as ReportedTest))
  stream.on('test:fail', event => events.push(event as ReportedTest))
  for await (const text of stream.compose(new spec())) options.print(String(text))
  return summary(count(events, options.root))
}

function testFiles(filters: readonly string[]): string[] {
  const patterns = PLACES.map(place => `${place}/**/*.test.{ts,tsx}`)
  const all = patterns.flatMap(pattern => globSync(pattern, { cwd: ROOT, exclude: isForeign }).sort())
  return filters.length === 0 ? all : all.filter(file => filters.some(filter => file.includes(filter)))
}

function isForeign(path: string): boolean {
  return path.split('/').includes('node_modules')
}

function parseArguments() {
  return parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: 'test' }, help: { type: 'boolean', default: false } },
  })
}

function isRounds(word: string): word is keyof typeof TEST_TIMEOUT_MS {
  return Object.hasOwn(TEST_TIMEOUT_MS, word)
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`)
  return 1
}

async function main(): Promise<number> {
  const { values, positionals } = parseArguments()
  if (values.help) return say(HELP)
  if (!isRounds(values.rounds)) return refuse(`--rounds is test or soak, not ${values.rounds}`)
  const files = testFiles(positionals)
  if (files.length === 0) return refuse(`No test file matches ${positionals.join(', ')}`)
  const unready = prepareMachine()
  if (unready !== undefined) return refuse(unready)

  const begun = { startedAt: new Date(), commit: commitOf(ROOT) }
  process.env['NATSUIN_ROUNDS'] = values.rounds
  process.env['NATSUIN_SEED'] ??= String(randomInt(MAX_SEED))
  process.stdout.write(`NATSUIN_SEED=${process.env['NATSUIN_SEED']}\n`)
  const lines = await runFiles(
    files.map(file => join(ROOT, file)),
    {
      root: ROOT,
      concurrency: availableParallelism(),
      timeoutMs: TEST_TIMEOUT_MS[values.rounds],
      print: text => process.stdout.write(text),
    },
  )
  process.stdout.write(`\n${lines.join('\n')}\n`)
  if (values.rounds === 'soak') {
    const seed = process.env['NATSUIN_SEED']
    const path = keepReport(ROOT, { ...begun, endedAt: new Date(), seed, paths: positionals, lines })
    process.stdout.write(`report: ${path}\n`)
  }
  return lines.some(line => line.startsWith('failed: ')) ? 1 : 0
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    const isWrongUse =
      error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!isWrongUse) throw error
    return refuse(error.message)
  })
}
