/**
 * Text in lines that fit a width: broken at spaces, and between any two characters of scripts that have none, as
 * Japanese is; never before a mark that closes.
 */
/** The width of a character, in thousandths of the font size. */
export type Measure = (character: string) => number

export interface Lines {
  readonly fontSize: number
  readonly lines: readonly string[]
}

export interface Room {
  /** In points. */
  readonly width: number
  readonly height: number
}

/** Of the font size. */
export const LINE_HEIGHT = 1.25
const SIZES = Array.from({ length: 21 }, (_, i) => 14 - i / 2)
/** Below this, text with broken lines reads better than smaller text without. */
const EASY_TO_READ = 8

/**
 * @param fontSize  fixed, in points; else the largest from 14 down to 8 with which no line has to be broken, or down to
 *   4 with which the text fits at all
 * @returns `undefined` when it does not fit
 */
export function linesIn(text: string, room: Room, measure: Measure, fontSize?: number): Lines | undefined {
  const lines = text.split('\n')
  const sizes = fontSize === undefined ? SIZES : [fontSize]
  const whole = sizes.find(size => size >= EASY_TO_READ && fits(lines, room, size, measure))
  if (whole !== undefined) return { fontSize: whole, lines }
  for (const size of sizes) {
    const broken = lines.flatMap(line => wrapped(line, (room.width * 1000) / size, measure))
    if (fits(broken, room, size, measure)) return { fontSize: size, lines: broken }
  }
  return undefined
}

function fits(lines: readonly string[], { width, height }: Room, size: number, measure: Measure): boolean {
  if (lines.length * size * LINE_HEIGHT > height) return false
  return lines.every(line => widthOf(line, measure) * size <= width * 1000)
}

export function widthOf(text: string, measure: Measure): number {
  return Array.from(text).reduce((sum, character) => sum + measure(character), 0)
}

function wrapped(line: string, width: number, measure: Measure): readonly string[] {
  const lines: string[] = []
  let current = ''
  for (const piece of pieces(line)) {
    if (current !== '' && widthOf((current + piece).trimEnd(), measure) > width) {
      lines.push(current.trimEnd())
      current = piece.trimStart()
    } else current += piece
  }
  return [...lines, current.trimEnd()]
}

/** What stays together: words with the space behind them, and characters of scripts without spaces one by one. */
function pieces(line: string): readonly string[] {
  return line.match(PIECE) ?? ['']
}

const IDEOGRAPHS = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3000-\\u303f\\uff00-\\uffef'
const CLOSING = '[、。，．・：；？！）」』】〕〉》ゝ々ー)\\],.:;?!]'
const PIECE = new RegExp(`[${IDEOGRAPHS}]${CLOSING}*\\s*|[^\\s${IDEOGRAPHS}]+\\s*|\\s+`, 'gu')
