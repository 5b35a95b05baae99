/**
 * Puts a signature field into the structure of a tagged document: ISO 32000-2, 14.7.2 (tree), 14.7.4.4 (parent tree)
 * and 14.7.4.3 (objects as content). PDF/UA wants every field of a form there, in a Form element with a description
 * (ISO 14289-1, 7.18.1 and 7.18.4).
 */
import type { PdfDocument } from './document.ts'
import type { ObjectChanges } from './object-changes.ts'
import {
  asCount,
  asName,
  isArray,
  isDictionary,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfName,
  pdfNumbers,
  textString,
  withEntries,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

export interface TaggedWidget {
  readonly widget: PdfReference
  readonly page: PdfReference
  /** What a screen reader says. */
  readonly description: string
}

/** @returns the entries that the widget gets; none in a document without tags */
export async function tagWidget(
  document: PdfDocument,
  changes: ObjectChanges,
  catalog: PdfDictionary,
  tagged: TaggedWidget,
): Promise<Readonly<Record<string, PdfObject>>> {
  const root = catalog.entries.get('StructTreeRoot')
  const marks = await document.dictionary(catalog.entries.get('MarkInfo'), 'MarkInfo')
  if (marks?.entries.get('Marked') !== true || !isReference(root)) return {}
  const tree = new StructureTree(document, changes, root)
  const key = await tree.nextKey()
  await tree.addParent(key, await tree.addForm(tagged))
  // Annotations in the order of the structure, which PDF/UA wants of every page that has some.
  await changes.update(tagged.page, { Tabs: pdfName('S') })
  return { StructParent: pdfInteger(key), TU: textString(tagged.description) }
}

class StructureTree {
  readonly #document: PdfDocument
  readonly #changes: ObjectChanges
  readonly #root: PdfReference

  constructor(document: PdfDocument, changes: ObjectChanges, root: PdfReference) {
    this.#document = document
    this.#changes = changes
    this.#root = root
  }

  /** Behind everything else, in the element that holds the whole document where there is one. */
  async addForm({ widget, page, description }: TaggedWidget): Promise<PdfReference> {
    const parent = (await this.#documentElement()) ?? this.#root
    const content = pdfDictionary({ Type: pdfName('OBJR'), Obj: widget, Pg: page })
    const form = this.#changes.add(
      pdfDictionary({
        Type: pdfName('StructElem'),
        S: pdfName('Form'),
        P: parent,
        Pg: page,
        Alt: textString(description),
        K: pdfArray([content]),
      }),
    )
    await this.#addKid(parent, form)
    return form
  }

  async #documentElement(): Promise<PdfReference | undefined> {
    const kids = (await this.#changes.current(this.#root)).entries.get('K')
    const list = await this.#document.resolve(kids)
    const only = isArray(list) && list.items.length === 1 ? list.items[0] : kids
    if (!isReference(only)) return undefined
    const element = await this.#document.resolve(only)
    return isDictionary(element) && asName(element.entries.get('S')) === 'Document' ? only : undefined
  }

  /** K is one kid or a list of them, which may be an object of its own. */
  async #addKid(parent: PdfReference, kid: PdfReference): Promise<void> {
    const kids = (await this.#changes.current(parent)).entries.get('K') ?? null
    const resolved = await this.#document.resolve(kids)
    if (isArray(resolved) || kids === null) return this.#changes.append(parent, 'K', kid)
    await this.#changes.update(parent, { K: pdfArray([kids, kid]) })
  }

  /** ParentTreeNextKey is greater than every key in use (table 354); where it is missing the tree says. */
  async nextKey(): Promise<number> {
    const { entries } = await this.#changes.current(this.#root)
    const next = asCount(await this.#document.resolve(entries.get('ParentTreeNextKey')))
    return next ?? (await this.#lastKey()) + 1
  }

  async addParent(key: number, element: PdfReference): Promise<void> {
    const { entries } = await this.#changes.current(this.#root)
    const old = entries.get('ParentTree')
    const next = { ParentTreeNextKey: pdfInteger(key + 1) }
    const tree = await this.#grown(old, key, element)
    if (isReference(old)) this.#changes.set(old, tree)
    await this.#changes.update(this.#root, isReference(old) ? next : { ...next, ParentTree: tree })
  }

  /** A number tree (7.9.7): pairs in its root, or nodes below it, of which it gets one more. */
  async #grown(old: PdfObject | undefined, key: number, element: PdfReference): Promise<PdfDictionary> {
    const tree = (await this.#document.dictionary(old, 'ParentTree')) ?? pdfDictionary({})
    const kids = await this.#document.resolve(tree.entries.get('Kids'))
    const pair = [pdfInteger(key), element]
    if (!isArray(kids)) {
      const numbers = await this.#document.resolve(tree.entries.get('Nums'))
      return withEntries(tree, { Nums: pdfArray([...(isArray(numbers) ? numbers.items : []), ...pair]) })
    }
    const node = pdfDictionary({ Nums: pdfArray(pair), Limits: pdfNumbers(key, key) })
    return withEntries(tree, { Kids: pdfArray([...kids.items, this.#changes.add(node)]) })
  }

  /** -1 where the tree is empty. */
  async #lastKey(): Promise<number> {
    const { entries } = await this.#changes.current(this.#root)
    const tree = await this.#document.dictionary(entries.get('ParentTree'), 'ParentTree')
    const kids = await this.#document.resolve(tree?.entries.get('Kids'))
    const last = isArray(kids) ? await this.#document.dictionary(kids.items.at(-1), 'ParentTree') : tree
    const limits = await this.#document.resolve(last?.entries.get('Limits'))
    const numbers = await this.#document.resolve(last?.entries.get('Nums'))
    const key = isArray(limits) ? limits.items[1] : isArray(numbers) ? numbers.items.at(-2) : undefined
    if (key === undefined) return -1
    const count = asCount(await this.#document.resolve(key))
    if (count === undefined) throw new PdfRefusal('malformed-structure', 'ParentTree')
    return count
  }
}
