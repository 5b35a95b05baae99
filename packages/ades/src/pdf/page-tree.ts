/**
 * The page tree (ISO 32000-2, 7.7.3), walked as a whole: a tree that is circular or holds something other than
 * indirect nodes is shown differently by different readers.
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
  let first: Page | undefined
  await forEachPage(document, catalog, page => {
    first ??= page
  })
  if (first === undefined) throw new PdfRefusal('malformed-structure', 'no page')
  return first
}

/** Calls for every page, in order, and waits for what is called. */
export async function forEachPage(
  document: PdfDocument,
  catalog: PdfDictionary,
  onPage: OnPage,
): Promise<void> {
  await new PageWalk(document, onPage).node(catalog.entries.get('Pages'), 0)
}

type OnPage = (page: Page) => void | Promise<void>

class PageWalk {
  readonly #document: PdfDocument
  readonly #onPage: OnPage
  readonly #visited = new Set<number>()

  constructor(document: PdfDocument, onPage: OnPage) {
    this.#document = document
    this.#onPage = onPage
  }

  async node(reference: PdfObject | undefined, depth: number): Promise<void> {
    if (!isReference(reference))
      throw new PdfRefusal('malformed-structure', 'a page is not an indirect object')
    this.#checkBounds(reference, depth)
    const dictionary = await this.#document.dictionary(reference, 'page tree node')
    const type = asName(await this.#document.resolve(dictionary?.entries.get('Type')))
    if (dictionary !== undefined && type === 'Page') await this.#onPage({ reference, dictionary })
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
