/**
 * The document security store: EN 319 142-1 V1.2.1, 5.4.2.2; ISO 32000-2, 12.8.4.3.
 *
 * Data of all signatures stand together, each object once. VRI, which would sort them by signature, is optional
 * (5.4.2.2; 6.3, requirement v) and not written: it names a signature by the SHA-1 of its value, a validator has to try
 * all data anyway, and the same certificate serves several signatures. One that is there already stays as it is.
 */
import { equal } from '@natsuin/pki/encoding'
import type { PdfDocument } from '../pdf/document.ts'
import { readForm } from '../pdf/form.ts'
import { ObjectChanges } from '../pdf/object-changes.ts'
import {
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfName,
  pdfReference,
  withEntries,
} from '../pdf/objects.ts'
import { PdfRefusal } from '../pdf/refusal.ts'
import type { ValidationData } from '../validation-data/collect.ts'
import { buildUpdate, type UpdateOptions } from './signed-update.ts'

const KEYS = { certificates: 'Certs', ocspResponses: 'OCSPs', crls: 'CRLs' } as const
type Kind = keyof typeof KEYS
const KINDS = ['certificates', 'ocspResponses', 'crls'] as const

export interface SecurityStore {
  readonly dictionary: PdfDictionary
  /** Where the store is an object of its own. */
  readonly reference: PdfReference | undefined
  /** Offset in the file at which the newest version of it stands; -1 where there is none. */
  readonly writtenAt: number
}

export async function readSecurityStore(document: PdfDocument): Promise<SecurityStore> {
  const { catalog, catalogReference } = await readForm(document)
  const object = catalog.entries.get('DSS')
  const dictionary = await document.dictionary(object, 'DSS')
  if (dictionary === undefined) return { dictionary: pdfDictionary({}), reference: undefined, writtenAt: -1 }
  const reference = isReference(object) ? object : undefined
  return { dictionary, reference, writtenAt: offsetOf(document, reference ?? catalogReference) }
}

/** The certificates that the document brings, DER each. */
export async function storedCertificates(document: PdfDocument): Promise<readonly Uint8Array[]> {
  const { dictionary } = await readSecurityStore(document)
  return (await storedObjects(document, dictionary, 'certificates')).map(({ der }) => der)
}

function offsetOf(document: PdfDocument, { number }: PdfReference): number {
  const entry = document.xref.table.entry(number)
  if (entry.kind === 'compressed') return offsetOf(document, pdfReference(entry.stream))
  return entry.kind === 'offset' ? entry.offset : -1
}

interface StoredObject {
  readonly item: PdfObject
  readonly der: Uint8Array
}

async function storedObjects(
  document: PdfDocument,
  dictionary: PdfDictionary,
  kind: Kind,
): Promise<readonly StoredObject[]> {
  const list = await document.resolve(dictionary.entries.get(KEYS[kind]))
  if (list === null) return []
  if (!isArray(list)) throw new PdfRefusal('malformed-structure', `${KEYS[kind]} of DSS`)
  const objects: StoredObject[] = []
  for (const item of list.items) objects.push({ item, der: await streamOf(document, item) })
  return objects
}

async function streamOf(document: PdfDocument, item: PdfObject): Promise<Uint8Array> {
  if (!isReference(item))
    throw new PdfRefusal('malformed-structure', 'DSS names something other than a stream')
  return document.data(item)
}

/** The bytes to append to have the data in the document, beside those that are there. */
export async function securityStoreUpdate(
  document: PdfDocument,
  data: ValidationData,
  options: UpdateOptions,
): Promise<Uint8Array> {
  const store = await readSecurityStore(document)
  const changes = new ObjectChanges(document)
  const lists: Record<string, PdfObject> = {}
  for (const kind of KINDS) {
    const stored = await storedObjects(document, store.dictionary, kind)
    const added = data[kind].filter(der => !stored.some(other => equal(other.der, der)))
    const items = [...stored.map(({ item }) => item), ...added.map(der => changes.addStream({}, der))]
    if (added.length > 0) lists[KEYS[kind]] = pdfArray(items)
  }
  await setStore(document, store, { changes, lists })
  return (await buildUpdate(document, await changes.list(), options)).bytes
}

/** The catalog is touched only where it does not name a store yet. */
async function setStore(
  document: PdfDocument,
  { dictionary, reference }: SecurityStore,
  { changes, lists }: { readonly changes: ObjectChanges; readonly lists: Record<string, PdfObject> },
): Promise<void> {
  const store = withEntries(dictionary, { Type: pdfName('DSS'), ...lists })
  if (reference !== undefined) return changes.set(reference, store)
  const { catalogReference } = await readForm(document)
  await changes.update(catalogReference, { DSS: changes.add(store) })
}
