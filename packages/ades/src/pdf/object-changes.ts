/**
 * The objects of an update while it is put together: several reasons may change the same object, and it is written
 * once, with all of them.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { PdfDocument } from './document.ts'
import type { ChangedObject } from './incremental-update.ts'
import {
  isArray,
  isDictionary,
  isReference,
  type PdfArray,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfReference,
  withEntries,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'
import { writeObject } from './writer.ts'

interface Change {
  readonly reference: PdfReference
  readonly value: PdfObject
  /** Of a stream, whose dictionary the value is then. */
  readonly data?: Uint8Array
}

export class ObjectChanges {
  readonly #document: PdfDocument
  readonly #changes = new Map<number, Change>()
  #next: number

  constructor(document: PdfDocument) {
    this.#document = document
    this.#next = document.xref.table.size
  }

  /** A number for a new object. */
  reserve(): PdfReference {
    return pdfReference(this.#next++)
  }

  add(value: PdfObject): PdfReference {
    const reference = this.reserve()
    this.set(reference, value)
    return reference
  }

  set(reference: PdfReference, value: PdfObject): void {
    this.#changes.set(reference.number, { reference, value })
  }

  addStream(entries: Readonly<Record<string, PdfObject>>, data: Uint8Array): PdfReference {
    const reference = this.reserve()
    this.#changes.set(reference.number, { reference, value: pdfDictionary(entries), data })
    return reference
  }

  /** Sets entries of a dictionary that is an object of its own. */
  async update(reference: PdfReference, entries: Readonly<Record<string, PdfObject>>): Promise<void> {
    this.set(reference, withEntries(await this.current(reference), entries))
  }

  /** Puts an item behind a list that an object has as entry, wherever the list itself stands. */
  async append(owner: PdfReference, key: string, item: PdfReference): Promise<void> {
    const dictionary = await this.current(owner)
    const object = dictionary.entries.get(key)
    if (isReference(object) && (await this.#list(object)) !== undefined) return this.appendTo(object, item)
    this.set(owner, withEntries(dictionary, { [key]: await this.grown(object, item) }))
  }

  /** Puts an item behind a list that is an object of its own; one list may serve two owners, and the item goes in once. */
  async appendTo(reference: PdfReference, item: PdfReference): Promise<void> {
    const items = (await this.#list(reference))?.items ?? []
    if (!items.includes(item)) this.set(reference, pdfArray([...items, item]))
  }

  async grown(object: PdfObject | undefined, item: PdfReference): Promise<PdfArray> {
    return pdfArray([...((await this.#list(object))?.items ?? []), item])
  }

  /** As they are written: in an encrypted document encrypted. */
  list(): Promise<readonly ChangedObject[]> {
    return Promise.all([...this.#changes.values()].map(change => this.#written(change)))
  }

  async #written({ reference, value, data }: Change): Promise<ChangedObject> {
    const { security } = this.#document
    const { number, generation } = reference
    if (data === undefined) {
      const written = security === undefined ? value : await security.encryptedValue(value, reference)
      return { number, generation, body: writeObject(written) }
    }
    const stored = security === undefined ? data : await security.encrypted(data, reference)
    const entries = isDictionary(value) ? value : pdfDictionary({})
    const dictionary = withEntries(entries, { Length: pdfInteger(stored.length) })
    return { number, generation, body: streamBody(writeObject(dictionary), stored) }
  }

  /** The dictionary as it will be. */
  async current(reference: PdfReference): Promise<PdfDictionary> {
    const changed = this.#changes.get(reference.number)?.value
    const value = changed ?? (await this.#document.resolve(reference))
    if (!isDictionary(value))
      throw new PdfRefusal('malformed-structure', `object ${reference.number} is not a dictionary`)
    return value
  }

  async #list(object: PdfObject | undefined): Promise<PdfArray | undefined> {
    const changed = isReference(object) ? this.#changes.get(object.number)?.value : undefined
    const value = changed ?? (await this.#document.resolve(object))
    if (value === null) return undefined
    if (!isArray(value)) throw new PdfRefusal('malformed-structure', 'Annots or Fields')
    return value
  }
}

function streamBody(dictionary: Uint8Array, data: Uint8Array): Uint8Array {
  return concat(dictionary, utf8('\nstream\n'), data, utf8('\nendstream'))
}
