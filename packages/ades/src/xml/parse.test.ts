import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { rounds, seed } from '@natsuin/testing/rounds'
import { randomDocument } from '@natsuin/testing/xml'
import fc from 'fast-check'
import { canonicalise } from './canonicalise.ts'
import { DEFAULT_XML_LIMITS } from './limits.ts'
import { attributeOf, descendantsOf, elementsOf } from './node.ts'
import { parseXml, parseXmlText } from './parse.ts'
import type { XmlRefusalCode } from './refusal.ts'

const refused = (code: XmlRefusalCode) => ({ name: 'XmlRefusal', code })
const rootOf = (text: string) => parseXmlText(text).root

describe('reading XML', () => {
  it('knows where each element stands in the text', () => {
    fc.assert(
      fc.property(randomDocument, text => {
        const { root } = parseXmlText(text)
        const { start, contentStart, contentEnd, end } = root.position
        assert.match(text.slice(start, contentStart), /^<r [\s\S]*>$/)
        assert.ok(/^<\/r>$|^$/.test(text.slice(contentEnd, end)))
        for (const { position } of elementsOf(root))
          assert.ok(position.start >= contentStart && position.end <= contentEnd)
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  })

  it('joins text, CDATA and references to one node', () => {
    const [node, ...more] = rootOf('<r>a&lt;<![CDATA[<b>]]>&#x1F600;\r\nc</r>').children
    assert.deepEqual([node, more], [{ kind: 'text', value: 'a<<b>😀\nc' }, []])
  })

  it('normalises white space of attributes, but not what is written as a reference (XML 1.0, 3.3.3)', () => {
    assert.equal(attributeOf(rootOf('<r a="1\r\n2\t3&#10;4&#9;"/>'), 'a'), '1 2 3\n4\t')
  })

  it('keeps names that objects have as what they are (T-XML-14)', () => {
    const root = rootOf('<__proto__ constructor="1" toString="2"><hasOwnProperty/></__proto__>')
    assert.equal(root.localName, '__proto__')
    assert.equal(attributeOf(root, 'constructor'), '1')
    assert.equal(attributeOf(root, 'valueOf'), undefined)
  })

  it('takes a byte order mark and every spelling of the declaration', () => {
    const heads = [
      '\uFEFF',
      '\uFEFF<?xml version="1.0"?>',
      `<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n`,
    ]
    for (const head of heads) assert.equal(parseXml(utf8(`${head}<r/>`)).root.localName, 'r')
  })
})

const REFUSED: Readonly<Record<XmlRefusalCode, readonly string[]>> = {
  'xml-doctype': [
    '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
    '<!DOCTYPE r [<!ENTITY a "b"><!ENTITY b "&a;&a;">]><r>&b;</r>',
    '<?xml version="1.0"?>\n<!-- c --><!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]><r/>',
    '<r><!DOCTYPE r></r>',
  ],
  'xml-encoding': [
    '<?xml version="1.0" encoding="UTF-16"?><r/>',
    '<?xml version="1.0" encoding="UTF-7"?><r/>',
    '<?xml version="1.0" encoding="Shift_JIS"?><r/>',
  ],
  'xml-namespaces': [
    '<a:r/>',
    '<r a:b="1"/>',
    '<r xmlns:a=""/>',
    '<r xmlns="relative"/>',
    '<r xmlns="urn:with space"/>',
    '<r xmlns:xml="urn:x"/>',
    '<r xmlns="http://www.w3.org/XML/1998/namespace"/>',
    '<r xmlns:xmlns="urn:x"/>',
    '<r xmlns:x="http://www.w3.org/2000/xmlns/"/>',
    '<xmlns:r/>',
  ],
  'xml-malformed': [
    '',
    'text',
    '<r>',
    '<r></s>',
    '<r/><r/>',
    '<r/>text',
    '&#32;<r/>',
    '<r/><![CDATA[]]>',
    '<r a="1" a="2"/>',
    '<r xmlns="urn:a" xmlns="urn:b"/>',
    '<r xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2"/>',
    '<r a=1/>',
    '<r a="<"/>',
    '<r a="1"b="2"/>',
    '<r a/>',
    '<r>&unknown;</r>',
    '<r>&</r>',
    '<r>&#0;</r>',
    '<r>&#xD800;</r>',
    '<r>&#x110000;</r>',
    '<r>&#99999999999999999999;</r>',
    '<r>\u0000</r>',
    '<r>\uFFFF</r>',
    '<r>]]></r>',
    '<r><!-- a -- b --></r>',
    '<r><!-- a ---></r>',
    '<r><![CDATA[</r>',
    '<r><?xml version="1.0"?></r>',
    '<r><?a:b c?></r>',
    '<r><?a',
    '< r/>',
    '<r / >',
    '<r a:b:c="1"/>',
    '<1/>',
    ' <?xml version="1.0"?><r/>',
    '<?xml version="1.1"?><r/>',
    '<?xml encoding="UTF-8" version="1.0"?><r/>',
    '<?xml\u00a0version="1.0"?><r/>',
    '<?xml version="1.0"\u2028?><r/>',
  ],
  'xml-limit-exceeded': [
    '<r>'.repeat(100_000),
    `<r ${Array.from({ length: 2000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
    `<r ${declared(900)}>`.repeat(5),
  ],
}

function declared(count: number): string {
  return Array.from({ length: count }, (_, i) => `xmlns:n${i}="urn:${i}"`).join(' ')
}

describe('refusing XML', () => {
  for (const [code, texts] of Object.entries(REFUSED) as [XmlRefusalCode, readonly string[]][]) {
    it(`${code}: ${texts.length} documents (T-XML-01, T-XML-02)`, () => {
      for (const text of texts) assert.throws(() => parseXml(utf8(text)), refused(code), text.slice(0, 100))
    })
  }

  it('at a limit passes, and one more is refused (T-LIM-10)', () => {
    const { depth, attributes } = DEFAULT_XML_LIMITS
    const nested = (count: number) => utf8(`${'<r>'.repeat(count)}${'</r>'.repeat(count)}`)
    const wide = (count: number) =>
      utf8(`<r ${Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ')}/>`)
    for (const [most, document] of [
      [depth, nested],
      [attributes, wide],
    ] as const) {
      parseXml(document(most))
      assert.throws(() => parseXml(document(most + 1)), refused('xml-limit-exceeded'))
    }
  })

  // With all that is in scope written down for each element, this would fill gigabytes and take minutes.
  it('reads and canonicalises namespaces and siblings by the ten thousand (T-XML-02)', () => {
    const inner = '<b xmlns:q="urn:q"/>'.repeat(50_000)
    const document = parseXml(utf8(`${'<?p?>'.repeat(200_000)}<r ${declared(900)}>${inner}</r>`))
    assert.equal([...descendantsOf(document.root)].length, 50_001)
    for (const form of ['c14n', 'exc-c14n'] as const) {
      const inclusivePrefixes = Array.from({ length: 50_000 }, (_, i) => `n${i}`)
      canonicalise(document, { form, withComments: true, inclusivePrefixes })
    }
  })

  it('refuses ASCII with anything else in it', () => {
    const text = (content: string) => utf8(`<?xml version="1.0" encoding="US-ASCII"?><r>${content}</r>`)
    assert.equal(parseXml(text('a')).root.localName, 'r')
    assert.throws(() => parseXml(text('é')), refused('xml-encoding'))
  })

  it('refuses every encoding but UTF-8, whatever the document says of itself (T-XML-01)', () => {
    const utf16 = new Uint8Array(Buffer.from('\uFEFF<r/>', 'utf16le'))
    for (const bytes of [
      utf16,
      Uint8Array.of(0x3c, 0xff, 0x2f, 0x3e),
      concat(utf8('<r>'), Uint8Array.of(0xc0, 0x80)),
    ])
      assert.throws(() => parseXml(bytes), refused('xml-encoding'))
  })
})
