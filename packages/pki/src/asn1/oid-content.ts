/** Object identifiers between dotted text and content octets (X.690, 8.19). */
import { checkContent } from './content.ts'
import { TAG } from './tags.ts'

/** Dotted text of OID content octets. Arcs may have any size (UUID arcs have 128 bits). */
export function decodeOid(content: Uint8Array): string {
  checkContent(TAG.oid, content)
  const arcs: string[] = []
  let start = 0
  content.forEach((byte, i) => {
    if (byte >= 0x80) return
    arcs.push(...(start === 0 ? firstArcs(arc(content, start, i)) : [String(arc(content, start, i))]))
    start = i + 1
  })
  return arcs.join('.')
}

/** @throws RangeError when the text is not an object identifier; a defect of the caller, not of an input */
export function encodeOid(dotted: string): Uint8Array<ArrayBuffer> {
  if (!DOTTED.test(dotted)) throw new RangeError(`not an object identifier: ${dotted}`)
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  if (root < 2n && second > 39n) throw new RangeError(`not an object identifier: ${dotted}`)
  return Uint8Array.from([root * 40n + second, ...rest].flatMap(base128))
}

const DOTTED = /^[0-2](\.(0|[1-9]\d*))+$/
// Six groups of seven bits stay exact in a number.
const EXACT_OCTETS = 6

function arc(content: Uint8Array, start: number, end: number): number | bigint {
  const octets = content.subarray(start, end + 1)
  if (octets.length > EXACT_OCTETS)
    return octets.reduce((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n)
  return octets.reduce((value, byte) => value * 0x80 + (byte & 0x7f), 0)
}

/** X.690, 8.19.4: the first two arcs share one number; only under root 2 may the second exceed 39. */
function firstArcs(joined: number | bigint): string[] {
  if (joined < 80) return [joined < 40 ? '0' : '1', String(Number(joined) % 40)]
  return ['2', String(BigInt(joined) - 80n)]
}

function base128(value: bigint): number[] {
  const octets = [Number(value & 0x7fn)]
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80)
  return octets
}
