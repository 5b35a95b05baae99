/**
 * Canonical XML 1.0, Canonical XML 1.1 and Exclusive XML Canonicalization 1.0 of a document or of an element with all
 * that is in it, with and without comments, and without signatures that are cut out.
 *
 * One walk for all of them: they differ in which namespaces an element shows, and in what an element whose ancestors
 * are left out takes over from them.
 */
import { utf8 } from '@natsuin/pki/encoding'
import { byCodePoints } from './code-points.ts'
import { importedAttributes } from './imported-attributes.ts'
import { Scope } from './namespaces.ts'
import { namespacesOf, type XmlAttribute, type XmlDocument, type XmlElement, type XmlNode } from './node.ts'

export type CanonicalForm = 'c14n' | 'c14n11' | 'exc-c14n'

export interface Canonicalisation {
  readonly form: CanonicalForm
  readonly withComments: boolean
  /** Exclusive only: prefixes that are shown as in the inclusive form; `#default` is the empty one (3). */
  readonly inclusivePrefixes?: readonly string[]
}

export type Omission = (element: XmlElement) => boolean

/**
 * The octets of a node and all that is in it.
 *
 * @param isOmitted  elements that are left out with all that is in them
 */
export function canonicalise(
  apex: XmlDocument | XmlElement,
  canonicalisation: Canonicalisation,
  isOmitted: Omission = () => false,
): Uint8Array<ArrayBuffer> {
  return utf8(new Writer(canonicalisation, isOmitted).write(apex))
}

interface EndTag {
  readonly kind: 'end-tag'
  readonly name: string
  /** Written in the start-tag. */
  readonly declared: ReadonlyMap<string, string>
}

/** Written when its turn comes. */
type Step = XmlNode | EndTag | '\n'

class Writer {
  readonly #canonicalisation: Canonicalisation
  readonly #isOmitted: Omission
  readonly #inclusive: ReadonlySet<string>
  readonly #pieces: string[] = []
  readonly #steps: Step[] = []
  /** The element that has no ancestor among what is written. */
  #apex: XmlElement | undefined
  /** Namespaces as the elements that are open show them. */
  readonly #shown = new Scope(Number.POSITIVE_INFINITY)

  constructor(canonicalisation: Canonicalisation, isOmitted: Omission) {
    this.#canonicalisation = canonicalisation
    this.#isOmitted = isOmitted
    const { inclusivePrefixes = [] } = canonicalisation
    this.#inclusive = new Set(inclusivePrefixes.map(one => (one === '#default' ? '' : one)))
  }

  write(apex: XmlDocument | XmlElement): string {
    this.#apex = apex.kind === 'document' ? apex.root : apex
    if (apex.kind === 'document') this.#outside(apex)
    else this.#steps.push(apex)
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) this.#take(step)
    return this.#pieces.join('')
  }

  /** A line feed between what stands outside the root and what is next to it (Canonical XML 1.0, 2.3). */
  #outside({ children, root }: XmlDocument): void {
    const written = children.filter(node => node.kind !== 'comment' || this.#canonicalisation.withComments)
    const at = written.indexOf(root)
    // The last is taken first.
    for (const [i, node] of [...written.entries()].toReversed()) {
      if (i < at) this.#steps.push('\n')
      this.#steps.push(node)
      if (i > at) this.#steps.push('\n')
    }
  }

  #take(step: Step): void {
    if (step === '\n') this.#pieces.push(step)
    else if (step.kind === 'element') this.#element(step)
    else if (step.kind === 'end-tag') this.#endTag(step)
    else this.#pieces.push(this.#leaf(step))
  }

  #leaf(node: Exclude<XmlNode, XmlElement>): string {
    if (node.kind === 'text') return escapedText(node.value)
    if (node.kind === 'comment')
      return this.#canonicalisation.withComments ? `<!--${withReturns(node.value)}-->` : ''
    const value = node.value === '' ? '' : ` ${withReturns(node.value)}`
    return `<?${node.target}${value}?>`
  }

  #element(element: XmlElement): void {
    if (this.#isOmitted(element)) return
    const name = nameOf(element)
    const declared = new Map(this.#declarations(element))
    const declarations = [...declared].map(declarationText)
    const attributes = this.#attributes(element).map(attributeText)
    this.#pieces.push(`<${name}${declarations.join('')}${attributes.join('')}>`)
    this.#shown.enter(declared)
    this.#steps.push({ kind: 'end-tag', name, declared })
    for (const node of element.children.toReversed()) this.#steps.push(node)
  }

  #endTag({ name, declared }: EndTag): void {
    this.#shown.leave(declared)
    this.#pieces.push(`</${name}>`)
  }

  /** The namespace nodes that are written here, in the order of their prefixes. */
  #declarations(element: XmlElement): readonly (readonly [string, string])[] {
    const candidates = new Map(this.#entering(element))
    if (this.#isExclusive) for (const [prefix, namespace] of used(element)) candidates.set(prefix, namespace)
    candidates.delete('xml')
    return [...candidates]
      .filter(([prefix, namespace]) => (this.#shown.get(prefix) ?? '') !== namespace)
      .toSorted(([a], [b]) => byCodePoints(a, b))
  }

  /** What is written wherever it comes into scope: below the apex that is where it is declared. */
  #entering(element: XmlElement): readonly (readonly [string, string])[] {
    const entering = [...(element === this.#apex ? namespacesOf(element) : element.declarations)]
    return this.#isExclusive ? entering.filter(([prefix]) => this.#inclusive.has(prefix)) : entering
  }

  get #isExclusive(): boolean {
    return this.#canonicalisation.form === 'exc-c14n'
  }

  #attributes(element: XmlElement): readonly XmlAttribute[] {
    const { form } = this.#canonicalisation
    const own =
      element === this.#apex && form !== 'exc-c14n' ? importedAttributes(element, form) : element.attributes
    return own.toSorted(
      (a, b) => byCodePoints(a.namespace, b.namespace) || byCodePoints(a.localName, b.localName),
    )
  }
}

/** Exclusive XML Canonicalization 1.0, 1.1: what an element and its attributes use visibly. */
function used({ prefix, namespace, attributes }: XmlElement): readonly (readonly [string, string])[] {
  const prefixed = attributes.filter(attribute => attribute.prefix !== '')
  return [[prefix, namespace], ...prefixed.map(one => [one.prefix, one.namespace] as const)]
}

function nameOf({ prefix, localName }: XmlElement | XmlAttribute): string {
  return prefix === '' ? localName : `${prefix}:${localName}`
}

function declarationText([prefix, namespace]: readonly [string, string]): string {
  return ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapedValue(namespace)}"`
}

function attributeText(attribute: XmlAttribute): string {
  return ` ${nameOf(attribute)}="${escapedValue(attribute.value)}"`
}

/** Canonical XML 1.0, 2.3. */
function escapedText(text: string): string {
  return text.replace(/[&<>\r]/g, character => ESCAPES[character] ?? character)
}

function escapedValue(text: string): string {
  return text.replace(/[&<"\t\n\r]/g, character => ESCAPES[character] ?? character)
}

function withReturns(text: string): string {
  return text.replaceAll('\r', '&#xD;')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
