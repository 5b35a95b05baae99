/**
 * A cursor over the fields of a SEQUENCE, in the order of the ASN.1 module.
 *
 * Every structure is read to its end with one of these, so that no element is skipped and no optional field can
 * be taken for its neighbour (the attack: the same bytes meaning two things to two readers).
 */
import { DerError } from './der-error.ts'
import type { DerNode } from './der-node.ts'
import { readSequence } from './read.ts'
import { contextConstructed, contextPrimitive } from './tags.ts'

export class Fields {
  readonly #structure: string
  readonly #nodes: readonly DerNode[]
  #next = 0

  /** @param structure the name of the type in the ASN.1 module, for messages */
  constructor(structure: string, nodes: readonly DerNode[]) {
    this.#structure = structure
    this.#nodes = nodes
  }

  /** The next field, which must be there. */
  take(field: string): DerNode {
    const node = this.#nodes[this.#next]
    if (node === undefined) throw new DerError('missing-field', `${this.#structure}.${field}`)
    this.#next += 1
    return node
  }

  /** The next field if it has one of these tags. */
  optional(...tags: readonly number[]): DerNode | undefined {
    const node = this.#nodes[this.#next]
    if (node === undefined || !tags.includes(node.tag)) return undefined
    this.#next += 1
    return node
  }

  /** The next field whatever it is, if there is one: ANY DEFINED BY … OPTIONAL. */
  any(): DerNode | undefined {
    const node = this.#nodes[this.#next]
    if (node !== undefined) this.#next += 1
    return node
  }

  /** What is inside `[n] EXPLICIT`, if that is the next field. */
  explicit(n: number): DerNode | undefined {
    const node = this.optional(contextConstructed(n))
    if (node === undefined) return undefined
    const [inner, ...more] = node.children
    if (inner === undefined) throw new DerError('missing-field', `${this.#structure}[${n}]`)
    if (more.length > 0) throw new DerError('unknown-field', `${this.#structure}[${n}]`)
    return inner
  }

  /** `[n] IMPLICIT` of a constructed or primitive type, if that is the next field, read as `tag`. */
  implicit(n: number, tag: number): DerNode | undefined {
    const expected = (tag & 0x20) === 0 ? contextPrimitive(n) : contextConstructed(n)
    return this.optional(expected)?.as(tag)
  }

  /** All that is left. */
  rest(): readonly DerNode[] {
    const left = this.#nodes.slice(this.#next)
    this.#next = this.#nodes.length
    return left
  }

  /** Refuses anything that is left. */
  end(): void {
    if (this.#next < this.#nodes.length) throw new DerError('unknown-field', this.#structure)
  }
}

/** A cursor over the fields of a SEQUENCE. */
export function fieldsOf(node: DerNode, structure: string): Fields {
  return new Fields(structure, readSequence(node, structure))
}

/** Reads a whole SEQUENCE: `read` takes the fields, and nothing may be left after it. */
export function readFields<T>(node: DerNode, structure: string, read: (fields: Fields) => T): T {
  const fields = fieldsOf(node, structure)
  const value = read(fields)
  fields.end()
  return value
}
