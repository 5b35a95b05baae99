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
import type { XmlAttribute, XmlDocument, XmlElement, XmlNode } from './node.ts'

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

/** What an element that is written stands in: namespaces as its written ancestors show them. */
type Shown = ReadonlyMap<string, string>

/** Written when its turn comes: a node, or an end-tag. */
type Step = { readonly node: XmlNode; readonly shown: Shown } | string

const NOTHING: Shown = new Map()

class Writer {
  readonly #canonicalisation: Canonicalisation
  readonly #isOmitted: Omission
  readonly #pieces: string[] = []
  readonly #steps: Step[] = []

  constructor(canonicalisation: Canonicalisation, isOmitted: Omission) {
    this.#canonicalisation = canonicalisation
    this.#isOmitted = isOmitted
  }

  write(apex: XmlDocument | XmlElement): string {
    if (apex.kind === 'document') this.#outside(apex)
    else this.#steps.push({ node: apex, shown: NOTHING })
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) this.#take(step)
    return this.#pieces.join('')
  }

  /** A line feed between what stands outside the root and what is next to it (Canonical XML 1.0, 2.3). */
  #outside({ children, root }: XmlDocument): void {
    const written = children.filter(node => node.kind !== 'comment' || this.#canonicalisation.withComments)
    const at = written.indexOf(root)
    const steps = written.flatMap((node, i): Step[] => {
      const step = { node, shown: NOTHING }
      if (i === at) return [step]
      return i < at ? [step, '\n'] : ['\n', step]
    })
    this.#steps.push(...steps.toReversed())
  }

  #take(step: Step): void {
    if (typeof step === 'string') this.#pieces.push(step)
    else if (step.node.kind === 'element') this.#element(step.node, step.shown)
    else this.#pieces.push(this.#leaf(step.node))
  }

  #leaf(node: Exclude<XmlNode, XmlElement>): string {
    if (node.kind === 'text') return escapedText(node.value)
    if (node.kind === 'comment')
      return this.#canonicalisation.withComments ? `<!--${withReturns(node.value)}-->` : ''
    const value = node.value === '' ? '' : ` ${withReturns(node.value)}`
    return `<?${node.target}${value}?>`
  }

  #element(element: XmlElement, around: Shown): void {
    if (this.#isOmitted(element)) return
    const name = nameOf(element)
    const declared = this.#declarations(element, around)
    const attributes = this.#attributes(element, around === NOTHING)
    this.#pieces.push(
      `<${name}${declared.map(declarationText).join('')}${attributes.map(attributeText).join('')}>`,
    )
    const shown = declared.length === 0 && around !== NOTHING ? around : new Map([...around, ...declared])
    this.#steps.push(`</${name}>`)
    for (const node of element.children.toReversed()) this.#steps.push({ node, shown })
  }

  /** The namespace nodes that are written here, in the order of their prefixes. */
  #declarations(element: XmlElement, around: Shown): readonly (readonly [string, string])[] {
    const candidates = this.#isExclusive() ? this.#used(element) : [...element.namespaces.keys(), '']
    return [...new Set(candidates)]
      .map(prefix => [prefix, element.namespaces.get(prefix) ?? ''] as const)
      .filter(([prefix, namespace]) => (around.get(prefix) ?? '') !== namespace)
      .toSorted(([a], [b]) => byCodePoints(a, b))
  }

  #isExclusive(): boolean {
    return this.#canonicalisation.form === 'exc-c14n'
  }

  /** Exclusive XML Canonicalization 1.0, 1.1: what an element and its attributes use visibly. */
  #used({ prefix, attributes, namespaces }: XmlElement): readonly string[] {
    const prefixed = attributes.map(attribute => attribute.prefix).filter(one => one !== '' && one !== 'xml')
    const inclusive = (this.#canonicalisation.inclusivePrefixes ?? []).map(one =>
      one === '#default' ? '' : one,
    )
    return [prefix, ...prefixed, ...inclusive.filter(one => one === '' || namespaces.has(one))].filter(
      one => one !== 'xml',
    )
  }

  #attributes(element: XmlElement, isApex: boolean): readonly XmlAttribute[] {
    const { form } = this.#canonicalisation
    const own = isApex && form !== 'exc-c14n' ? importedAttributes(element, form) : element.attributes
    return own.toSorted(
      (a, b) => byCodePoints(a.namespace, b.namespace) || byCodePoints(a.localName, b.localName),
    )
  }
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
