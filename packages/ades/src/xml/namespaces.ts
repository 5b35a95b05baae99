/** Names with their namespaces: Namespaces in XML 1.0, 3 to 6. */
import { XML_NAMESPACE, XMLNS_NAMESPACE, type XmlAttribute } from './node.ts'
import { XmlRefusal } from './refusal.ts'

export interface TagName {
  /** As it stands in the document. */
  readonly text: string
  readonly prefix: string
  readonly localName: string
}

export interface RawAttribute extends TagName {
  readonly value: string
}

export interface ResolvedNames {
  readonly prefix: string
  readonly localName: string
  readonly namespace: string
  readonly declarations: ReadonlyMap<string, string>
  readonly attributes: readonly XmlAttribute[]
}

/**
 * What is in scope while a document is read. One for all elements: with a map for each, a document of two megabytes would
 * fill gigabytes.
 */
export class Scope {
  readonly #limit: number
  readonly #declared = new Map<string, string[]>()
  #count = 0

  /** @param limit  declarations of all open elements together */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws XmlRefusal `xml-limit-exceeded` */
  enter(declarations: ReadonlyMap<string, string>): void {
    this.#count += declarations.size
    if (this.#count > this.#limit) throw new XmlRefusal('xml-limit-exceeded', 'namespaces')
    for (const [prefix, namespace] of declarations) {
      const declared = this.#declared.get(prefix)
      if (declared === undefined) this.#declared.set(prefix, [namespace])
      else declared.push(namespace)
    }
  }

  leave(declarations: ReadonlyMap<string, string>): void {
    this.#count -= declarations.size
    for (const prefix of declarations.keys()) this.#declared.get(prefix)?.pop()
  }

  /** `undefined` where it is not declared; empty where it is undeclared. */
  get(prefix: string): string | undefined {
    return this.#declared.get(prefix)?.at(-1)
  }
}

/**
 * @param scope  around the element; its own declarations are put in
 * @throws XmlRefusal `xml-namespaces`, and `xml-malformed` for an attribute that is there twice
 */
export function resolveNames(
  { prefix, localName }: TagName,
  raw: readonly RawAttribute[],
  scope: Scope,
): ResolvedNames {
  const declarations = declarationsIn(raw)
  scope.enter(declarations)
  if (prefix === 'xmlns') throw refused('prefix of an element')
  const attributes = raw.filter(attribute => !isDeclaration(attribute)).map(one => resolve(one, scope))
  checkDistinct(attributes)
  const namespace = prefix === '' ? (scope.get('') ?? '') : namespaceOf(prefix, scope)
  return { prefix, localName, namespace, declarations, attributes }
}

const NONE: ReadonlyMap<string, string> = new Map()

function isDeclaration({ prefix, text }: TagName): boolean {
  return prefix === 'xmlns' || text === 'xmlns'
}

function declarationsIn(raw: readonly RawAttribute[]): ReadonlyMap<string, string> {
  const declared = raw.filter(isDeclaration)
  if (declared.length === 0) return NONE
  const declarations = new Map<string, string>()
  for (const attribute of declared) {
    const prefix = attribute.prefix === 'xmlns' ? attribute.localName : ''
    if (declarations.has(prefix)) throw new XmlRefusal('xml-malformed', 'attribute twice')
    checkDeclaration(prefix, attribute.value)
    declarations.set(prefix, attribute.value)
  }
  return declarations
}

function checkDeclaration(prefix: string, namespace: string): void {
  const reserved = prefix === 'xmlns' || namespace === XMLNS_NAMESPACE
  const aboutXml = (prefix === 'xml') !== (namespace === XML_NAMESPACE)
  if (reserved || aboutXml) throw refused('reserved')
  // Namespaces in XML 1.0, 5: only the default namespace can be undeclared.
  if (prefix !== '' && namespace === '') throw refused('undeclared prefix')
  // Canonical XML 1.0, 1.3: a document with a relative namespace has no canonical form.
  if (namespace !== '' && !ABSOLUTE.test(namespace)) throw refused('namespace that is no absolute URI')
}

// RFC 3986, 4.3, without user names and IPv6 addresses, which no namespace has; characters beyond ASCII are let be.
const NO_URI = '\\u{0}-\\u{20}"<>\\\\^`{|}[\\]'
const ABSOLUTE = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?://[^:/?#${NO_URI}]*(?::[0-9]+)?(?=[/?#]|$)|(?!//))[^${NO_URI}]*$`,
  'u',
)

/** Attributes without a prefix are in no namespace (6.2). */
function resolve({ prefix, localName, value }: RawAttribute, scope: Scope): XmlAttribute {
  const namespace = prefix === '' ? '' : namespaceOf(prefix, scope)
  return { prefix, localName, namespace, value }
}

function namespaceOf(prefix: string, scope: Scope): string {
  const namespace = prefix === 'xml' ? XML_NAMESPACE : scope.get(prefix)
  if (namespace === undefined) throw refused('unknown prefix')
  return namespace
}

/** 6.3: nor may two have one name by different prefixes. */
function checkDistinct(attributes: readonly XmlAttribute[]): void {
  if (attributes.length < 2) return
  const names = new Set(attributes.map(({ namespace, localName }) => `${localName} ${namespace}`))
  if (names.size < attributes.length) throw new XmlRefusal('xml-malformed', 'attribute twice')
}

function refused(what: string): XmlRefusal {
  return new XmlRefusal('xml-namespaces', what)
}
