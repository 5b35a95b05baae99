/**
 * `npm run interop`: everything that `@natsuin/ades` makes, judged by programs that are not ours, and our server used by
 * clients that are not ours. See `--help`.
 *
 * Apart from `npm test` because they are large: a Java and a Python, and some hundred packages of theirs.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { askAll, layDown, type Result, type Sitting, unmade } from './ask.ts'
import type { Cell } from './cells/cell.ts'
import { CELLS } from './cells/cells.ts'
import type { ClientResult, RealClient } from './clients/client.ts'
import { CLIENTS } from './clients/clients.ts'
import { runClients } from './clients/run-clients.ts'
import { type FileOutcome, judgeCorpora } from './corpora.ts'
import { startJudge } from './judges/judge-process.ts'
import { JUDGES } from './judges/judges.ts'
import type { Verdict } from './judges/verdict.ts'
import { interopPage, PAGE, saysTheSame } from './page.ts'
import { SetupFailure } from './setup/run.ts'
import { HOME, ROOT, setUp } from './setup/setup.ts'

const HELP = `npm run interop -- [--only WHAT …] [--write] [--relock]

Makes a signature for every format, level and algorithm and asks independent judges about each: EU DSS, pyHanko and digidoc4j.
Then signs the PDF files that NATSUIN_CORPORA has and asks about them. Then lets other people's clients use our server. All of
them are set up below .natsuin/interop at the first run (Maven Central, the Python Package Index); the files that were judged
stay there, in files/. The exit code is 0 only if each judge said what it should of every signature and each client managed what
it should, and 3 if they could not be set up.

  --only WHAT     only the cells of this format, this client, or all "clients"; may be said again
  --write         writes ${PAGE}
  --relock        after a change of a pom.xml: writes the digests of what Maven brought
  --help          this text
`

/** Nobody was asked: no judge has said no. */
const NOT_SET_UP = 3

/** What is judged; kept, for whoever wants to look at it. */
const FILES = join(HOME, 'files')

interface Arguments {
  readonly only: readonly string[]
  readonly write: boolean
  readonly relock: boolean
  readonly help: boolean
}

function parseArguments(): Arguments {
  const flag = { type: 'boolean', default: false } as const
  const only = { type: 'string', multiple: true, default: [] as string[] } as const
  return parseArgs({ options: { only, write: flag, relock: flag, help: flag } }).values
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

interface Chosen {
  readonly cells: readonly Cell[]
  readonly clients: readonly RealClient[]
}

function chosen(only: readonly string[]): Chosen {
  const wanted = only.map(what => what.toLowerCase())
  const isWanted = (...names: string[]) =>
    wanted.length === 0 || names.some(name => wanted.includes(name.toLowerCase()))
  return {
    cells: CELLS.filter(({ format }) => isWanted(format)),
    clients: CLIENTS.filter(({ name }) => isWanted(name, 'clients')),
  }
}

/** Specimens are made one after the other, while the judges are still busy with earlier ones. */
async function judgeAll(cells: readonly Cell[], sittings: readonly Sitting[]): Promise<readonly Result[]> {
  const results: (() => Promise<Result>)[] = []
  let made = ''
  for (const [index, cell] of cells.entries()) {
    if (cell.format !== made) say(`Making ${cell.format} signatures and having them judged …`)
    made = cell.format
    results.push(await begin(cell, join(FILES, folderName(cell, index)), sittings))
  }
  const all = await Promise.all(results.map(result => result()))
  for (const result of all) tellFailures(result)
  return all
}

/** What cannot be made is a failure of that cell, and of no other. */
async function begin(
  cell: Cell,
  folder: string,
  sittings: readonly Sitting[],
): Promise<() => Promise<Result>> {
  try {
    const result = askAll(cell, layDown(cell, await cell.make(), folder), sittings)
    return () => result
  } catch (error) {
    const result = unmade(cell, error, sittings)
    return async () => result
  }
}

function folderName({ format, level, algorithm, what }: Cell, index: number): string {
  const number = String(index + 1).padStart(4, '0')
  return [number, format, level, algorithm, what.replaceAll(/[^\w]+/g, '-')].join('-')
}

function tellFailures({ cell: { format, what, level, algorithm }, verdicts }: Result): void {
  tellFailed(verdicts, judge => `${format}, ${what}, ${level}, ${algorithm}: ${judge}`)
}

/** @param whoOf  what failed, and whose word it is */
function tellFailed(verdicts: ReadonlyMap<string, Verdict>, whoOf: (key: string) => string): void {
  for (const [key, { outcome, word, reasons }] of verdicts) {
    if (outcome === 'failed') say(`✘ ${whoOf(key)} says ${[word, ...reasons].join('\n    ')}`)
  }
}

async function withJudges<T>(work: (sittings: readonly Sitting[]) => Promise<T>): Promise<T> {
  const sittings = JUDGES.map(judge => ({ judge, process: startJudge(judge.command(HOME)) }))
  try {
    return await work(sittings)
  } finally {
    await Promise.all(sittings.map(({ process }) => process.dismiss()))
  }
}

function publish(outcomes: Outcomes, write: boolean): void {
  const path = join(ROOT, PAGE)
  const before = readFileSync(path, 'utf8')
  const page = interopPage({ day: new Date().toISOString().slice(0, 10), ...outcomes }, before)
  if (write) writeFileSync(path, page)
  else if (!saysTheSame(before, page))
    say(`${PAGE} says something else than this run; npm run interop -- --write writes it.`)
}

interface Outcomes {
  readonly results: readonly Result[]
  /** Absent where they were not asked about. */
  readonly files: readonly FileOutcome[] | undefined
  readonly clients: readonly ClientResult[]
}

async function main(): Promise<number> {
  const { only, write, relock, help } = parseArguments()
  if (help) return finish(HELP, 0)
  const { cells, clients } = chosen(only)
  if (cells.length + clients.length === 0) return finish(`Nothing is called ${only.join(', ')}.\n`, 1)
  say('Setting judges and clients up …')
  await setUp(relock)
  rmSync(FILES, { recursive: true, force: true })
  const judged = cells.length === 0 ? NONE_JUDGED : await judge(cells, only.length === 0)
  const outcomes = { ...judged, clients: await useClients(clients) }
  if (only.length === 0) publish(outcomes, write)
  return finish(...summary(outcomes))
}

const NONE_JUDGED = { results: [], files: undefined } as const

function judge(cells: readonly Cell[], withFiles: boolean): Promise<Omit<Outcomes, 'clients'>> {
  return withJudges(async sittings => ({
    results: await judgeAll(cells, sittings),
    files: withFiles ? await judgeFiles(sittings) : undefined,
  }))
}

async function judgeFiles(sittings: readonly Sitting[]): Promise<readonly FileOutcome[] | undefined> {
  const corpora = process.env['NATSUIN_CORPORA']
  if (corpora === undefined) return void say('NATSUIN_CORPORA names no folder: no files of other people.')
  say("Signing other people's PDF files and having them judged …")
  const files = await judgeCorpora(corpora, FILES, sittings)
  for (const file of files) if (!('refused' in file)) tellFailures(file.result)
  return files
}

async function useClients(clients: readonly RealClient[]): Promise<readonly ClientResult[]> {
  if (clients.length === 0) return []
  say("Having other people's clients use the server …")
  const results = await runClients(clients, HOME)
  for (const { client, verdicts } of results) tellFailed(verdicts, what => `${client.name}, ${what}: it`)
  return results
}

function summary({ results, files = [], clients }: Outcomes): readonly [text: string, code: number] {
  const ofFiles = files.flatMap(file => ('refused' in file ? [] : [file.result]))
  const spoken = [...results, ...ofFiles, ...clients].flatMap(({ verdicts }) => [...verdicts.values()])
  const count = (wanted: Verdict['outcome']) => spoken.filter(({ outcome }) => outcome === wanted).length
  const failed = count('failed')
  const text = `${count('passed')} verdicts as they should be, ${failed} not, ${count('unable')} beyond the limits of who gave them\n`
  return [text, failed === 0 ? 0 : 1]
}

function finish(text: string, code: number): number {
  process.stdout.write(text)
  return code
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof SetupFailure)) throw error
  say(error.message)
  return NOT_SET_UP
})
