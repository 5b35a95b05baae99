/**
 * One element of a DER encoding, with the bytes it was read from.
 *
 * Signatures and digests are over bytes, so nothing is ever re-encoded: a node is a window on the original.
 */
import { CONSTRUCTED } from './tags.ts'

export class DerNode {
  /** Identifier octet, see `TAG`. */
  readonly tag: number
  /** The elements inside a constructed element, in order; empty for a primitive one. */
  readonly children: readonly DerNode[]
  readonly #source: Uint8Array
  readonly #start: number
  readonly #contentStart: number
  readonly #end: number

  constructor(
    source: Uint8Array,
    extent: {
      readonly tag: number
      readonly start: number
      readonly contentStart: number
      readonly end: number
    },
    children: readonly DerNode[],
  ) {
    this.tag = extent.tag
    this.children = children
    this.#source = source
    this.#start = extent.start
    this.#contentStart = extent.contentStart
    this.#end = extent.end
  }

  /** The whole element: identifier, length and content. A view, not a copy. */
  get bytes(): Uint8Array {
    return this.#source.subarray(this.#start, this.#end)
  }

  /** The content octets. A view, not a copy. */
  get content(): Uint8Array {
    return this.#source.subarray(this.#contentStart, this.#end)
  }

  /** Where the element begins in the bytes that were parsed. */
  get offset(): number {
    return this.#start
  }

  /** Where the element ends in the bytes that were parsed; exclusive. */
  get end(): number {
    return this.#end
  }

  get constructed(): boolean {
    return (this.tag & CONSTRUCTED) !== 0
  }

  /**
   * The same element read as another type: what an IMPLICIT tag stands for (X.690, 8.14).
   * The content is checked when a typed reader reads it.
   */
  as(tag: number): DerNode {
    const [start, contentStart, end] = [this.#start, this.#contentStart, this.#end]
    return new DerNode(this.#source, { tag, start, contentStart, end }, this.children)
  }
}
