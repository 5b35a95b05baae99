/**
 * Keeps docs/standards.md true: its table names every document that the code cites, with the edition that the
 * code follows, and the index below the table says which file answers to which clause. `npm run docs` writes
 * the index; a test compares it.
 *
 * A citation is written `RFC 5652, 5.3` or `EN 319 142-1 V1.2.1, 6.3`, several clauses with `and`.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ROOT } from './launch.mjs'

export interface Source {
  readonly path: string
  readonly text: string
}

interface Citation {
  readonly document: string
  readonly edition: string | undefined
  readonly clauses: readonly string[]
  readonly path: string
}

const PAGE = 'docs/standards.md'
const START = '<!-- index: written by npm run docs -->'
const END = '<!-- end of index -->'

/** The names by which documents are cited. Laws, products and formats without clauses are not meant. */
const DOCUMENT = [
  'RFC \\d+',
  '(?:EN|TS|TR) \\d{3} \\d{3}(?:-\\d)?',
  'ISO(?:/IEC)? \\d+(?:-\\d+)?',
  'X\\.\\d{3}',
  'FIPS \\d+(?:-\\d)?',
  'SP 800-\\w+',
  'SEC \\d',
  'PKCS #11 Base',
  'CSC API',
  'WebAuthn Level \\d',
  'C2SP [a-z]+-[a-z]+',
  'Namespaces in XML 1\\.0',
  'Canonical XML 1\\.[01]',
  'Exclusive XML Canonicalization 1\\.0',
  'XML 1\\.0',
  'XMLDSig 1\\.1',
  'FAPI 2\\.0 Security Profile',
  'OpenID Connect (?:Core|Back-Channel Logout|Discovery) 1\\.0',
].join('|')
const EDITION = ' [Vv]\\d+(?:\\.\\d+)+|:\\d{4}'
const CLAUSE = '(?:[A-Z]\\.|[A-Z]{2,5}[-_])?\\d+(?:[.-]\\d+)*(?![\\w-])'
const CITATION = new RegExp(`\\b(${DOCUMENT})(${EDITION})?(?:, (${CLAUSE}(?: and ${CLAUSE})*))?`, 'g')

/** Every mention of a document in the text, with the clauses it names. */
export function citationsIn({ path, text }: Source): Citation[] {
  const flowing = text.replace(/\n\s*(?:\*|\/\/)?\s*/g, ' ')
  return [...flowing.matchAll(CITATION)].map(([, document = '', edition, clauses]) => ({
    document,
    edition: edition?.replace(/^[ :]/, ''),
    clauses: clauses?.split(' and ') ?? [],
    path,
  }))
}

/** The rows of the page's table: document → its editions. A row is `| document | edition | title |`. */
export function editionsOn(page: string): Map<string, Set<string>> {
  const editions = new Map<string, Set<string>>()
  for (const [, document = '', edition = ''] of page.matchAll(/^\| ([^|]+?) \| ([^|]*?) \| \[/gm)) {
    editions.set(document, (editions.get(document) ?? new Set()).add(edition))
  }
  return editions
}

/** What the table lacks: documents that are cited and not in it, and editions that it does not name. */
export function unlisted(citations: readonly Citation[], page: string): string[] {
  const editions = editionsOn(page)
  const wrong = citations.filter(({ document, edition }) => {
    const listed = editions.get(document)
    return listed === undefined || (edition !== undefined && !listed.has(edition))
  })
  return wrong.map(({ document, edition = '', path }) => `${path} cites ${document} ${edition}`.trimEnd())
}

/** The page with its index written anew. */
export function withIndex(page: string, citations: readonly Citation[]): string {
  const [before, rest] = page.split(START)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined)
    throw new Error(`${PAGE} has lost the marks around its index`)
  return `${before}${START}\n\n${renderIndex(citations)}\n\n${END}${after}`
}

function renderIndex(citations: readonly Citation[]): string {
  const byDocument = Map.groupBy(citations, ({ document }) => document)
  return sorted([...byDocument.keys()])
    .map(document => `### ${document}\n\n${renderDocument(byDocument.get(document) ?? [])}`)
    .join('\n\n')
}

function renderDocument(citations: readonly Citation[]): string {
  const rows = citations.flatMap(({ clauses, path }) =>
    (clauses.length > 0 ? clauses : ['as a whole']).map(clause => ({ clause, path })),
  )
  const byClause = Map.groupBy(rows, ({ clause }) => clause)
  return sorted([...byClause.keys()])
    .map(clause => `- ${clause}: ${links(byClause.get(clause)?.map(({ path }) => path) ?? [])}`)
    .join('\n')
}

function links(paths: readonly string[]): string {
  const label = (path: string) => path.replace(/^packages\//, '').replace('/src/', '/')
  return sorted([...new Set(paths)])
    .map(path => `[${label(path)}](${posix.join('..', path)})`)
    .join(', ')
}

function sorted(words: readonly string[]): string[] {
  return words.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** The sources that cite: everything but the scripts, whose tests hold citations as examples. */
export function citingSources(): Source[] {
  const paths = globSync(['packages/*/src/**/*.{ts,tsx}', '{demo,bench,test}/**/*.ts'], {
    cwd: ROOT,
    exclude: path => /(?:^|\/)(?:node_modules|dist)(?:\/|$)/.test(path),
  })
  return paths.map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

export function readPage(): string {
  return readFileSync(join(ROOT, PAGE), 'utf8')
}

if (import.meta.main) {
  writeFileSync(join(ROOT, PAGE), withIndex(readPage(), citingSources().flatMap(citationsIn)))
}
