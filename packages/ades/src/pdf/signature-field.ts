/**
 * Puts a signature into the form: an invisible widget on the first page, or the empty field of a given name.
 * ISO 32000-2, 12.7.5.5 (signature fields), 12.5.6.19 (widgets), 12.7.3 (form, SigFlags).
 *
 * Only objects that must change are written again: the field, and for a new one the page's annotations and
 * the form. The catalog is touched only where it holds the form itself.
 */
import type { PdfDocument } from './document.ts'
import { type Form, type FormField, readFields, readForm, signatureOf } from './form.ts'
import type { ChangedObject } from './incremental-update.ts'
import {
  asCount,
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfName,
  pdfReference,
  textString,
  withEntries,
} from './objects.ts'
import { firstPage } from './page-tree.ts'
import { checkPermissions } from './permissions.ts'
import { PdfRefusal } from './refusal.ts'
import { writeObject } from './writer.ts'

export interface PlacedSignature {
  /** Object number of the signature dictionary, which the caller writes. */
  readonly signatureNumber: number
  readonly fieldName: string
  /** The Reference array of the signature dictionary, where the field demands one. */
  readonly references: readonly PdfObject[]
  /** Everything but the signature dictionary. */
  readonly changes: readonly ChangedObject[]
}

/**
 * @param fieldName  full name of an empty signature field, or of one to be made; by default a new one is made
 *   with the first free name of Signature1, Signature2, …
 */
export async function placeSignature(document: PdfDocument, fieldName?: string): Promise<PlacedSignature> {
  const form = await readForm(document)
  const fields = await readFields(document, form.dictionary)
  const name = checkedName(fieldName ?? freeName(fields, 'Signature'))
  await checkPermissions(document, form.catalog, fields, name)
  const existing = fields.find(field => field.fullName === name)
  const signature = pdfReference(document.xref.table.size)
  const placed = { signature, name, form }
  return existing === undefined ? newField(document, placed) : existingField(document, placed, existing)
}

/**
 * A document time-stamp, always in a field of its own. Earlier signatures do not forbid it, whatever they certify or
 * lock: ISO 32000-2, 12.8.2.2.2 lets P of 1 allow document time-stamps and the document security store.
 */
export async function placeTimeStamp(document: PdfDocument): Promise<PlacedSignature> {
  const form = await readForm(document)
  const fields = await readFields(document, form.dictionary)
  const signature = pdfReference(document.xref.table.size)
  return newField(document, { signature, name: freeName(fields, 'TimeStamp'), form })
}

interface Placement {
  readonly signature: PdfReference
  readonly name: string
  readonly form: Form
}

function freeName(fields: readonly FormField[], stem: string): string {
  const taken = new Set(fields.map(field => field.fullName))
  let number = 1
  while (taken.has(`${stem}${number}`)) number++
  return `${stem}${number}`
}

function checkedName(name: string): string {
  if (name === '') throw new PdfRefusal('field-name-invalid')
  return name
}

async function existingField(
  document: PdfDocument,
  { signature, name, form }: Placement,
  field: FormField,
): Promise<PlacedSignature> {
  await checkSignable(document, field)
  const changes = [
    changed(field.reference, withEntries(field.dictionary, { V: signature })),
    ...flagChanges(form),
  ]
  const references = await lockReferences(document, field, form.catalogReference)
  return { signatureNumber: signature.number, fieldName: name, references, changes }
}

async function checkSignable(document: PdfDocument, field: FormField): Promise<void> {
  if (field.fieldType !== 'Sig') throw new PdfRefusal('field-not-a-signature')
  if ((await signatureOf(document, field)) !== undefined) throw new PdfRefusal('field-already-signed')
  // Table 237: Ff says which of the seed values bind the signer; we cannot promise to heed them.
  const seed = await document.dictionary(field.dictionary.entries.get('SV'), 'SV')
  const binding = asCount(await document.resolve(seed?.entries.get('Ff')))
  if (seed !== undefined && binding !== undefined && binding !== 0) throw new PdfRefusal('field-constrained')
}

/** A field with a lock is signed with FieldMDP, which is what makes readers enforce the lock (12.8.2.4). */
async function lockReferences(
  document: PdfDocument,
  field: FormField,
  catalog: PdfReference,
): Promise<readonly PdfObject[]> {
  const lock = await document.dictionary(field.dictionary.entries.get('Lock'), 'Lock')
  if (lock === undefined) return []
  const entries = Object.fromEntries(
    [...lock.entries].filter(([key]) => key === 'Action' || key === 'Fields'),
  )
  const parameters = pdfDictionary({ Type: pdfName('TransformParams'), V: pdfName('1.2'), ...entries })
  return [
    pdfDictionary({
      Type: pdfName('SigRef'),
      TransformMethod: pdfName('FieldMDP'),
      TransformParams: parameters,
      Data: catalog,
    }),
  ]
}

async function newField(document: PdfDocument, placement: Placement): Promise<PlacedSignature> {
  const { signature, name, form } = placement
  if (name.includes('.')) throw new PdfRefusal('field-name-invalid')
  const page = await firstPage(document, form.catalog)
  const widget = pdfReference(signature.number + 1)
  const changes = [
    changed(widget, invisibleWidget(placement, page.reference)),
    ...(await appended(document, page, 'Annots', widget)),
    ...(await formWithField(document, form, widget)),
  ]
  return { signatureNumber: signature.number, fieldName: name, references: [], changes }
}

// Table 167: print (bit 3) and locked (bit 8), as PDF/A asks of every widget and signers expect.
const WIDGET_FLAGS = 4 + 128

/** Field and widget in one dictionary (12.7.4.1); a rectangle without area is what makes it invisible (12.7.5.5). */
function invisibleWidget({ signature, name }: Placement, page: PdfReference): PdfDictionary {
  return pdfDictionary({
    Type: pdfName('Annot'),
    Subtype: pdfName('Widget'),
    FT: pdfName('Sig'),
    T: textString(name),
    V: signature,
    F: pdfInteger(WIDGET_FLAGS),
    Rect: pdfArray([0, 0, 0, 0].map(pdfInteger)),
    P: page,
  })
}

async function formWithField(
  document: PdfDocument,
  form: Form,
  widget: PdfReference,
): Promise<readonly ChangedObject[]> {
  const fields = await listWith(document, form.dictionary.entries.get('Fields'), widget)
  if (fields.change !== undefined) return [fields.change, ...flagChanges(form)]
  return formChanges(form, { Fields: fields.list, SigFlags: pdfInteger(sigFlags(form.dictionary)) })
}

async function appended(
  document: PdfDocument,
  owner: { readonly reference: PdfReference; readonly dictionary: PdfDictionary },
  key: string,
  item: PdfReference,
): Promise<readonly ChangedObject[]> {
  const { list, change } = await listWith(document, owner.dictionary.entries.get(key), item)
  return [change ?? changed(owner.reference, withEntries(owner.dictionary, { [key]: list }))]
}

/** The array with one more item; `change` where the array is an object of its own, which then is all that changes. */
async function listWith(
  document: PdfDocument,
  object: PdfObject | undefined,
  item: PdfReference,
): Promise<{ readonly list: PdfObject; readonly change?: ChangedObject }> {
  const value = await document.resolve(object)
  if (value !== null && !isArray(value)) throw new PdfRefusal('malformed-structure', 'Annots or Fields')
  const list = pdfArray([...(value?.items ?? []), item])
  return isReference(object) && value !== null ? { list, change: changed(object, list) } : { list }
}

// Table 225: signatures exist (1), the file may only be appended to (2).
const SIGNATURES_EXIST_APPEND_ONLY = 3

function sigFlags(form: PdfDictionary): number {
  return (asCount(form.entries.get('SigFlags')) ?? 0) | SIGNATURES_EXIST_APPEND_ONLY
}

function flagChanges(form: Form): readonly ChangedObject[] {
  const flags = sigFlags(form.dictionary)
  if (asCount(form.dictionary.entries.get('SigFlags')) === flags) return []
  return formChanges(form, { SigFlags: pdfInteger(flags) })
}

function formChanges(
  { catalog, catalogReference, dictionary, reference }: Form,
  entries: Readonly<Record<string, PdfObject>>,
): readonly ChangedObject[] {
  const form = withEntries(dictionary, entries)
  if (reference !== undefined) return [changed(reference, form)]
  return [changed(catalogReference, withEntries(catalog, { AcroForm: form }))]
}

function changed({ number, generation }: PdfReference, value: PdfObject): ChangedObject {
  return { number, generation, body: writeObject(value) }
}
