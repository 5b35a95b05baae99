/** Tokens of PDF in text, one character a byte (ISO 32000-2, 7.2 and 7.3). */
import { ValidationEnded } from './verdict.ts'

export interface Token {
  readonly text: string
  /** Where in the text the token begins. */
  readonly at: number
  readonly end: number
}

const SPACE = '\\0\\t\\n\\f\\r '
const TOKEN = new RegExp(
  `<<|>>|[[\\]]|/[^${SPACE}()<>[\\]{}/%]*|<[0-9A-Fa-f${SPACE}]*>|[^${SPACE}()<>[\\]{}/%]+`,
  'y',
)
const SKIPPED = new RegExp(`(?:[${SPACE}]|%[^\\r\\n]*)*`, 'y')

/** @throws ValidationEnded where no token follows */
export function nextToken(text: string, from: number): Token {
  SKIPPED.lastIndex = from
  const at = from + (SKIPPED.exec(text)?.[0].length ?? 0)
  if (text[at] === '(') return tokenOf(text.slice(at, literalEnd(text, at)), at)
  TOKEN.lastIndex = at
  const [token] = TOKEN.exec(text) ?? []
  if (token === undefined) throw malformed('token')
  return tokenOf(token, at)
}

function tokenOf(text: string, at: number): Token {
  return { text, at, end: at + text.length }
}

/** Parentheses nest unless a reverse solidus stands before them (7.3.4.2). */
function literalEnd(text: string, from: number): number {
  let open = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '(') open++
    else if (text[at] === ')' && --open === 0) return at + 1
  }
  throw malformed('string')
}

export function malformed(what: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', `malformed: ${what}`)
}
