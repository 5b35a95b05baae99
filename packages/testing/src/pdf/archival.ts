/**
 * A page that is PDF/A (ISO 19005) or PDF/UA (ISO 14289-1), as small as such a document can be: it has a title and a
 * tagged rectangle in a color that needs no device.
 */
import { HEADER, type ShapeObject, toBytes, withTable } from './build-pdf.ts'

/** Of PDF/A the part; level B, which is about what a page looks like. */
export type ArchivalKind = 'pdfa-1' | 'pdfa-2' | 'pdfa-3' | 'pdfua-1'

const CONTENT = '/Figure <</MCID 0>> BDC /Gray cs 0.5 sc 72 700 100 50 re f EMC'
const GRAY = '[/CalGray << /WhitePoint [0.9505 1 1.089] /Gamma 2.2 >>]'

export function archivalPdf(kind: ArchivalKind, { kids = false } = {}): Uint8Array {
  const metadata = xmp(kind)
  const parents = kids ? '/Kids [12 0 R]' : '/Nums [0 [9 0 R]]'
  const objects: readonly ShapeObject[] = [
    {
      number: 1,
      body: '<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /Lang (ja) /MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot 7 0 R >>',
    },
    { number: 2, body: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>' },
    {
      number: 3,
      body: `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /ColorSpace << /Gray ${GRAY} >> >> /Contents 4 0 R /StructParents 0 /Tabs /S >>`,
    },
    { number: 4, body: `<< /Length ${CONTENT.length} >>\nstream\n${CONTENT}\nendstream` },
    {
      number: 5,
      body: `<< /Type /Metadata /Subtype /XML /Length ${metadata.length} >>\nstream\n${metadata}\nendstream`,
    },
    { number: 6, body: '<< /Title (Deed) >>' },
    { number: 7, body: '<< /Type /StructTreeRoot /K 8 0 R /ParentTree 10 0 R /ParentTreeNextKey 1 >>' },
    { number: 8, body: '<< /Type /StructElem /S /Document /P 7 0 R /K 9 0 R >>' },
    {
      number: 9,
      body: '<< /Type /StructElem /S /Figure /P 8 0 R /Pg 3 0 R /K 0 /Alt (A gray field) /A << /O /Layout /BBox [72 700 172 750] >> >>',
    },
    { number: 10, body: `<< ${parents} >>` },
    { number: 12, body: '<< /Nums [0 [9 0 R]] /Limits [0 0] >>' },
  ]
  const id = '/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]'
  const header = kind === 'pdfa-1' ? HEADER.replace('1.7', '1.4') : HEADER
  const { text } = withTable(HEADER, objects, { size: 13, entries: `/Root 1 0 R /Info 6 0 R ${id}` })
  return toBytes(text.replace(HEADER, header))
}

function xmp(kind: ArchivalKind): string {
  const [name, part = ''] = kind.split('-')
  const schema = name === 'pdfua' ? 'pdfuaid' : 'pdfaid'
  const namespace = name === 'pdfua' ? 'http://www.aiim.org/pdfua/ns/id/' : 'http://www.aiim.org/pdfa/ns/id/'
  const level = name === 'pdfua' ? '' : '<pdfaid:conformance>B</pdfaid:conformance>'
  return `<?xpacket begin="\u00ef\u00bb\u00bf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:${schema}="${namespace}">
<${schema}:part>${part}</${schema}:part>${level}
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Deed</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`
}
