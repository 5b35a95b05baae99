/**
 * The page tree (ISO 32000-2, 7.7.3), walked as a whole: a tree that is circular or holds something other than
 * indirect nodes is shown differently by different readers.
 */
import type { PdfDocument } from './document.ts'
import {
  asName,
  isArray,
  isDictionary,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  type PdfStream,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

export interface Page {
  readonly reference: PdfReference
  readonly dictionary: PdfDictionary
}

/** @param number  from 1 on. @throws PdfRefusal `page-missing`, `malformed-structure` */
export async function pageOf(document: PdfDocument, catalog: PdfDictionary, number: number): Promise<Page> {
  const pages: Page[] = []
  let count = 0
  await forEachPage(document, catalog, page => {
    count += 1
    if (count === number) pages.push(page)
  })
  if (count === 0) throw new PdfRefusal('malformed-structure', 'no page')
  const [found] = pages
  if (found === undefined) throw new PdfRefusal('page-missing', `${number} of ${count}`)
  return found
}

/** 7.7.3.4: what a page does not say itself, a node above it may. */
export async function inherited(
  document: PdfDocument,
  page: PdfDictionary,
  key: string,
): Promise<PdfObject | PdfStream> {
  let node = page
  for (let level = 0; level <= document.limits.depth; level++) {
    const value = await document.resolve(node.entries.get(key))
    const parent = await document.resolve(node.entries.get('Parent'))
    if (value !== null || !isDictionary(parent)) return value
    node = parent
  }
  return null
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
