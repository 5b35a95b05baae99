/**
 * The reference pages: docs/configuration.md from the tables of settings, docs/errors.md from the tables of
 * refusals, docs/openapi from the table of methods. `npm run docs` writes them; a test compares them.
 *
 * Each process prints its own tables (`sam reference`), so that a page says what the program does and not what
 * somebody remembered.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './launch.mjs'

interface SettingReference {
  readonly name: string
  readonly form: string
  readonly byDefault?: unknown
  readonly example?: unknown
  readonly documentation: string
}

interface Words {
  readonly status?: number
  readonly error?: string
  readonly description?: string
  /** Where v1 of the CSC API says something else. */
  readonly v1?: Words
}

type Edge = Readonly<Record<string, Words>>

interface MetricReference {
  readonly kind: string
  readonly help: string
  readonly labels?: readonly string[]
}

interface Reference {
  readonly settings: readonly SettingReference[]
  readonly metrics: Readonly<Record<string, MetricReference>>
  readonly refusals?: readonly string[]
  readonly edges?: Readonly<Record<'request' | 'csc' | 'oauth' | 'pages', Edge>>
  readonly openApi?: Readonly<Record<'v1' | 'v2', object>>
}

export type ProcessName = 'sam' | 'authorities' | 'server' | 'sic' | 'witness'
export type References = Readonly<Record<ProcessName, Reference>>

const PROCESSES: readonly ProcessName[] = ['sam', 'authorities', 'server', 'sic', 'witness']
const WRITTEN = '<!-- written by npm run docs -->'

export const PAGES = {
  'docs/configuration.md': configurationPage,
  'docs/errors.md': errorsPage,
  'docs/metrics.md': metricsPage,
  'docs/openapi/csc-v1.json': references => json(references.server.openApi?.v1),
  'docs/openapi/csc-v2.json': references => json(references.server.openApi?.v2),
} as const satisfies Record<string, (references: References) => string>

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Asks each process. */
export function readReferences(): References {
  return Object.fromEntries(PROCESSES.map(name => [name, askFor(name)])) as Record<ProcessName, Reference>
}

function askFor(name: ProcessName): Reference {
  const entry = join(ROOT, 'packages', name, 'src', 'main.ts')
  const argv = ['--conditions=natsuin-source', entry, 'reference']
  const output = execFileSync(process.execPath, argv, { encoding: 'utf8' })
  return JSON.parse(output) as Reference // what `reference` of the process prints
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

function configurationPage(references: References): string {
  const head = [
    '# Configuration',
    '',
    WRITTEN,
    '',
    'Each process has a file of JSON. Paths in it are relative to it; secrets stand in files of their own, never as',
    'values. A process reads all of it before it does anything, tells all problems at once and starts on none;',
    '`natsuin check` asks all processes, `natsuin init` writes the files ([operate.md](operate.md)).',
  ]
  const sections = PROCESSES.map(
    name => `## ${name}\n\n${references[name].settings.map(setting).join('\n\n')}`,
  )
  return `${head.join('\n')}\n\n${sections.join('\n\n')}\n`
}

function setting({ name, form, byDefault, example, documentation }: SettingReference): string {
  const given = byDefault === undefined ? 'required' : `default \`${JSON.stringify(byDefault)}\``
  const shown =
    example === undefined ? '' : `\n\n\`\`\`json\n${JSON.stringify({ [name]: example }, null, 2)}\n\`\`\``
  return `### \`${name}\`\n\n${given}; ${form}\n\n${documentation}${shown}`
}

function errorsPage({ sam, authorities, server }: References): string {
  const { request, csc, oauth, pages } = server.edges ?? { request: {}, csc: {}, oauth: {}, pages: {} }
  const origin = (code: string) =>
    sam.refusals?.includes(code) ? 'sam' : authorities.refusals?.includes(code) ? 'authorities' : 'server'
  const rows = Object.keys(csc).map(code =>
    [
      `\`${code}\``,
      origin(code),
      spoken(csc[code]),
      spoken(oauth[code]),
      String(pages[code]?.status ?? ''),
    ].join(' | '),
  )
  const requests = Object.entries(request).map(([code, words]) => `| \`${code}\` | ${spoken(words)} |`)
  return [
    '# Errors',
    '',
    WRITTEN,
    '',
    'A refusal is an expected "no" and has a code of ours; each edge says it in its own words. Anything else that goes',
    'wrong is a fault: the caller gets `server_error` with an incident id, and the log has the rest under that id. Codes',
    'that would help a guesser sound alike.',
    '',
    '## Refusals',
    '',
    'The pages of our own (approval, enrolment, log-in) get the code itself, with the status of the last column.',
    '',
    '| code | said by | CSC API | OAuth | pages |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(row => `| ${row} |`),
    '',
    '## Requests that are wrong by themselves (CSC API)',
    '',
    '| code | CSC API |',
    '| --- | --- |',
    ...requests,
    '',
  ].join('\n')
}

function metricsPage(references: References): string {
  const head = [
    '# Metrics',
    '',
    WRITTEN,
    '',
    'Each process answers `/metrics` at its `health` address, beside `/healthz` (it answers) and `/readyz` (it can do its',
    'work; 503 and the names of what keeps it from it otherwise). Labels take their values from tables in the code: a',
    'method, a route, a code; never from a request, so that no label holds a person, a document or a secret.',
    '',
    'Approvals are requests `approve` of `sam`, activations are requests `sign`; refusals are their outcomes. An example',
    'dashboard is [deploy/grafana/natsuin.json](../deploy/grafana/natsuin.json), alert rules are',
    '[deploy/prometheus/alerts.yml](../deploy/prometheus/alerts.yml).',
  ]
  const sections = PROCESSES.map(name => `## ${name}\n\n${metricRows(references[name].metrics)}`)
  return `${head.join('\n')}\n\n${sections.join('\n\n')}\n`
}

function metricRows(metrics: Reference['metrics']): string {
  const rows = Object.entries(metrics).map(
    ([name, { kind, help, labels = [] }]) =>
      `| \`${name}\` | ${kind} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return ['| metric | kind | labels | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function spoken(words: Words | undefined): string {
  if (words?.error === undefined) return ''
  const said = [words.status, `\`${words.error}\``, words.description]
  const inV1 = words.v1 === undefined ? undefined : `(v1: ${spoken(words.v1)})`
  return [...said, inV1].filter(part => part !== undefined).join(' ')
}

if (import.meta.main) {
  const references = readReferences()
  for (const [page, print] of Object.entries(PAGES)) writeFileSync(join(ROOT, page), print(references))
}
