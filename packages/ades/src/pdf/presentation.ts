/**
 * What in a document may look otherwise in another reader, or is not shown by a viewer of page content at all.
 *
 * TS 119 431-2 V1.2.1, 8.1 wants the signer to be warned when content cannot be shown faithfully. So this asks what
 * a document brings along, and never what it does: nothing is run, followed or decoded. A document whose structure
 * this reader refuses is one that other readers repair, each in its own way.
 */
import type { ByteSource } from './byte-source.ts'
import { type OpenPdfOptions, openPdf, type PdfDocument } from './document.ts'
import { asName, isArray, isDictionary, type PdfDictionary, type PdfObject } from './objects.ts'
import { forEachPage } from './page-tree.ts'
import { PdfRefusal } from './refusal.ts'

export type PresentationRisk =
  /** JavaScript that runs when the document is opened or filled in (ISO 32000-2, 12.6.4.17). */
  | 'scripts'
  /** An XFA form, whose pages are made by the reader (ISO 32000-1, 12.7.8). */
  | 'dynamic-form'
  /** Content that can be switched on and off (ISO 32000-2, 8.11). */
  | 'layers'
  /** Other files inside this one (ISO 32000-2, 7.11.4). */
  | 'attachments'
  /** Film, sound, three dimensions (ISO 32000-2, 13). */
  | 'multimedia'
  /** The structure is not as the standard demands, or is encrypted. */
  | 'unexamined'

/** Every risk once, in the order of the type. */
export async function presentationRisks(
  source: ByteSource,
  options: OpenPdfOptions = {},
): Promise<readonly PresentationRisk[]> {
  try {
    return await examine(await openPdf(source, options))
  } catch (error) {
    if (error instanceof PdfRefusal) return ['unexamined']
    throw error
  }
}

interface Subject {
  readonly document: PdfDocument
  readonly catalog: PdfDictionary
  readonly form: PdfDictionary | undefined
  readonly names: PdfDictionary | undefined
  /** Kinds of annotations on any page. */
  readonly annotations: ReadonlySet<string>
}

type Rule = (subject: Subject) => boolean | Promise<boolean>

const RULES: readonly (readonly [PresentationRisk, Rule])[] = [
  ['scripts', runsScripts],
  ['dynamic-form', ({ form }) => has(form, 'XFA')],
  ['layers', hasLayers],
  [
    'attachments',
    ({ catalog, names, annotations }) =>
      has(names, 'EmbeddedFiles') || has(catalog, 'AF', 'Collection') || annotations.has('FileAttachment'),
  ],
  ['multimedia', ({ annotations }) => MULTIMEDIA.some(kind => annotations.has(kind))],
]

/** ISO 32000-2, 12.5.6.1, table 171. */
const MULTIMEDIA = ['RichMedia', '3D', 'Movie', 'Screen', 'Sound']

async function examine(document: PdfDocument): Promise<readonly PresentationRisk[]> {
  const subject = await subjectOf(document)
  const judged = await Promise.all(RULES.map(async ([risk, rule]) => ((await rule(subject)) ? [risk] : [])))
  return judged.flat()
}

async function subjectOf(document: PdfDocument): Promise<Subject> {
  const catalog = await document.dictionary(document.trailer.entries.get('Root'), 'Root')
  if (catalog === undefined) throw new PdfRefusal('malformed-structure', 'Root')
  return {
    document,
    catalog,
    form: await document.dictionary(catalog.entries.get('AcroForm'), 'AcroForm'),
    names: await document.dictionary(catalog.entries.get('Names'), 'Names'),
    annotations: await annotationKinds(document, catalog),
  }
}

async function runsScripts({ document, catalog, form, names }: Subject): Promise<boolean> {
  const opening = await document.resolve(catalog.entries.get('OpenAction'))
  const action = isDictionary(opening) ? asName(await document.resolve(opening.entries.get('S'))) : undefined
  // CO names the fields whose values scripts compute; AA are actions upon closing, printing and saving.
  return action === 'JavaScript' || has(names, 'JavaScript') || has(catalog, 'AA') || has(form, 'CO')
}

async function hasLayers({ document, catalog }: Subject): Promise<boolean> {
  const properties = await document.dictionary(catalog.entries.get('OCProperties'), 'OCProperties')
  const groups = await document.resolve(properties?.entries.get('OCGs'))
  return isArray(groups) && groups.items.length > 0
}

async function annotationKinds(document: PdfDocument, catalog: PdfDictionary): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>()
  await forEachPage(document, catalog, async page => {
    const annotations = await document.resolve(page.dictionary.entries.get('Annots'))
    for (const one of isArray(annotations) ? annotations.items : []) kinds.add(await kindOf(document, one))
  })
  return kinds
}

async function kindOf(document: PdfDocument, annotation: PdfObject): Promise<string> {
  const dictionary = await document.dictionary(annotation, 'an annotation')
  return asName(await document.resolve(dictionary?.entries.get('Subtype'))) ?? ''
}

const has = (dictionary: PdfDictionary | undefined, ...names: readonly string[]): boolean =>
  names.some(name => (dictionary?.entries.get(name) ?? null) !== null)
