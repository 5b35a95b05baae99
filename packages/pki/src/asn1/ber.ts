/**
 * BER in, DER out, for the one format that others write in BER and nobody signs: key files (RFC 7292, 4.1).
 *
 * Only what those writers do is undone: indefinite lengths (X.690, 8.1.3.6) and OCTET STRINGs in pieces (X.690,
 * 8.7.3). Lengths in more octets than needed, and whatever else BER allows, stay as they are and are refused by
 * the strict reader afterwards. Iterative and under the same budget as that reader.
 */
import { join } from '../encoding/bytes.ts'
import { DerError } from './der-error.ts'
import { DER_LIMITS, type DerLimits, elementsOf, readHeader } from './parse.ts'
import { CONSTRUCTED, TAG } from './tags.ts'
import { element } from './write.ts'

/** A constructed element whose content is still being copied. */
interface Open {
  readonly tag: number
  /** Exclusive; `undefined` where end-of-contents octets end it. */
  readonly end: number | undefined
  readonly parts: Uint8Array[]
}

/** @throws DerError when the bytes are not exactly one element */
export function derOfBer(bytes: Uint8Array, limits: DerLimits = DER_LIMITS): Uint8Array {
  return new Copier(bytes, limits).copy()
}

class Copier {
  readonly #source: Uint8Array
  readonly #limits: DerLimits
  readonly #open: Open[] = []
  #at = 0
  #elements = 0

  constructor(source: Uint8Array, limits: DerLimits) {
    this.#source = source
    this.#limits = limits
  }

  copy(): Uint8Array {
    let finished = this.#enter(this.#source.length)
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      const end = top.end ?? this.#enclosingEnd()
      finished = this.#ends(top) ? this.#leave() : this.#enter(end)
      if (finished !== undefined) this.#open.at(-1)?.parts.push(finished)
    }
    if (finished === undefined) throw new DerError('truncated')
    if (this.#at !== this.#source.length) throw new DerError('trailing-bytes')
    return finished
  }

  /** The element itself when it is primitive; `undefined` when a constructed one was opened. */
  #enter(limit: number): Uint8Array | undefined {
    this.#elements += 1
    if (this.#elements > this.#limits.maxElements) throw new DerError('too-many-elements')
    if (this.#open.length >= this.#limits.maxDepth) throw new DerError('too-deep')
    const { tag, start, contentStart, end } = this.#header(limit)
    this.#at = contentStart
    if ((tag & CONSTRUCTED) !== 0) {
      this.#open.push({ tag, end, parts: [] })
      return undefined
    }
    if (end === undefined) throw new DerError('indefinite-length', 'primitive')
    this.#at = end
    return this.#source.subarray(start, end)
  }

  #header(limit: number) {
    const start = this.#at
    const tag = this.#source[start] ?? 0
    if (this.#source[start + 1] !== INDEFINITE || start + 2 > limit) {
      return readHeader(this.#source, start, limit)
    }
    return { tag, start, contentStart: start + 2, end: undefined }
  }

  #ends({ end }: Open): boolean {
    if (end !== undefined) return this.#at === end
    return this.#source[this.#at] === 0 && this.#source[this.#at + 1] === 0
  }

  #enclosingEnd(): number {
    return this.#open.findLast(({ end }) => end !== undefined)?.end ?? this.#source.length
  }

  #leave(): Uint8Array {
    const top = this.#open.pop()
    if (top === undefined) throw new DerError('truncated')
    if (top.end === undefined) this.#at += 2
    if (this.#at > this.#enclosingEnd()) throw new DerError('truncated')
    return top.tag === CONSTRUCTED_OCTETS
      ? element(TAG.octetString, joinedOctets(top.parts))
      : element(top.tag, join(top.parts))
  }
}

/** What the pieces of an OCTET STRING hold, one after the other. */
export function joinedOctets(pieces: readonly Uint8Array[]): Uint8Array {
  const nodes = pieces.flatMap(piece => [...elementsOf(piece)])
  if (nodes.some(({ tag }) => tag !== TAG.octetString)) throw new DerError('unexpected-tag', 'OCTET STRING')
  return join(nodes.map(({ content }) => content))
}

const INDEFINITE = 0x80
const CONSTRUCTED_OCTETS = TAG.octetString | CONSTRUCTED
