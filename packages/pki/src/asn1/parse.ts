/**
 * The strict DER reader: bytes in, a tree of windows on those bytes out.
 *
 * X.690, 10 and 11: definite lengths in the fewest octets, canonical primitive values, strings never in pieces.
 * Iterative and under a budget, so that no input costs more stack or memory than its size allows. BER is not
 * read: every structure here is signed, and a second encoding of a signed value is an attack or a defect.
 */
import { checkContent, hasContentRule } from './content.ts'
import { DerError } from './der-error.ts'
import { DerNode } from './der-node.ts'
import { CONSTRUCTED, TAG } from './tags.ts'

export interface DerLimits {
  /** Elements inside elements; the outermost is depth 1. */
  readonly maxDepth: number
  readonly maxElements: number
}

export const DER_LIMITS: DerLimits = { maxDepth: 64, maxElements: 200_000 }

/** Where one element lies. */
export interface Extent {
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  readonly end: number
}

/** A constructed element whose children are still being read. */
interface Open {
  readonly extent: Extent
  readonly children: DerNode[]
}

/**
 * Reads exactly one DER element that fills `bytes`.
 *
 * @returns the root; the nodes are views on `bytes`, which must not change while they are used
 * @throws DerError with the reason
 */
export function parseDer(bytes: Uint8Array, limits: DerLimits = DER_LIMITS): DerNode {
  const source = plainView(bytes)
  const root = readHeader(source, 0, source.length)
  if (root.end !== source.length) throw new DerError('trailing-bytes')
  return new TreeReader(source, limits).read(root)
}

/**
 * The elements that follow one another in `bytes`, each without its children: for lists too long for a tree
 * (a CRL has up to a million entries). Parse each with `parseDer` when it is needed.
 */
export function* elementsOf(bytes: Uint8Array): Generator<DerNode> {
  const source = plainView(bytes)
  for (let at = 0; at < source.length; ) {
    const extent = readHeader(source, at, source.length)
    yield new DerNode(source, extent, [])
    at = extent.end
  }
}

/**
 * The first element of `bytes`, whatever follows it: the signature in a PDF's `/Contents`, which zeros fill up.
 *
 * @throws DerError when there is none
 */
export function leadingElement(bytes: Uint8Array): Uint8Array {
  const source = plainView(bytes)
  return source.subarray(0, readHeader(source, 0, source.length).end)
}

class TreeReader {
  readonly #source: Uint8Array
  readonly #limits: DerLimits
  readonly #open: Open[] = []
  #elements = 0

  constructor(source: Uint8Array, limits: DerLimits) {
    this.#source = source
    this.#limits = limits
  }

  read(root: Extent): DerNode {
    let finished = this.#enter(root)
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      const next = top.children.at(-1)?.end ?? top.extent.contentStart
      if (next < top.extent.end) {
        const leaf = this.#enter(readHeader(this.#source, next, top.extent.end))
        if (leaf !== undefined) top.children.push(leaf)
        continue
      }
      this.#open.pop()
      finished = new DerNode(this.#source, top.extent, top.children)
      this.#open.at(-1)?.children.push(finished)
    }
    if (finished === undefined) throw new DerError('truncated')
    return finished
  }

  /** A leaf for a primitive element; `undefined` when a constructed one was opened. */
  #enter(extent: Extent): DerNode | undefined {
    this.#elements += 1
    if (this.#elements > this.#limits.maxElements) throw new DerError('too-many-elements')
    if (this.#open.length >= this.#limits.maxDepth) throw new DerError('too-deep')
    checkForm(extent.tag)
    if ((extent.tag & CONSTRUCTED) !== 0) {
      this.#open.push({ extent, children: [] })
      return undefined
    }
    if (hasContentRule(extent.tag)) {
      checkContent(extent.tag, this.#source.subarray(extent.contentStart, extent.end))
    }
    return new DerNode(this.#source, extent, [])
  }
}

/** X.690, 8.1.2 and 8.1.3: identifier and length octets of the element that starts at `start`. */
export function readHeader(source: Uint8Array, start: number, limit: number): Extent {
  const tag = source[start]
  const first = source[start + 1]
  if (tag === undefined || first === undefined || start + 2 > limit) throw new DerError('truncated')
  // No structure of RFC 5280, 5652, 6960 or 3161 has a tag number above 30.
  if ((tag & 0x1f) === 0x1f) throw new DerError('high-tag-number')
  if (tag === 0) throw new DerError('end-of-contents')
  const { length, octets } =
    first < 0x80 ? { length: first, octets: 0 } : longLength(source, start + 2, first)
  const contentStart = start + 2 + octets
  const end = contentStart + length
  if (end > limit) throw new DerError('truncated')
  return { tag, start, contentStart, end }
}

/** X.690, 8.1.3.5 and 10.1: the long form, only where the short one does not reach. */
function longLength(source: Uint8Array, at: number, first: number): { length: number; octets: number } {
  const octets = first & 0x7f
  if (octets === 0) throw new DerError('indefinite-length')
  if (octets > 4) throw new DerError('length-too-long')
  let length = 0
  for (let i = 0; i < octets; i++) {
    const byte = source[at + i]
    if (byte === undefined) throw new DerError('truncated')
    length = length * 0x100 + byte
  }
  if (length < 0x80 || length < 0x100 ** (octets - 1)) throw new DerError('length-not-minimal')
  return { length, octets }
}

/** Universal types have one form each in DER: SEQUENCE and SET constructed, all we know else primitive. */
function checkForm(tag: number): void {
  if ((tag & 0xc0) !== 0) return
  const constructed = (tag & CONSTRUCTED) !== 0
  const number = tag & ~CONSTRUCTED
  const isContainer = CONTAINERS.has(number)
  if (constructed !== isContainer) throw new DerError('wrong-form', `universal ${number}`)
}

// SEQUENCE, SET, and the two constructed types of X.690, 8.18 and 8.17 that no format here uses but may carry.
const CONTAINERS = new Set([TAG.sequence & ~CONSTRUCTED, TAG.set & ~CONSTRUCTED, 8, 11])

/** A Uint8Array proper, so that views of a Node Buffer are not Buffers. */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
