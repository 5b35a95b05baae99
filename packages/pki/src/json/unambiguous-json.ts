/**
 * JSON with limits: no duplicate members, at most 16 levels, at most 256 members in an object.
 *
 * Parsers disagree about duplicates (RFC 8259, 4), so a request with one means different things to different
 * readers; depth and width are bounded before anything is built (threats.md, section 4).
 */

const MAX_DEPTH = 16
const MAX_MEMBERS = 256

/** The text is not JSON, or not within the limits. Says nothing of the content. */
export class JsonRefused extends Error {
  readonly code = 'malformed'
}

/** The value, or `JsonRefused`. Members named `__proto__` are refused with the rest that nobody sends. */
export function parseUnambiguousJson(text: string): unknown {
  try {
    checkStructure(text)
    return JSON.parse(text)
  } catch (cause) {
    throw cause instanceof JsonRefused ? cause : new JsonRefused('not JSON', { cause })
  }
}

type Frame = { readonly names: Set<string>; expectsName: boolean } | undefined

// A string that never ends is one token too: tried again from each of its quotes, it would take the square of its length.
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|[{}[\],:]/g

/** Walks strings and brackets only; whether the rest is JSON, JSON.parse says. */
function checkStructure(text: string): void {
  const open: Frame[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = open.at(-1)
    if (token === '{') push(open, { names: new Set(), expectsName: true })
    else if (token === '[') push(open, undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && frame !== undefined) frame.expectsName = true
    else if (token.startsWith('"') && frame?.expectsName) takeName(frame, token)
  }
}

function push(open: Frame[], frame: Frame): void {
  if (open.push(frame) > MAX_DEPTH) throw new JsonRefused('nested too deeply')
}

/** Names are compared as what they spell, so that an escape does not hide a second one. */
function takeName(frame: NonNullable<Frame>, token: string): void {
  const name = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
  if (name === '__proto__' || frame.names.has(name)) throw new JsonRefused('a member twice')
  if (frame.names.add(name).size > MAX_MEMBERS) throw new JsonRefused('too many members')
  frame.expectsName = false
}
