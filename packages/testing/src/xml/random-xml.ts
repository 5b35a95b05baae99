/**
 * Documents in every spelling that XML allows, for canonicalisation to undo: either quote, CDATA sections, references,
 * line ends, white space in tags, declarations of namespaces that are used, unused, repeated and undone.
 */
import fc from 'fast-check'

const PREFIXES = ['', 'a', 'b'] as const
type Prefix = (typeof PREFIXES)[number]

/**
 * No two prefixes share a namespace, so that no two attributes of an element are the same one. None has a `&` in it:
 * libxml2 2.9.14 writes that as it is, so its canonical form would not be well-formed.
 */
const NAMESPACES: Readonly<Record<Prefix, readonly string[]>> = {
  '': ['', 'urn:default', 'http://example/default'],
  a: ['urn:a', 'http://example/a?x=1;y=2'],
  b: ['urn:b', 'urn:b2'],
}

const CHARACTERS = [
  'x',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '日本',
  '😀',
  '\uE000',
  "'",
  ']]',
  '&amp;',
  '&lt;',
  '&gt;',
  '&#13;',
  '&#x9;',
  '&#10;',
  '&quot;',
]
const text = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 6 }).map(pieces => pieces.join(''))
const space = fc.constantFrom(' ', '\n  ', '\t')

const localName = fc.constantFrom('x', 'y', 'Name-1.z', '名前')
const qualifiedName = fc.tuple(fc.constantFrom(...PREFIXES), localName).map(qualified)

const declaration = fc
  .constantFrom(...PREFIXES)
  .chain(prefix => fc.constantFrom(...NAMESPACES[prefix]).map(namespace => [prefix, namespace] as const))
  .map(([prefix, namespace]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace] as const)
const xmlAttribute = fc.constantFrom(
  ...['ja', 'en-GB', ''].map(value => ['xml:lang', value] as const),
  ...['preserve', 'default'].map(value => ['xml:space', value] as const),
  ...['../up/', 'a/b', 'http://example/c/d'].map(value => ['xml:base', value] as const),
)
const attribute = fc.oneof(fc.tuple(qualifiedName, text), declaration, xmlAttribute)

function qualified([prefix, name]: readonly [string, string]): string {
  return prefix === '' ? name : `${prefix}:${name}`
}

const attributes = fc
  .uniqueArray(attribute, { maxLength: 4, selector: ([name]) => name })
  .chain(list =>
    fc.tuple(
      ...list.map(([name, value]) =>
        fc.tuple(space, fc.boolean()).map(([gap, single]) => written(gap, name, value, single)),
      ),
    ),
  )
  .map(list => list.join(''))

function written(gap: string, name: string, value: string, single: boolean): string {
  const quote = single ? "'" : '"'
  return `${gap}${name}=${quote}${value.replaceAll(quote, single ? '&apos;' : '&quot;')}${quote}`
}

const leaf = fc.oneof(
  text.map(value => value.replaceAll(']]', ']')),
  text.map(value => `<![CDATA[${value.replaceAll(']]', '] ]')}]]>`),
  fc.constantFrom('<!--c -\r\n &amp; -->', '<!---->', '<?pi?>', '<?pi  data ? >\r?>'),
)

const { element } = fc.letrec<{ readonly element: string; readonly content: string }>(tie => ({
  element: fc
    .tuple(
      qualifiedName,
      attributes,
      fc.array(tie('content'), { maxLength: 4 }),
      fc.constantFrom('', ' ', '\n'),
    )
    .map(([name, list, children, gap]) => tag(name, list, children.join(''), gap)),
  content: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('element')),
}))

function tag(name: string, list: string, content: string, gap: string): string {
  return content === '' ? `<${name}${list}${gap}/>` : `<${name}${list}${gap}>${content}</${name}${gap}>`
}

/** An element that stands where the prefixes `a` and `b` are declared. */
export const randomElement: fc.Arbitrary<string> = element

const outside = fc.array(fc.constantFrom('<!-- before -->', '<?outside of it?>', '\n'), { maxLength: 3 })

/** A whole document. */
export const randomDocument: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      '',
      '\uFEFF',
      '<?xml version="1.0"?>',
      "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n",
    ),
    outside,
    element,
    outside,
  )
  .map(([head, before, inner, after]) =>
    [head, ...before, `<r xmlns:a="urn:a" xmlns:b="urn:b">${inner}</r>`, ...after].join(''),
  )

/** A document in which one character is another one, or is missing. */
export const alteredDocument: fc.Arbitrary<string> = fc
  .tuple(
    randomDocument,
    fc.nat(),
    fc.constantFrom('<', '>', '&', '"', "'", '/', '!', '-', ']', ':', 'x', ' ', ''),
  )
  .map(([text, at, character]) => {
    const characters = [...text]
    characters[at % characters.length] = character
    return characters.join('')
  })
