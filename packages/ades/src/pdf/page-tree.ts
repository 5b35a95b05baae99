/**
 * The page tree (ISO 32000-2, 7.7.3), walked as a whole: a tree that is circular or holds something other than
 * indirect nodes is shown differently by different readers. The answer is the first page.
 */
import type { PdfDocument } from './document.ts'
import {
  asName,
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

export interface Page {
  readonly reference: PdfReference
  readonly dictionary: PdfDictionary
}

export async function firstPage(document: PdfDocument, catalog: PdfDictionary): Promise<Page> {
  const walk = new PageWalk(document)
  await walk.node(catalog.entries.get('Pages'), 0)
  if (walk.first === undefined) throw new PdfRefusal('malformed-structure', 'no page')
  return walk.first
}

class PageWalk {
  first: Page | undefined
  readonly #document: PdfDocument
  readonly #visited = new Set<number>()

  constructor(document: PdfDocument) {
    this.#document = document
  }

  async node(reference: PdfObject | undefined, depth: number): Promise<void> {
    if (!isReference(reference))
      throw new PdfRefusal('malformed-structure', 'a page is not an indirect object')
    this.#checkBounds(reference, depth)
    const dictionary = await this.#document.dictionary(reference, 'page tree node')
    const type = asName(await this.#document.resolve(dictionary?.entries.get('Type')))
    if (dictionary !== undefined && type === 'Page') this.first ??= { reference, dictionary }
    else if (dictionary !== undefined && type === 'Pages') await this.#kids(dictionary, depth + 1)
    else throw new PdfRefusal('malformed-structure', `object ${reference.number} is not a page tree node`)
  }

  async #kids(node: PdfDictionary, depth: number): Promise<void> {
    const kids = await this.#document.resolve(node.entries.get('Kids'))
    if (!isArray(kids)) throw new PdfRefusal('malformed-structure', 'Kids of a page tree node')
    for (const kid of kids.items) await this.node(kid, depth)
  }

  #checkBounds({ number }: PdfReference, depth: number): void {
    const { limits } = this.#document
    if (this.#visited.has(number)) throw new PdfRefusal('malformed-structure', 'the page tree is circular')
    this.#visited.add(number)
    if (this.#visited.size > limits.pageTreeNodes) throw new PdfRefusal('limit-exceeded', 'page tree nodes')
    if (depth > limits.depth) throw new PdfRefusal('limit-exceeded', 'depth of the page tree')
  }
}
