/**
 * Reads docs/threats.md: of each attack in our catalogue, which files show that it fails, or why there is no test.
 *
 * The page is written by hand; a test compares it with the titles of the tests, so that an attack can be neither
 * forgotten nor claimed to be shown.
 */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ROOT } from './launch.mjs'

/** How many attacks of each kind there are: the ids run from 01 and are never given to another. */
const CATALOGUE = {
  SAD: 34,
  LIM: 16,
  DOS: 10,
  OA: 19,
  PAR: 4,
  RAR: 4,
  DP: 7,
  WA: 14,
  OTP: 8,
  PIN: 1,
  IDP: 10,
  KEY: 15,
  P11: 15,
  AUD: 12,
  ADM: 8,
  SEC: 8,
  DUR: 12,
  SSRF: 7,
  UI: 5,
  TSA: 9,
  TIM: 2,
  REV: 11,
  DER: 5,
  CMS: 8,
  PDF: 16,
  JWS: 6,
  JAD: 3,
  XML: 14,
  ZIP: 8,
} as const

export const KNOWN_IDS: readonly string[] = Object.entries(CATALOGUE).flatMap(([area, count]) =>
  Array.from({ length: count }, (_, i) => `T-${area}-${String(i + 1).padStart(2, '0')}`),
)

export const PAGE = 'docs/threats.md'

export interface Row {
  readonly id: string
  /** An attack on what there is not, and is not going to be. */
  readonly struck: boolean
  /** Under the heading of what is still to be shown. */
  readonly missing: boolean
  /** The tests, relative to the root. */
  readonly shownBy: readonly string[]
  /** The last cell: tests, reason, or what is missing. */
  readonly last: string
}

const HEADING = '## Not yet shown'

export function readThreats(page: string = readFileSync(join(ROOT, PAGE), 'utf8')): Row[] {
  const missingFrom = page.indexOf(HEADING)
  return [...page.matchAll(/^\| (~~)?(T-[A-Z0-9]+-\d{2})(?:~~)? \|(.*)\|$/gm)].map(
    ({ 1: strike, 2: id = '', 3: cells = '', index }) => {
      const last = cells.split('|').at(-1)?.trim() ?? ''
      const missing = missingFrom >= 0 && index > missingFrom
      return { id, struck: strike !== undefined, missing, last, shownBy: missing ? [] : testsIn(last) }
    },
  )
}

function testsIn(cell: string): string[] {
  return [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => posix.join('docs', path))
}

/** Whether a title in this source names the id: what stands in comments is no title. */
export function isInTitle(id: string, source: string): boolean {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .some(line => !line.trimStart().startsWith('//') && /['"`]/.test(line) && line.includes(id))
}
