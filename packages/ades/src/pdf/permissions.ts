/**
 * What earlier signatures allow a later signer to do: DocMDP (ISO 32000-2, 12.8.2.2), FieldMDP (12.8.2.4) and
 * the P entry of a signed field's lock (12.7.5.5, table 236).
 *
 * P of 2 or 3 allows signing; 1, and any value the standard does not know, does not.
 */
import type { PdfDocument } from './document.ts'
import { type FormField, signatureOf } from './form.ts'
import {
  asCount,
  asName,
  asText,
  isArray,
  type PdfDictionary,
  type PdfObject,
  type PdfStream,
  pdfInteger,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

/**
 * @param fieldName  full name of the field that is to be signed
 * @throws PdfRefusal `certified-against-change`, `field-locked` or `limit-exceeded`
 */
export async function checkPermissions(
  document: PdfDocument,
  catalog: PdfDictionary,
  fields: readonly FormField[],
  fieldName: string,
): Promise<void> {
  await checkSignature(document, await certification(document, catalog), fieldName)
  let signatures = 0
  for (const field of fields) {
    const signature = field.fieldType === 'Sig' ? await signatureOf(document, field) : undefined
    if (signature === undefined) continue
    signatures += 1
    if (signatures > document.limits.signatures) throw new PdfRefusal('limit-exceeded', 'signatures')
    await checkSignature(document, signature, fieldName)
    await checkLock(document, field)
  }
}

/**
 * A field that was not there when a document was certified may be signed, but not be seen: it could cover what was
 * certified, which is a known attack, and validators hold it against the certification.
 *
 * @throws PdfRefusal `certified-field-needed`
 */
export async function checkMayShowNewField(document: PdfDocument, catalog: PdfDictionary): Promise<void> {
  if ((await certification(document, catalog)) !== undefined) throw new PdfRefusal('certified-field-needed')
}

/** Perms names the certification signature, wherever its field may be (12.8.6). */
async function certification(
  document: PdfDocument,
  catalog: PdfDictionary,
): Promise<PdfDictionary | undefined> {
  const permissions = await document.dictionary(catalog.entries.get('Perms'), 'Perms')
  return document.dictionary(permissions?.entries.get('DocMDP'), 'DocMDP of Perms')
}

async function checkLock(document: PdfDocument, { dictionary }: FormField): Promise<void> {
  const lock = await document.dictionary(dictionary.entries.get('Lock'), 'Lock')
  const permission = lock?.entries.get('P')
  if (permission !== undefined) checkPermission(await document.resolve(permission))
}

async function checkSignature(
  document: PdfDocument,
  signature: PdfDictionary | undefined,
  fieldName: string,
): Promise<void> {
  const references = await document.resolve(signature?.entries.get('Reference'))
  for (const item of isArray(references) ? references.items : []) {
    const reference = await document.dictionary(item, 'signature reference')
    if (reference !== undefined) await checkReference(document, reference, fieldName)
  }
}

async function checkReference(
  document: PdfDocument,
  reference: PdfDictionary,
  fieldName: string,
): Promise<void> {
  const method = await document.resolve(reference.entries.get('TransformMethod'))
  const parameters = await document.dictionary(reference.entries.get('TransformParams'), 'TransformParams')
  const name = asName(method)
  if (name === 'DocMDP')
    checkPermission((await document.resolve(parameters?.entries.get('P'))) ?? pdfInteger(DEFAULT_PERMISSION))
  if (name === 'FieldMDP' && (await locks(document, parameters, fieldName)))
    throw new PdfRefusal('field-locked')
}

// Table 257: P is 2 where it is absent.
const DEFAULT_PERMISSION = 2

function checkPermission(permission: PdfObject | PdfStream): void {
  const value = asCount(permission)
  if (value !== 2 && value !== 3) throw new PdfRefusal('certified-against-change')
}

/** Table 259: All, or the fields named (Include), or all but those named (Exclude). */
async function locks(
  document: PdfDocument,
  parameters: PdfDictionary | undefined,
  fieldName: string,
): Promise<boolean> {
  const action = await document.resolve(parameters?.entries.get('Action'))
  const list = await document.resolve(parameters?.entries.get('Fields'))
  const names = isArray(list) ? list.items.map(asText) : []
  const named = names.some(
    name => name !== undefined && (name === fieldName || fieldName.startsWith(`${name}.`)),
  )
  const rule = LOCK_ACTIONS.get(asName(action) ?? '')
  if (rule === undefined) throw new PdfRefusal('malformed-structure', 'Action of FieldMDP')
  return rule(named)
}

const LOCK_ACTIONS = new Map<string, (named: boolean) => boolean>([
  ['All', () => true],
  ['Include', named => named],
  ['Exclude', named => !named],
])
