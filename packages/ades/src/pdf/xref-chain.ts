/**
 * Follows the cross-reference sections from the end of the file to its beginning: `startxref` (ISO 32000-2,
 * 7.5.5), then Prev from section to section (7.5.6).
 */
import { equal } from '@natsuin/pki/encoding'
import type { ByteSource } from './byte-source.ts'
import { asCount, type PdfDictionary, type PdfObject } from './objects.ts'
import { PdfRefusal } from './refusal.ts'
import { writeObject } from './writer.ts'
import { readXrefSection, type SectionContext, type XrefForm, type XrefSection } from './xref-section.ts'
import { XrefTable } from './xref-table.ts'

export interface XrefChain {
  readonly table: XrefTable
  /** Of the newest section: the one an update must agree with. */
  readonly trailer: PdfDictionary
  readonly form: XrefForm
  /** Offset of the newest section, the Prev of an update. */
  readonly offset: number
  /** The encryption dictionary, or a reference to it. */
  readonly encrypt: PdfObject | undefined
}

export async function readXrefChain(context: SectionContext): Promise<XrefChain> {
  const offset = await findStartXref(context.source)
  const newest = await readXrefSection(context, offset)
  const table = new XrefTable(tableSize(newest, context))
  addEntries(table, newest, newest)
  await addOlderSections(context, table, newest, offset)
  const encrypt = newest.trailer.entries.get('Encrypt')
  return { table, trailer: newest.trailer, form: newest.form, offset, encrypt }
}

async function addOlderSections(
  context: SectionContext,
  table: XrefTable,
  newest: XrefSection,
  offset: number,
): Promise<void> {
  const visited = new Set([offset])
  for (let at = previous(newest); at !== undefined; ) {
    if (visited.has(at)) throw new PdfRefusal('broken-xref', 'Prev leads in a circle')
    if (visited.size >= context.limits.xrefSections)
      throw new PdfRefusal('limit-exceeded', 'cross-reference sections')
    visited.add(at)
    const section = await readXrefSection(context, at)
    addEntries(table, section, newest)
    at = previous(section)
  }
}

function addEntries(table: XrefTable, section: XrefSection, newest: XrefSection): void {
  checkEncryption(section, newest)
  for (const { number, entry } of section.entries) table.setUnlessNewer(number, entry)
}

/** Encrypt in an older trailer counts as well: readers differ in whether they look there. */
function checkEncryption({ trailer }: XrefSection, newest: XrefSection): void {
  const [older, newer] = [trailer, newest.trailer].map(({ entries }) => entries.get('Encrypt'))
  if (older === undefined) return
  const same = newer !== undefined && equal(writeObject(older), writeObject(newer))
  if (!same) throw new PdfRefusal('encrypted', 'in some of its revisions')
}

function previous({ trailer }: XrefSection): number | undefined {
  const object = trailer.entries.get('Prev')
  const offset = asCount(object)
  if (object !== undefined && offset === undefined) throw new PdfRefusal('broken-xref', 'Prev')
  return offset
}

function tableSize({ trailer }: XrefSection, { limits }: SectionContext): number {
  const size = asCount(trailer.entries.get('Size'))
  if (size === undefined || size === 0) throw new PdfRefusal('broken-xref', 'Size')
  if (size > limits.objects) throw new PdfRefusal('limit-exceeded', 'objects')
  return size
}

// Readers look for the end of file marker in the last 1024 bytes; nothing but white space may follow it here.
const TAIL_BYTES = 1024
const STARTXREF = /startxref[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]+%%EOF[\0\t\n\f\r ]*$/

async function findStartXref(source: ByteSource): Promise<number> {
  const from = Math.max(0, source.size - TAIL_BYTES)
  const tail = new TextDecoder('latin1').decode(await source.read(from, source.size - from))
  const offset = Number(STARTXREF.exec(tail)?.[1] ?? Number.NaN)
  if (!(offset < source.size)) throw new PdfRefusal('broken-xref', 'startxref')
  return offset
}
