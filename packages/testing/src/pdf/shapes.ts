/**
 * PDF files of every shape that a signer meets, made by us, with what is expected of each.
 *
 * The clause named in a description is of ISO 32000-2. `signed` means: signed, with the original as a strict
 * prefix, and accepted by every judge; any other expectation is the code of the refusal.
 */
import type { PdfRefusalCode } from '@natsuin/ades/pdf'
import {
  deflated,
  HEADER,
  objectStreamBody,
  type ShapeObject,
  toBytes,
  withHybrid,
  withObjectStream,
  withStream,
  withTable,
} from './build-pdf.ts'

export interface PdfShape {
  readonly name: string
  readonly description: string
  readonly expectation: 'signed' | PdfRefusalCode
  /** The field to sign, where not a new one. */
  readonly fieldName?: string
  readonly bytes: () => Uint8Array
}

const ID = '/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]'
const ROOT = `/Root 1 0 R ${ID}`

const CATALOG: ShapeObject = { number: 1, body: '<< /Type /Catalog /Pages 2 0 R >>' }
const PAGES: ShapeObject = { number: 2, body: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>' }
const FONT = '<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>'
const PAGE_ENTRIES = `/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources ${FONT} /Contents 4 0 R`
const PAGE: ShapeObject = { number: 3, body: `<< ${PAGE_ENTRIES} >>` }
const CONTENT = 'BT /F1 24 Tf 72 720 Td (A deed) Tj ET'
const CONTENTS: ShapeObject = {
  number: 4,
  body: `<< /Length ${CONTENT.length} >>\nstream\n${CONTENT}\nendstream`,
}
const MINIMAL = [CATALOG, PAGES, PAGE, CONTENTS]
const widgetIn = (rectangle: string) => `/Type /Annot /Subtype /Widget /Rect [${rectangle}] /F 132 /P 3 0 R`
const WIDGET = widgetIn('0 0 0 0')

const form = (...fields: readonly string[]): ShapeObject => ({
  number: 1,
  body: `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${fields.join(' ')}] >> >>`,
})

function classic(objects: readonly ShapeObject[], entries = ROOT): string {
  const size = Math.max(...objects.map(({ number }) => number)) + 1
  return withTable(HEADER, objects, { size, entries }).text
}

/** A page with more in its catalog or in itself, or with one annotation of which this is the rest. */
export function documentWith({
  catalog = '',
  page = '',
  annotation,
}: {
  catalog?: string
  page?: string
  annotation?: string
}): Uint8Array {
  const annotations =
    annotation === undefined ? '' : `/Annots [<< /Type /Annot ${annotation} /Rect [0 0 9 9] >>]`
  const changed = [
    { number: 1, body: `<< /Type /Catalog /Pages 2 0 R ${catalog} >>` },
    { number: 3, body: `<< ${PAGE_ENTRIES} ${page} ${annotations} >>` },
    { number: 5, body: '<< /Type /OCG /Name (Layer) >>' },
  ]
  return toBytes(minimalWith(...changed))
}

/** A page with a line of text, and as many bytes that no reader looks at as make it about this long. */
export function documentOfSize(line: string, bytes: number): Uint8Array {
  const content = `BT /F1 24 Tf 72 720 Td (${line}) Tj ET`
  const padding = 'x'.repeat(Math.max(0, bytes - 900))
  const changed = [
    { number: 4, body: `<< /Length ${content.length} >>\nstream\n${content}\nendstream` },
    { number: 5, body: `<< /Length ${padding.length} >>\nstream\n${padding}\nendstream` },
  ]
  return toBytes(minimalWith(...changed))
}

/** The minimal document with some objects replaced or added. */
function minimalWith(...changed: readonly ShapeObject[]): string {
  const numbers = new Set(changed.map(({ number }) => number))
  return classic([...MINIMAL.filter(({ number }) => !numbers.has(number)), ...changed])
}

/** Every update rewrites the contents, so each section is needed to know which objects count. */
function updatedTimes(times: number): string {
  let file = withTable(HEADER, MINIMAL, { size: 5, entries: ROOT })
  for (let i = 0; i < times; i++) {
    file = withTable(file.text, [CONTENTS], { size: 5, entries: ROOT, prev: file.xrefOffset })
  }
  return file.text
}

/** A page tree with `fanOut` kids in every node and `depth` levels; the leaves share contents and inherit the rest. */
function deepTree(depth: number, fanOut: number): string {
  const objects: ShapeObject[] = [CATALOG, CONTENTS]
  let next = 5
  const node = (number: number, parent: number | undefined, level: number): number => {
    const up = parent === undefined ? '' : `/Parent ${parent} 0 R`
    if (level === depth) {
      objects.push({ number, body: `<< /Type /Page ${up} /Contents 4 0 R >>` })
      return 1
    }
    const kids = Array.from({ length: fanOut }, () => next++)
    const count = kids.reduce((sum, kid) => sum + node(kid, number, level + 1), 0)
    const inherited = parent === undefined ? `/MediaBox [0 0 595 842] /Resources ${FONT}` : ''
    const list = kids.map(kid => `${kid} 0 R`).join(' ')
    objects.push({ number, body: `<< /Type /Pages ${up} /Kids [${list}] /Count ${count} ${inherited} >>` })
    return count
  }
  node(2, undefined, 0)
  objects.push({ number: 3, body: 'null' })
  return classic(objects)
}

/** A certification signature with the permission, whose own signature value nobody asks for here. */
function certified(permission: number): string {
  const parameters = `<< /Type /TransformParams /P ${permission} /V /1.2 >>`
  const reference = `<< /Type /SigRef /TransformMethod /DocMDP /TransformParams ${parameters} >>`
  return minimalWith(
    {
      number: 1,
      body: '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> /Perms << /DocMDP 6 0 R >> >>',
    },
    { number: 3, body: `<< ${PAGE_ENTRIES} /Annots [5 0 R] >>` },
    { number: 5, body: `<< ${WIDGET} /FT /Sig /T (Author) /V 6 0 R >>` },
    { number: 6, body: earlierSignature(`/Reference [${reference}]`) },
  )
}

const earlierSignature = (entries = '') =>
  `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents <00> ${entries} >>`

function fieldLocked(action: string, fieldName: string): string {
  const parameters = `<< /Type /TransformParams /Action ${action} /V /1.2 >>`
  const reference = `<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams ${parameters} >>`
  return minimalWith(
    form('5 0 R', '7 0 R'),
    { number: 3, body: `<< ${PAGE_ENTRIES} /Annots [5 0 R 7 0 R] >>` },
    { number: 5, body: `<< ${WIDGET} /FT /Sig /T (First) /V 6 0 R >>` },
    { number: 6, body: earlierSignature(`/Reference [${reference}]`) },
    { number: 7, body: `<< ${WIDGET} /FT /Sig /T (${fieldName}) >>` },
  )
}

const PACKED = { plain: [CONTENTS], packed: [CATALOG, PAGES, PAGE], container: 5 }

/** The catalog and the page are in an object stream with this body. */
function packedIn(entries: string, data: string): string {
  const shape = { ...PACKED, containerBody: objectStreamBody(entries, data) }
  return withObjectStream(HEADER, shape, { size: 7, entries: ROOT }).text
}

const BOMB_BYTES = 101 * 1024 * 1024
const EMPTY_FIELD = [
  form('5 0 R'),
  { number: 3, body: `<< ${PAGE_ENTRIES} /Annots [5 0 R] >>` },
  { number: 5, body: `<< ${WIDGET} /FT /Sig /T (Approval) >>` },
]

function emptyField(entries: string): string {
  return minimalWith(...EMPTY_FIELD.slice(0, 2), {
    number: 5,
    body: `<< ${WIDGET} /FT /Sig /T (Approval) ${entries} >>`,
  })
}

/** A page with an empty signature field in a rectangle of these four numbers. */
export function documentWithField(rectangle: string): Uint8Array {
  const body = `<< ${widgetIn(rectangle)} /FT /Sig /T (Approval) >>`
  return toBytes(minimalWith(...EMPTY_FIELD.slice(0, 2), { number: 5, body }))
}

type ShapeRow = readonly [
  name: string,
  expectation: PdfShape['expectation'],
  description: string,
  text: () => string,
  fieldName?: string,
]

const ROWS: readonly ShapeRow[] = [
  ['classic', 'signed', 'cross-reference table (7.5.4)', () => classic(MINIMAL)],
  [
    'xref-stream',
    'signed',
    'cross-reference stream with a PNG predictor (7.5.8)',
    () => withStream(HEADER, MINIMAL, { size: 6, entries: ROOT }).text,
  ],
  [
    'object-stream',
    'signed',
    'catalog and page in an object stream (7.5.7)',
    () => withObjectStream(HEADER, PACKED, { size: 7, entries: ROOT }).text,
  ],
  [
    'hybrid',
    'signed',
    'a table that hides what its stream holds (7.5.8.4)',
    () => withHybrid(HEADER, PACKED, { size: 7, entries: ROOT }).text,
  ],
  ['no-end-of-line', 'signed', 'nothing after %%EOF', () => classic(MINIMAL).trimEnd()],
  [
    'crlf-at-end',
    'signed',
    'the last line ends with CR LF',
    () => classic(MINIMAL).replace(/%%EOF\n$/, '%%EOF\r\n'),
  ],
  ['no-id', 'signed', 'a trailer without ID (14.4)', () => classic(MINIMAL, '/Root 1 0 R')],
  ['prev-chain', 'signed', 'forty earlier updates (7.5.6)', () => updatedTimes(40)],
  ['deep-page-tree', 'signed', 'a tree of seven levels with 128 pages (7.7.3)', () => deepTree(7, 2)],
  ['wide-page-tree', 'signed', 'one node with 2 000 pages, resources inherited', () => deepTree(1, 2000)],
  [
    'inherited-resources',
    'signed',
    'the page has neither Resources nor MediaBox of its own (7.7.3.4)',
    () =>
      minimalWith(
        {
          number: 2,
          body: `<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] /Resources ${FONT} >>`,
        },
        { number: 3, body: '<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>' },
      ),
  ],
  [
    'text-field',
    'signed',
    'a form with a text field (12.7.5.3)',
    () =>
      minimalWith(
        form('5 0 R'),
        { number: 3, body: `<< ${PAGE_ENTRIES} /Annots [5 0 R] >>` },
        {
          number: 5,
          body: '<< /Type /Annot /Subtype /Widget /Rect [72 600 200 620] /P 3 0 R /FT /Tx /T (Name) /V (Hanako) /DA (/F1 12 Tf 0 g) >>',
        },
      ),
  ],
  [
    'indirect-everything',
    'signed',
    'form, Fields and Annots are objects of their own',
    () =>
      minimalWith(
        { number: 1, body: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>' },
        { number: 3, body: `<< ${PAGE_ENTRIES} /Annots 8 0 R >>` },
        { number: 5, body: `<< ${WIDGET} /FT /Sig /T (Other) >>` },
        { number: 6, body: '<< /Fields 7 0 R >>' },
        { number: 7, body: '[5 0 R]' },
        { number: 8, body: '[5 0 R]' },
      ),
  ],
  [
    'shared-arrays',
    'signed',
    'Fields and Annots are one and the same array',
    () =>
      minimalWith(
        { number: 1, body: '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields 6 0 R >> >>' },
        { number: 3, body: `<< ${PAGE_ENTRIES} /Annots 6 0 R >>` },
        { number: 5, body: `<< ${WIDGET} /FT /Sig /T (Other) >>` },
        { number: 6, body: '[5 0 R]' },
      ),
  ],
  ['empty-signature-field', 'signed', 'an empty field is signed by name', () => emptyField(''), 'Approval'],
  [
    'lock-on-signing',
    'signed',
    'the field locks all others when it is signed (table 236)',
    () => emptyField('/Lock << /Type /SigFieldLock /Action /All >>'),
    'Approval',
  ],
  [
    'hierarchical-field',
    'signed',
    'a signature field below another field, its type inherited (12.7.4)',
    () =>
      minimalWith(
        form('5 0 R'),
        { number: 3, body: `<< ${PAGE_ENTRIES} /Annots [6 0 R] >>` },
        { number: 5, body: '<< /T (Contract) /FT /Sig /Kids [6 0 R] >>' },
        { number: 6, body: `<< ${WIDGET} /T (Seller) /Parent 5 0 R >>` },
      ),
    'Contract.Seller',
  ],
  [
    'generation-not-zero',
    'signed',
    'catalog and page were freed and used again (7.3.10)',
    () =>
      classic(
        [
          { number: 1, generation: 2, body: '<< /Type /Catalog /Pages 2 0 R >>' },
          { number: 2, body: '<< /Type /Pages /Kids [3 7 R] /Count 1 >>' },
          { number: 3, generation: 7, body: `<< ${PAGE_ENTRIES} >>` },
          CONTENTS,
        ],
        `/Root 1 2 R ${ID}`,
      ),
  ],
  [
    'odd-spelling',
    'signed',
    'comments, name escapes, octal escapes and reals that must survive (7.2, 7.3)',
    () =>
      minimalWith({
        number: 3,
        body: `<< /Ty#70e/Page % a comment with >> in it\n/Parent 2 0 R/MediaBox[0 0 +595. 842.000]/Resources ${FONT}/Contents 4 0 R/Extra#20Key(a\\(b\\051\\\nc (nested))/Empty<>>>`,
      }),
  ],
  ['certified-form-filling', 'signed', 'DocMDP with P 2 allows signing (12.8.2.2)', () => certified(2)],
  [
    'locked-others',
    'signed',
    'FieldMDP of an earlier signature names other fields (12.8.2.4)',
    () => fieldLocked('/Include /Fields [(Elsewhere)]', 'Approval'),
    'Approval',
  ],
  ['certified-no-change', 'certified-against-change', 'DocMDP with P 1 (12.8.2.2)', () => certified(1)],
  [
    'locked-all',
    'field-locked',
    'FieldMDP of an earlier signature locks every field',
    () => fieldLocked('/All', 'Approval'),
    'Approval',
  ],
  [
    'locked-by-exclusion',
    'field-locked',
    'FieldMDP locks all but a field that is not ours',
    () => fieldLocked('/Exclude /Fields [(Elsewhere)]', 'Approval'),
    'Approval',
  ],
  [
    'already-signed-field',
    'field-already-signed',
    'the field that is asked for holds a signature',
    () => fieldLocked('/Include /Fields [(Elsewhere)]', 'Approval'),
    'First',
  ],
  [
    'field-of-another-type',
    'field-not-a-signature',
    'the field that is asked for is a text field',
    () => minimalWith(form('5 0 R'), { number: 5, body: '<< /FT /Tx /T (Name) >>' }),
    'Name',
  ],
  [
    'binding-seed-value',
    'field-constrained',
    'seed values that bind the signer (table 237)',
    () => emptyField('/SV << /Type /SV /Ff 1 /Filter /Adobe.PPKLite >>'),
    'Approval',
  ],
  [
    'dotted-new-field',
    'field-name-invalid',
    'a new field cannot have a full stop',
    () => classic(MINIMAL),
    'a.b',
  ],
  [
    'encrypted',
    'encrypted',
    'Encrypt in the trailer (7.6)',
    () =>
      classic(
        [...MINIMAL, { number: 5, body: '<< /Filter /Standard /V 1 /R 2 >>' }],
        `${ROOT} /Encrypt 5 0 R`,
      ),
  ],
  ['not-a-pdf', 'not-a-pdf', 'text', () => 'Dear Sir or Madam'],
  ['empty-file', 'not-a-pdf', 'no bytes at all', () => ''],
  ['bytes-before-header', 'not-a-pdf', 'the header is not at offset 0', () => `\n${classic(MINIMAL)}`],
  ['bytes-after-end', 'broken-xref', 'something follows %%EOF', () => `${classic(MINIMAL)}<html></html>`],
  [
    'startxref-off-by-one',
    'broken-xref',
    'startxref points one byte before the table',
    () =>
      classic(MINIMAL).replace(/startxref\n(\d+)/, (_, offset: string) => `startxref\n${Number(offset) - 1}`),
  ],
  [
    'startxref-beyond-end',
    'broken-xref',
    'startxref points behind the file',
    () => classic(MINIMAL).replace(/startxref\n\d+/, 'startxref\n99999'),
  ],
  [
    'wrong-offset',
    'broken-xref',
    'one object is not where the table says',
    () =>
      classic(MINIMAL).replace(
        /(4 1\n)(\d{10})/,
        (_, head: string, offset: string) => `${head}${String(Number(offset) + 1).padStart(10, '0')}`,
      ),
  ],
  [
    'short-entries',
    'broken-xref',
    'table entries of nineteen bytes',
    () => classic(MINIMAL).replaceAll(' n \n', ' n\n'),
  ],
  [
    'size-too-small',
    'broken-xref',
    'Size is below the highest object number',
    () => classic(MINIMAL).replace('/Size 5', '/Size 4'),
  ],
  [
    'prev-circle',
    'broken-xref',
    'Prev points at its own section (T-PDF-08)',
    () => {
      const { xrefOffset } = withTable(HEADER, MINIMAL, { size: 5, entries: ROOT })
      return withTable(HEADER, MINIMAL, { size: 5, entries: ROOT, prev: xrefOffset }).text
    },
  ],
  [
    'truncated',
    'broken-xref',
    'the second half of the file is missing',
    () => classic(MINIMAL).slice(0, classic(MINIMAL).length / 2),
  ],
  ['too-many-updates', 'limit-exceeded', 'one section more than the limit', () => updatedTimes(1024)],
  [
    'too-many-objects',
    'limit-exceeded',
    'Size beyond the limit, before anything is allocated for it',
    () => classic(MINIMAL).replace('/Size 5', '/Size 99999999'),
  ],
  [
    'circular-page-tree',
    'malformed-structure',
    'a node is its own kid (T-PDF-08)',
    () => minimalWith({ number: 2, body: '<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>' }),
  ],
  [
    'circular-fields',
    'malformed-structure',
    'a form field is its own kid',
    () => minimalWith(form('5 0 R'), { number: 5, body: '<< /T (a) /FT /Sig /Kids [5 0 R] >>' }),
  ],
  [
    'duplicate-key',
    'malformed-structure',
    'a dictionary has a key twice (T-PDF-10)',
    () => minimalWith({ number: 3, body: `<< ${PAGE_ENTRIES} /Annots [] /Annots null >>` }),
  ],
  [
    'deep-nesting',
    'limit-exceeded',
    'a thousand arrays in each other',
    () =>
      minimalWith({ number: 3, body: `<< ${PAGE_ENTRIES} /Extra ${'['.repeat(1000)}${']'.repeat(1000)} >>` }),
  ],
  [
    'object-stream-bomb',
    'limit-exceeded',
    'an object stream of 101 MiB in 100 kB (T-PDF-09)',
    () => packedIn('/N 3 /First 12 /Filter /FlateDecode', deflated(new Uint8Array(BOMB_BYTES))),
  ],
  [
    'nested-filters',
    'unsupported-compression',
    'an object stream deflated a hundred times (T-PDF-09)',
    () => packedIn(`/N 3 /First 12 /Filter [${'/FlateDecode '.repeat(100)}]`, deflated(new Uint8Array(10))),
  ],
  [
    'other-filter',
    'unsupported-compression',
    'an object stream in ASCII hexadecimal',
    () => packedIn('/N 3 /First 12 /Filter /ASCIIHexDecode', '312030>'),
  ],
  [
    'endless-object-stream',
    'malformed-structure',
    'N promises more objects than the stream has bytes',
    () => packedIn('/N 999999 /First 12', '1 0 2 0 3 0 null'),
  ],
  [
    'wrong-stream-length',
    'malformed-structure',
    'Length of an object stream does not lead to endstream',
    () => packedIn('/N 3 /First 12', '1 0 2 0 3 0 null').replace('/Length 16', '/Length 15'),
  ],
  [
    'no-page',
    'malformed-structure',
    'a page tree without a page',
    () => minimalWith({ number: 2, body: '<< /Type /Pages /Kids [] /Count 0 >>' }),
  ],
]

export const PDF_SHAPES: readonly PdfShape[] = ROWS.map(
  ([name, expectation, description, text, fieldName]) => ({
    name,
    expectation,
    description,
    bytes: () => toBytes(text()),
    ...(fieldName === undefined ? {} : { fieldName }),
  }),
)
