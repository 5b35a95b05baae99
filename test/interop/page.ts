/** docs/interop.md: every cell, and what each judge said of it. */
import type { Result } from './ask.ts'
import type { Format } from './cells/cell.ts'
import { JUDGES } from './judges/judges.ts'
import type { Verdict } from './judges/verdict.ts'

export const PAGE = 'docs/interop.md'

const DATED = /^Judged on .*$/m
const MARKS: Readonly<Record<Verdict['outcome'], string>> = { passed: '✔', failed: '✘', unable: '–' }

export interface Run {
  readonly day: string
  readonly results: readonly Result[]
}

export function interopPage({ day, results }: Run): string {
  const formats = [...new Set(results.map(({ cell }) => cell.format))]
  return [head(day), ...formats.map(format => section(format, results))].join('\n\n').concat('\n')
}

/** Whether two pages say the same; on which day does not count. */
export function saysTheSame(one: string, other: string): boolean {
  return one.replace(DATED, '') === other.replace(DATED, '')
}

function head(day: string): string {
  const judges = JUDGES.map(
    ({ name, version, formats }) => `| ${name} | ${version} | ${formats.join(', ')} |`,
  )
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
    '| judge | release | formats |',
    '|---|---|---|',
    ...judges,
    '',
    '✔ is what was to be said: accepted at the level that was intended, or refused where the first column says that it must',
    'be. – is a limit of the judge, in its own words; below the table is what is known of it.',
  ].join('\n')
}

function section(format: Format, all: readonly Result[]): string {
  const results = all.filter(({ cell }) => cell.format === format)
  const judges = JUDGES.filter(({ formats }) => formats.includes(format)).map(({ name }) => name)
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
    return verdict === undefined ? '' : `${MARKS[verdict.outcome]} ${escaped(verdict.word)}`
  })
  const what = cell.expected === 'accepted' ? cell.what : `must be refused: ${cell.what}`
  return `| ${what} | ${cell.level} | ${cell.algorithm} | ${words.join(' | ')} |`
}

function limitsOf(results: readonly Result[]): readonly string[] {
  const unable = results.flatMap(({ verdicts }) =>
    [...verdicts].filter(([, { outcome }]) => outcome === 'unable'),
  )
  const lines = new Set(
    unable.flatMap(([name, { reasons }]) => reasons.map(reason => `- ${name}: ${reason}`)),
  )
  return lines.size === 0 ? [] : ['', ...lines]
}

function escaped(word: string): string {
  return word.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
}
