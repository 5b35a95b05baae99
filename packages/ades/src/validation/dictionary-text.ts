/**
 * The entries of one dictionary as they stand in the text, with their places: just enough PDF syntax to check a
 * signature dictionary (ISO 32000-2, 7.2 and 7.3), and no code in common with the reader that signs.
 *
 * Places matter here, values hardly: Contents must be exactly where ByteRange leaves its gap.
 */
import { nextToken, type Token } from './tokens.ts'
import { ValidationEnded } from './verdict.ts'

/** Keys with solidus, each with the tokens of its value. */
export type EntryTokens = ReadonlyMap<string, readonly Token[]>

/**
 * @param at  where `<<` stands; what follows its `>>` must be `endobj`
 * @throws ValidationEnded FORMAT_FAILURE for anything that is not that, and for a key that is there twice
 */
export function dictionaryAt(text: string, at: number): EntryTokens {
  const tokens = dictionaryTokens(text, at)
  const entries = new Map<string, readonly Token[]>()
  for (let i = 1; i < tokens.length - 1; ) {
    const key = tokens[i]?.text ?? ''
    if (!key.startsWith('/') || entries.has(key)) throw malformed()
    const end = valueEnd(tokens, i + 1)
    entries.set(key, tokens.slice(i + 1, end))
    i = end
  }
  return entries
}

const DEPTH: Readonly<Record<string, number>> = { '<<': 1, '[': 1, '>>': -1, ']': -1 }

/** From `<<` to the `>>` that closes it. */
function dictionaryTokens(text: string, at: number): readonly Token[] {
  const tokens: Token[] = []
  let depth = 0
  do {
    const token = nextToken(text, tokens.length === 0 ? at : endOf(tokens.at(-1)))
    tokens.push(token)
    depth += DEPTH[token.text] ?? 0
  } while (depth > 0)
  if (tokens[0]?.text !== '<<' || nextToken(text, endOf(tokens.at(-1))).text !== 'endobj') throw malformed()
  return tokens
}

/** Where the value that begins with token `from` ends: a bracket to its partner, `N G R`, or one token. */
function valueEnd(tokens: readonly Token[], from: number): number {
  if (DEPTH[tokens[from]?.text ?? ''] !== 1) return tokens[from + 2]?.text === 'R' ? from + 3 : from + 1
  let depth = 0
  let end = from
  do depth += DEPTH[tokens[end++]?.text ?? ''] ?? 0
  while (depth > 0 && end < tokens.length)
  return end
}

function endOf(token: Token | undefined): number {
  return token?.end ?? 0
}

function malformed(): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', 'the signature dictionary is malformed')
}
