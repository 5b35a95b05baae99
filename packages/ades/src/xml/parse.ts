/**
 * A strict XML reader: XML 1.0 without document type declarations, Namespaces in XML 1.0.
 *
 * Ours, because every byte counts for canonicalisation and because a reader that resolves, fetches or repairs is how
 * XML signatures are attacked: here is nothing that could. Without recursion, so that depth is a limit and not a crash.
 */
import { FORBIDDEN, PLAIN_NAME, QNAME, withLineFeeds } from './characters.ts'
import { decodeXml } from './decode.ts'
import { DEFAULT_XML_LIMITS, type XmlLimits } from './limits.ts'
import { type RawAttribute, resolveNames, Scope, type TagName } from './namespaces.ts'
import type { XmlDocument, XmlElement, XmlNode } from './node.ts'
import { attributeValueOf, textOf } from './references.ts'
import { XmlRefusal } from './refusal.ts'

/** The document in these bytes, read strictly. @throws XmlRefusal */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = DEFAULT_XML_LIMITS): XmlDocument {
  return parseXmlText(decodeXml(bytes), limits)
}

/** The same for text that is decoded already. */
export function parseXmlText(text: string, limits: XmlLimits = DEFAULT_XML_LIMITS): XmlDocument {
  return new Parser(text, limits).document()
}

/** An element whose end-tag is still to come. */
interface OpenElement extends XmlElement {
  readonly children: XmlNode[]
  position: XmlElement['position']
  readonly name: string
}

const DECLARATION =
  /^\uFEFF?(?:<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.0\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[A-Za-z][\w.-]*\2)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\3)?[ \t\r\n]*\?>)?/
const SPACE = /[ \t\r\n]*/y
const EQUALS = /[ \t\r\n]*=[ \t\r\n]*/y
const QUOTED = /"([^"<]*)"|'([^'<]*)'/y

class Parser {
  readonly #text: string
  readonly #limits: XmlLimits
  readonly #top: XmlNode[] = []
  readonly #open: OpenElement[] = []
  readonly #scope: Scope
  #at = 0

  constructor(text: string, limits: XmlLimits) {
    this.#text = text
    this.#limits = limits
    this.#scope = new Scope(limits.namespaces)
  }

  document(): XmlDocument {
    if (FORBIDDEN.test(this.#text)) throw this.#malformed('character')
    this.#at = DECLARATION.exec(this.#text)?.[0].length ?? 0
    while (this.#at < this.#text.length) this.#next()
    const [root, second] = this.#top.filter(node => node.kind === 'element')
    if (root === undefined || second !== undefined || this.#open.length > 0)
      throw this.#malformed('root element')
    return { kind: 'document', text: this.#text, root, children: this.#top }
  }

  #next(): void {
    const text = this.#text
    if (text[this.#at] !== '<') this.#characters()
    else if (text.startsWith('<!--', this.#at)) this.#comment()
    else if (text.startsWith('<![CDATA[', this.#at)) this.#section()
    else if (text.startsWith('<!DOCTYPE', this.#at)) throw new XmlRefusal('xml-doctype')
    else if (text.startsWith('<?', this.#at)) this.#instruction()
    else if (text.startsWith('</', this.#at)) this.#endTag()
    else this.#startTag()
  }

  #characters(): void {
    const end = this.#text.indexOf('<', this.#at)
    const raw = this.#text.slice(this.#at, end < 0 ? undefined : end)
    // XML 1.0, 2.4.
    if (raw.includes(']]>')) throw this.#malformed('end of a CDATA section')
    this.#addText(textOf(raw), raw)
    this.#at += raw.length
  }

  #section(): void {
    const raw = this.#until(']]>', '<![CDATA['.length)
    if (this.#open.length === 0) throw this.#malformed('CDATA section outside the root')
    this.#addText(withLineFeeds(raw), raw)
  }

  /** Text nodes that touch each other are one in the data model. */
  #addText(value: string, raw: string): void {
    const siblings = this.#open.at(-1)?.children
    if (siblings === undefined) {
      if (!/^[ \t\r\n]*$/.test(raw)) throw this.#malformed('text outside the root')
      return
    }
    const last = siblings.at(-1)
    if (value === '') return
    if (last?.kind === 'text') siblings[siblings.length - 1] = { kind: 'text', value: last.value + value }
    else siblings.push({ kind: 'text', value })
  }

  #comment(): void {
    const value = this.#until('--', '<!--'.length)
    if (this.#text[this.#at] !== '>') throw this.#malformed('comment')
    this.#at += 1
    this.#add({ kind: 'comment', value: withLineFeeds(value) })
  }

  #instruction(): void {
    const raw = this.#until('?>', '<?'.length)
    const target = nameAt(PLAIN_NAME, raw, 0)
    const rest = raw.slice(target?.length)
    if (target === undefined || /^xml$/i.test(target) || !/^(?:$|[ \t\r\n])/.test(rest))
      throw this.#malformed('processing instruction')
    this.#add({ kind: 'instruction', target, value: withLineFeeds(rest).replace(/^[ \t\n]+/, '') })
  }

  /** What stands before the delimiter; goes on behind it. */
  #until(delimiter: string, skipped: number): string {
    const from = this.#at + skipped
    const end = this.#text.indexOf(delimiter, from)
    if (end < 0) throw this.#malformed('end of the document')
    this.#at = end + delimiter.length
    return this.#text.slice(from, end)
  }

  #startTag(): void {
    const start = this.#at
    this.#at += 1
    const name = this.#name()
    const attributes = this.#attributes()
    const empty = this.#take('/')
    if (!this.#take('>')) throw this.#malformed('start-tag')
    const parent = this.#open.at(-1)
    const position = { start, contentStart: this.#at, contentEnd: this.#at, end: this.#at }
    const element: OpenElement = {
      kind: 'element',
      name: name.text,
      parent,
      children: [],
      position,
      ...resolveNames(name, attributes, this.#scope),
    }
    this.#add(element)
    if (empty) this.#scope.leave(element.declarations)
    else this.#open.push(element)
    if (this.#open.length > this.#limits.depth) throw new XmlRefusal('xml-limit-exceeded', 'depth')
  }

  #endTag(): void {
    const contentEnd = this.#at
    this.#at += '</'.length
    const { text } = this.#name()
    this.#skip(SPACE)
    const element = this.#open.pop()
    if (element?.name !== text || !this.#take('>')) throw this.#malformed('end-tag')
    element.position = { ...element.position, contentEnd, end: this.#at }
    this.#scope.leave(element.declarations)
  }

  #attributes(): readonly RawAttribute[] {
    const attributes: RawAttribute[] = []
    while (this.#skip(SPACE) && /[^/>]/.test(this.#text[this.#at] ?? '>')) {
      const name = this.#name()
      if (!this.#skip(EQUALS)) throw this.#malformed('attribute')
      attributes.push({ ...name, value: attributeValueOf(this.#quoted()) })
      if (attributes.length > this.#limits.attributes)
        throw new XmlRefusal('xml-limit-exceeded', 'attributes')
    }
    return attributes
  }

  #quoted(): string {
    QUOTED.lastIndex = this.#at
    const match = QUOTED.exec(this.#text)
    if (match === null) throw this.#malformed('attribute value')
    this.#at += match[0].length
    return match[1] ?? match[2] ?? ''
  }

  #name(): TagName {
    QNAME.lastIndex = this.#at
    const match = QNAME.exec(this.#text)
    if (match === null) throw this.#malformed('name')
    const [text, prefix = '', localName = ''] = match
    this.#at += text.length
    return { text, prefix, localName }
  }

  /** Whether there was anything to skip. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const skipped = pattern.exec(this.#text)?.[0].length ?? 0
    this.#at += skipped
    return skipped > 0
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #add(node: XmlNode): void {
    const siblings = this.#open.at(-1)?.children ?? this.#top
    siblings.push(node)
  }

  #malformed(what: string): XmlRefusal {
    return new XmlRefusal('xml-malformed', `${what} at ${this.#at}`)
  }
}

function nameAt(pattern: RegExp, text: string, from: number): string | undefined {
  pattern.lastIndex = from
  return pattern.exec(text)?.[0]
}
