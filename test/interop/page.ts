/** docs/interop.md: every cell, and what each judge said of it. */
import type { Result } from './ask.ts'
import type { Format } from './cells/cell.ts'
import type { ClientResult } from './clients/client.ts'
import type { FileOutcome } from './corpora.ts'
import { JUDGES } from './judges/judges.ts'
import type { Verdict } from './judges/verdict.ts'

export const PAGE = 'docs/interop.md'

const DATED = /^Judged on .*$/m
const MARKS: Readonly<Record<Verdict['outcome'], string>> = { passed: '✔', failed: '✘', unable: '–' }

const CORPORA = "## Other people's PDF files"

export interface Run {
  readonly day: string
  readonly results: readonly Result[]
  readonly clients: readonly ClientResult[]
  /** Absent where there are no corpora; the page keeps what it had then. */
  readonly files: readonly FileOutcome[] | undefined
}

/** @param before  the page as it is */
export function interopPage({ day, results, clients, files }: Run, before: string): string {
  const formats = [...new Set(results.map(({ cell }) => cell.format))]
  const corpora = files === undefined ? sectionIn(before) : corporaSection(files)
  const sections = [clientsSection(clients), ...formats.map(format => section(format, results)), corpora]
  return [head(day), ...sections].join('\n\n').concat('\n')
}

function sectionIn(page: string): string {
  const start = page.indexOf(CORPORA)
  return start < 0 ? CORPORA : page.slice(start).trimEnd()
}

/** Whether two pages say the same; on which day does not count. */
export function saysTheSame(one: string, other: string): boolean {
  return one.replace(DATED, '') === other.replace(DATED, '')
}

function head(day: string): string {
  const judges = JUDGES.map(({ name, version, judges }) => `| ${name} | ${version} | ${judges} |`)
  return [
    '# Judged by others',
    '',
    '<!-- written by npm run interop -- --write -->',
    '',
    'Every signature here is made by `@natsuin/ades` and judged by programs that are not ours, each asked as its makers',
    'ship it: EU DSS with its default policy, pyHanko as its `sign adesverify` does. The one root of the test authorities is',
    'the trust anchor, and nobody is asked on a network: what the authorities would say of certificates is handed over where',
    'the document does not bring it. `npm run interop` sets the judges up, makes and judges everything anew and fails when one',
    'of them does not say what it should.',
    '',
    `Judged on ${day}.`,
    '',
    '| judge | release | asked about |',
    '|---|---|---|',
    ...judges,
    '',
    '✔ is what was to be said: accepted at the level that was intended, or refused where the first column says that it must',
    'be. – is a limit of the judge, in its own words; below the table is what is known of it.',
  ].join('\n')
}

function clientsSection(clients: readonly ClientResult[]): string {
  return [
    "## Other people's clients",
    '',
    'Programs that speak the CSC API or OAuth, as their makers ship them, against one deployment that speaks TLS. Where one',
    'needs the signer, he answers on the pages of the service, with his passkey.',
    '',
    '| client | release | speaks |',
    '|---|---|---|',
    ...clients.map(({ client: { name, version, speaks } }) => `| ${name} | ${version} | ${speaks} |`),
    '',
    '| client | what it does | its word |',
    '|---|---|---|',
    ...clients.flatMap(({ client, verdicts }) =>
      [...verdicts].map(([what, verdict]) => `| ${client.name} | ${what} | ${spoken(verdict)} |`),
    ),
    ...limitLines(clients.map(({ client, verdicts }) => [client.name, [...verdicts.values()]])),
  ].join('\n')
}

function section(format: Format, all: readonly Result[]): string {
  const results = all.filter(({ cell }) => cell.format === format)
  const judges = JUDGES.filter(({ isAsked }) => results.some(({ cell }) => isAsked(cell))).map(
    ({ name }) => name,
  )
  return [
    `## ${format}`,
    '',
    `| | level | algorithm | ${judges.join(' | ')} |`,
    `|---|---|---|${judges.map(() => '---|').join('')}`,
    ...results.map(result => row(result, judges)),
    ...limitsOf(results),
  ].join('\n')
}

function row({ cell, verdicts }: Result, judges: readonly string[]): string {
  const words = judges.map(name => {
    const verdict = verdicts.get(name)
    return verdict === undefined ? '' : spoken(verdict)
  })
  const what = cell.expected === 'accepted' ? cell.what : `must be refused: ${cell.what}`
  return `| ${what} | ${cell.level} | ${cell.algorithm} | ${words.join(' | ')} |`
}

const spoken = ({ outcome, word }: Verdict) => `${MARKS[outcome]} ${escaped(word)}`

function limitsOf(results: readonly Result[]): readonly string[] {
  return limitLines(results.flatMap(({ verdicts }) => [...verdicts].map(([name, one]) => [name, [one]])))
}

type Spoken = readonly [name: string, verdicts: readonly Verdict[]]

/** What is known of each limit that was met, once. */
function limitLines(spokenBy: readonly Spoken[]): readonly string[] {
  const lines = spokenBy.flatMap(([name, verdicts]) =>
    verdicts
      .filter(({ outcome }) => outcome === 'unable')
      .flatMap(({ reasons }) => reasons.map(reason => `- ${name}: ${reason}`)),
  )
  return lines.length === 0 ? [] : ['', ...new Set(lines)]
}

function corporaSection(files: readonly FileOutcome[]): string {
  const counts = new Map<string, number>()
  for (const outcome of files.map(fileOutcome)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const results = files.flatMap(file => ('refused' in file ? [] : [file.result]))
  return [
    CORPORA,
    '',
    "The PDF files of pyHanko's tests, broken ones among them: signed, with every byte of theirs in front as it was, or refused",
    'by us with a reason. What pdfsig and qpdf say of the same is looked at in `npm test`.',
    '',
    '| outcome | files |',
    '|---|---|',
    ...[...counts].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `| ${outcome} | ${count} |`),
    ...limitsOf(results),
  ].join('\n')
}

function fileOutcome(file: FileOutcome): string {
  if ('refused' in file) return `refused: \`${file.refused}\``
  const words = [...file.result.verdicts].map(
    ([judge, { outcome, word }]) => `${judge} says ${MARKS[outcome]} ${escaped(word)}`,
  )
  return `signed; ${words.join('; ')}`
}

function escaped(word: string): string {
  return word.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
}
