import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fromBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { xmllint, xmlsec1 } from '@natsuin/testing/judges'
import { rounds, seed } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { alteredDocument, randomDocument, randomElement } from '@natsuin/testing/xml'
import fc from 'fast-check'
import { uriOfCanonicalisation } from './c14n-methods.ts'
import { type CanonicalForm, type Canonicalisation, canonicalise } from './canonicalise.ts'
import { joinReferences } from './join-references.ts'
import { descendantsOf, type XmlElement } from './node.ts'
import { parseXml, parseXmlText } from './parse.ts'
import { XmlRefusal } from './refusal.ts'

const folder = temporaryFolder()
const FORMS: readonly CanonicalForm[] = ['c14n', 'c14n11', 'exc-c14n']
const ALL: readonly Canonicalisation[] = FORMS.flatMap(form =>
  [true, false].map(withComments => ({ form, withComments })),
)

const SAMPLE = { numRuns: rounds('property'), seed: seed() }

/** As many at once as a command line and a judge take. */
function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += 200) yield all.slice(i, i + 200)
}

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function isRead(text: string): boolean {
  try {
    parseXml(utf8(text))
    return true
  } catch (error) {
    if (error instanceof XmlRefusal) return false
    throw error
  }
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const canonical = (text: string, canonicalisation: Canonicalisation) =>
  textOf(canonicalise(parseXmlText(text), canonicalisation))

function element(text: string, name: string): XmlElement {
  const found = [...descendantsOf(parseXmlText(text).root)].find(({ localName }) => localName === name)
  return found ?? assert.fail(name)
}

describe('canonicalisation of whole documents', () => {
  function assertAsXmllint(form: CanonicalForm, documents: readonly string[]): void {
    const paths = documents.map((text, i) => written(`${i}.xml`, text))
    const ours = documents.map(text => canonical(text, { form, withComments: true }))
    if (ours.join('') === textOf(xmllint(form, paths))) return
    for (const [i, text] of ours.entries())
      assert.equal(text, textOf(xmllint(form, [paths[i] ?? ''])), `${form}: ${documents[i]}`)
  }

  it('gives what xmllint gives, for documents in every spelling (T-XML-08)', () => {
    for (const documents of inBatches(fc.sample(randomDocument, SAMPLE)))
      for (const form of FORMS) assertAsXmllint(form, documents)
  })

  it('reads a document that was altered anywhere as xmllint does, or not at all (T-XML-08)', () => {
    const altered = fc.sample(alteredDocument, { numRuns: rounds('mutation'), seed: seed() })
    const read = altered.filter(isRead)
    assert.ok(read.length > altered.length / 20)
    for (const documents of inBatches(read)) assertAsXmllint('c14n', documents)
  })

  it('is its own canonical form, and the same document', () => {
    fc.assert(
      fc.property(randomDocument, fc.constantFrom(...ALL), (text, canonicalisation) => {
        const once = canonical(text, canonicalisation)
        assert.equal(canonical(once, canonicalisation), once)
      }),
      SAMPLE,
    )
  })

  // Canonical XML 1.0, 3.1 to 3.6, as far as they have no document type declaration.
  const EXAMPLES: Readonly<Record<string, readonly [string, string]>> = {
    'instructions, comments and what is outside the root': [
      '<?xml version="1.0"?>\n\n<?xml-stylesheet   href="doc.xsl"\n   type="text/xsl"   ?>\n\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n',
      '<?xml-stylesheet href="doc.xsl"\n   type="text/xsl"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>',
    ],
    'start-tags and end-tags': [
      '<doc><e1   /><e3   name = "elem3"   id="elem3"   /><e5 a:attr="out" b:attr="sorted" attr2="all" attr="I\'m" xmlns:b="http://www.ietf.org" xmlns:a="http://www.w3.org" xmlns="http://example.org"/><e6 xmlns="" xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns="" xmlns:a="http://www.w3.org"><e9 xmlns="" xmlns:a="http://www.ietf.org"/></e8></e7></e6></doc>',
      '<doc><e1></e1><e3 id="elem3" name="elem3"></e3><e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I\'m" attr2="all" b:attr="sorted" a:attr="out"></e5><e6 xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns=""><e9 xmlns:a="http://www.ietf.org"></e9></e8></e7></e6></doc>',
    ],
    'character references and modifications': [
      '<doc>\r\n   <text>First line&#x0d;&#10;Second line</text>\n   <value>&#x32;</value>\n   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>\n   <compute expr=\'value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"\'>valid</compute>\n   <norm attr=\' &apos;   &#x20;&#13;&#xa;&#9;   &apos; \'/>\n</doc>',
      '<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>\n   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>\n   <norm attr=" \'    &#xD;&#xA;&#x9;   \' "></norm>\n</doc>',
    ],
    'UTF-8': ['<?xml version="1.0" encoding="utf-8"?>\n<doc>&#169;</doc>', '<doc>©</doc>'],
  }
  for (const [name, [text, expected]] of Object.entries(EXAMPLES)) {
    it(`gives what the standard shows for ${name}`, () =>
      assert.equal(canonical(text, { form: 'c14n', withComments: false }), expected))
  }

  it('escapes namespaces as it escapes attributes', () => {
    const text = '<x xmlns="urn:a?b&amp;c"></x>'
    assert.equal(canonical(text, { form: 'c14n', withComments: false }), text)
  })

  it('orders attributes by code points, not by UTF-16 units', () => {
    const text = '<x xmlns:a="urn:😀" xmlns:b="urn:\uE000" a:c="1" b:c="2"/>'
    assert.match(canonical(text, { form: 'exc-c14n', withComments: false }), / b:c="2" a:c="1"/)
  })
})

describe('canonicalisation of an element with all that is in it', () => {
  /** What xmlsec1 computes over each element with an xml:id, by each method: it fills in the digests of a template. */
  function digestsByXmlsec1(
    documentWith: (signature: string) => string,
    ids: readonly string[],
  ): readonly string[] {
    const references = ids.flatMap(id =>
      FORMS.map(form => {
        const transform = `<Transform Algorithm="${uriOfCanonicalisation({ form, withComments: false })}"/>`
        const digest = '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/>'
        return `<Reference URI="#${id}"><Transforms>${transform}</Transforms>${digest}</Reference>`
      }),
    )
    const methods =
      '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>' +
      '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>'
    const signature = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>${methods}${references.join('')}</SignedInfo><SignatureValue/></Signature>`
    const [template, key] = [
      written('template.xml', documentWith(signature)),
      written('hmac.key', 'not a secret'),
    ]
    const signed = xmlsec1('--sign', '--hmackey', key, template)
    return [...signed.matchAll(/<DigestValue>([^<]*)</g)].map(match => match[1] ?? '')
  }

  const AROUND =
    '<o:outer xmlns:o="urn:o" xmlns="urn:outer" xml:lang="ja" xml:space="preserve" xml:foo="1" xml:base="http://example/x/y">' +
    '<middle xmlns:unused="urn:unused" xmlns:a="urn:a" xmlns:b="urn:b" xml:lang="en" xml:base="z/">'

  it('gives what xmlsec1 digests, wherever the element stands (T-XML-08)', async () => {
    for (const elements of inBatches(fc.sample(randomElement, SAMPLE))) {
      const parts = elements.map(
        (text, i) => `<e${i} xml:id="i${i}"${i % 2 === 0 ? ' xml:base="w"' : ''}>${text}</e${i}>`,
      )
      const documentWith = (signature: string) => `${AROUND}${parts.join('')}</middle>${signature}</o:outer>`
      const ids = elements.map((_, i) => `i${i}`)
      const digests = digestsByXmlsec1(documentWith, ids)
      const all = [...descendantsOf(parseXmlText(documentWith('')).root)]
      const found = all.filter(({ localName }) => /^e\d+$/.test(localName))
      assert.equal(digests.length, found.length * FORMS.length)
      for (const [i, apex] of found.entries()) {
        for (const [j, form] of FORMS.entries()) {
          const bytes = canonicalise(apex, { form, withComments: false })
          const expected = fromBase64(digests[i * FORMS.length + j] ?? '')
          assert.deepEqual(await nodePlatform.digest('sha256', bytes), expected, `${form}: ${parts[i]}`)
        }
      }
    }
  })

  const text =
    '<r xmlns="urn:d" xmlns:a="urn:a" xml:lang="ja" xml:id="r"><e a:x="1"><!-- c --><f xmlns:b="urn:b"/></e></r>'

  it('leaves namespaces that it does not use to their ancestors only in the exclusive form', () => {
    const apex = element(text, 'e')
    const by = (form: CanonicalForm) => textOf(canonicalise(apex, { form, withComments: true }))
    const inner = '<!-- c --><f xmlns:b="urn:b"></f></e>'
    assert.equal(by('c14n'), `<e xmlns="urn:d" xmlns:a="urn:a" xml:id="r" xml:lang="ja" a:x="1">${inner}`)
    assert.equal(by('c14n11'), `<e xmlns="urn:d" xmlns:a="urn:a" xml:lang="ja" a:x="1">${inner}`)
    assert.equal(by('exc-c14n'), '<e xmlns="urn:d" xmlns:a="urn:a" a:x="1"><!-- c --><f></f></e>')
  })

  it('shows the prefixes of an InclusiveNamespaces list as the inclusive form does', () => {
    const apex = element('<r xmlns="urn:d" xmlns:a="urn:a" xmlns:z="urn:z"><a:e><a:f/></a:e></r>', 'e')
    const exclusive = {
      form: 'exc-c14n',
      withComments: false,
      inclusivePrefixes: ['#default', 'z', 'unknown'],
    } as const
    assert.equal(
      textOf(canonicalise(apex, exclusive)),
      '<a:e xmlns="urn:d" xmlns:a="urn:a" xmlns:z="urn:z"><a:f></a:f></a:e>',
    )
  })

  it('leaves out what it is told to, with all that is in it', () => {
    const document = parseXmlText('<r>a<s>b<t/></s>c</r>')
    const octets = canonicalise(
      document,
      { form: 'c14n', withComments: false },
      ({ localName }) => localName === 's',
    )
    assert.equal(textOf(octets), '<r>ac</r>')
  })

  it('needs no stack for what is deep, within the limit', () => {
    const deep = `${'<e>'.repeat(500)}${'</e>'.repeat(500)}`
    assert.deepEqual(canonicalise(parseXmlText(deep), { form: 'c14n', withComments: false }), utf8(deep))
  })
})

describe('joining references (Canonical XML 1.1, 2.4)', () => {
  const JOINED: readonly (readonly [string, string, string])[] = [
    ['http://example/x/y', 'z', 'http://example/x/z'],
    ['http://example', 'z', 'http://example/z'],
    ['../bar/foo', '../x', '../x'],
    ['..', 'x', '../x'],
    ['foo/bar', '..', ''],
    ['foo/bar/', '..', 'foo/'],
    ['a/b', 'http://other/./c', 'http://other/c'],
    ['http://example/x', '//other/c', 'http://other/c'],
    ['a//b/', './c', 'a/b/c'],
    ['a/b?q', '', 'a/b?q'],
    ['a/b?q', '?r#f', 'a/b?r'],
    ['/a/b', '/../c', '/c'],
  ]
  for (const [base, reference, expected] of JOINED)
    it(`${base} and ${reference || 'nothing'}`, () => assert.equal(joinReferences(base, reference), expected))
})
