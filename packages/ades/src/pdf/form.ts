/**
 * The interactive form and its fields: ISO 32000-2, 12.7.3 (form), 12.7.4 (fields, full names, inheritance).
 */
import type { PdfDocument } from './document.ts'
import {
  asName,
  asText,
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfDictionary,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

/** The catalog with the form it has, or has not yet. */
export interface Form {
  readonly catalog: PdfDictionary
  readonly catalogReference: PdfReference
  readonly dictionary: PdfDictionary
  /** Where the form is an object of its own; otherwise it stands, or will stand, in the catalog. */
  readonly reference: PdfReference | undefined
}

export async function readForm(document: PdfDocument): Promise<Form> {
  const catalogReference = document.trailer.entries.get('Root')
  if (!isReference(catalogReference)) throw new PdfRefusal('malformed-structure', 'Root')
  const catalog = await document.dictionary(catalogReference, 'catalog')
  if (catalog === undefined) throw new PdfRefusal('malformed-structure', 'no catalog')
  const object = catalog.entries.get('AcroForm')
  const dictionary = await document.dictionary(object, 'AcroForm')
  if (dictionary === undefined)
    return { catalog, catalogReference, dictionary: pdfDictionary({}), reference: undefined }
  return { catalog, catalogReference, dictionary, reference: isReference(object) ? object : undefined }
}

export interface FormField {
  /** Partial names from the root down, joined by full stops (12.7.4.2). */
  readonly fullName: string
  readonly reference: PdfReference
  readonly dictionary: PdfDictionary
  /** FT, inherited from the parent where absent: `Sig`, `Tx`, … */
  readonly fieldType: string | undefined
}

/** All fields that have a name of their own, parents before their kids. */
export async function readFields(document: PdfDocument, form: PdfDictionary): Promise<readonly FormField[]> {
  const walk = new FieldWalk(document)
  await walk.kids(form.entries.get('Fields'), { fullName: '', fieldType: undefined, depth: 0 })
  return walk.fields
}

/** The dictionary that the field holds as its value: for a signature field, its signature. */
export async function signatureOf(
  document: PdfDocument,
  field: FormField,
): Promise<PdfDictionary | undefined> {
  return document.dictionary(field.dictionary.entries.get('V'), 'the value of a signature field')
}

interface Inherited {
  readonly fullName: string
  readonly fieldType: string | undefined
  readonly depth: number
}

class FieldWalk {
  readonly fields: FormField[] = []
  readonly #document: PdfDocument
  readonly #visited = new Set<number>()

  constructor(document: PdfDocument) {
    this.#document = document
  }

  async kids(object: PdfObject | undefined, inherited: Inherited): Promise<void> {
    const kids = await this.#document.resolve(object)
    if (kids === null) return
    if (!isArray(kids)) throw new PdfRefusal('malformed-structure', 'Fields or Kids of a form')
    for (const kid of kids.items) await this.#field(kid, inherited)
  }

  async #field(reference: PdfObject, inherited: Inherited): Promise<void> {
    if (!isReference(reference))
      throw new PdfRefusal('malformed-structure', 'a form field is not an indirect object')
    this.#checkBounds(reference, inherited)
    const dictionary = await this.#document.dictionary(reference, 'form field')
    if (dictionary === undefined) return
    const partialName = asText(await this.#document.resolve(dictionary.entries.get('T')))
    // A kid without a name is a widget of its parent, not a field (12.7.4.1).
    if (partialName === undefined && inherited.depth > 0) return
    const fullName = [inherited.fullName, partialName].filter(Boolean).join('.')
    const fieldType =
      asName(await this.#document.resolve(dictionary.entries.get('FT'))) ?? inherited.fieldType
    this.fields.push({ fullName, reference, dictionary, fieldType })
    await this.kids(dictionary.entries.get('Kids'), { fullName, fieldType, depth: inherited.depth + 1 })
  }

  #checkBounds({ number }: PdfReference, { depth }: Inherited): void {
    const { limits } = this.#document
    if (this.#visited.has(number)) throw new PdfRefusal('malformed-structure', 'a form field occurs twice')
    this.#visited.add(number)
    if (this.#visited.size > limits.formFields) throw new PdfRefusal('limit-exceeded', 'form fields')
    if (depth > limits.depth) throw new PdfRefusal('limit-exceeded', 'depth of the form')
  }
}
