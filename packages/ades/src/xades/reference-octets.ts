/**
 * The octets behind a ds:Reference, for whoever augments: XMLDSig 1.1, 4.4.3.2. The verifier has its own and stricter
 * view of this.
 */

import { type ByteSource, bytesSource } from '../pdf/byte-source.ts'
import { AdesRefusal } from '../refusal.ts'
import { canonicalisationOf } from '../xml/c14n-methods.ts'
import { type Canonicalisation, canonicalise, type Omission } from '../xml/canonicalise.ts'
import { attributeOf, descendantsOf, isNamed, type XmlDocument, type XmlElement } from '../xml/node.ts'
import { bytesIn, childrenOf, textIn } from './signature-structure.ts'
import { DS, TRANSFORMS } from './vocabulary.ts'

/** Detached objects by the URI that the signature names them by; `undefined` for one that is not at hand. */
export type DetachedObjects = (uri: string) => ByteSource | undefined

export interface ReferenceContext {
  readonly document: XmlDocument
  readonly signature: XmlElement
  readonly detached: DetachedObjects | undefined
  /** For nodes that no transform makes octets of. */
  readonly canonicalisation: Canonicalisation
}

/** @throws AdesRefusal `content-missing`, `signature-unreadable` */
export function octetsOf(reference: XmlElement, context: ReferenceContext): ByteSource {
  const uri = attributeOf(reference, 'URI')
  const transforms = transformsOf(reference)
  if (uri === undefined) throw new AdesRefusal('signature-unreadable', 'reference without URI')
  if (uri === '' || uri.startsWith('#')) return bytesSource(sameDocument(uri, transforms, context))
  if (transforms.length > 0) throw new AdesRefusal('signature-unreadable', 'transforms of a detached object')
  const source = context.detached?.(uri)
  if (source === undefined) throw new AdesRefusal('content-missing', uri)
  return source
}

/** Whether it leads to nodes that no transform makes octets of, so that whoever uses them has to say how. */
export function endsInNodes(reference: XmlElement): boolean {
  const uri = attributeOf(reference, 'URI')
  const last = transformsOf(reference).at(-1)
  const algorithm = (last && attributeOf(last, 'Algorithm')) ?? ''
  const isOctets = algorithm === TRANSFORMS.base64 || canonicalisationOf(algorithm) !== undefined
  return (uri === '' || uri?.startsWith('#') === true) && !isOctets
}

function transformsOf(reference: XmlElement): readonly XmlElement[] {
  const lists = childrenOf(reference, [DS, 'Transforms'])
  return lists.flatMap(list => childrenOf(list, [DS, 'Transform']))
}

function sameDocument(uri: string, transforms: readonly XmlElement[], context: ReferenceContext): Uint8Array {
  const node = uri === '' ? context.document : elementById(context.document, uri.slice(1))
  let isOmitted: Omission = () => false
  for (const transform of transforms) {
    const algorithm = attributeOf(transform, 'Algorithm') ?? ''
    const canonicalisation = canonicalisationBy(transform)
    if (algorithm === TRANSFORMS.base64 && node.kind === 'element') return bytesIn(node)
    // Comments are no part of what a same-document reference selects (XMLDSig 1.1, 4.4.3.3).
    if (canonicalisation) return canonicalise(node, { ...canonicalisation, withComments: false }, isOmitted)
    isOmitted = omissionOf(algorithm, transform, context.signature)
  }
  return canonicalise(node, context.canonicalisation, isOmitted)
}

/** With the prefixes that an exclusive form shows inclusively (Exclusive XML Canonicalization 1.0, 4). */
function canonicalisationBy(transform: XmlElement): Canonicalisation | undefined {
  const canonicalisation = canonicalisationOf(attributeOf(transform, 'Algorithm') ?? '')
  const [list] = childrenOf(transform, [EXCLUSIVE_NAMESPACE, 'InclusiveNamespaces'])
  if (canonicalisation?.form !== 'exc-c14n' || list === undefined) return canonicalisation
  const prefixes = attributeOf(list, 'PrefixList') ?? ''
  return { ...canonicalisation, inclusivePrefixes: prefixes.split(/\s+/).filter(prefix => prefix !== '') }
}

const EXCLUSIVE_NAMESPACE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

function omissionOf(algorithm: string, transform: XmlElement, signature: XmlElement): Omission {
  if (algorithm === TRANSFORMS.enveloped) return one => one === signature
  const expression = EXPRESSIONS[algorithm]
  const [xpath] = transform.children.filter(node => node.kind === 'element')
  if (expression === undefined || xpath === undefined || textIn(xpath).trim() !== expression)
    throw new AdesRefusal('signature-unreadable', `transform ${algorithm}`)
  return one => isNamed(one, [DS, 'Signature'])
}

/** The expressions that take all signatures out, and no others. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  [TRANSFORMS.filter]: '/descendant::ds:Signature',
  [TRANSFORMS.xpath]: 'not(ancestor-or-self::ds:Signature)',
}

function elementById({ root }: XmlDocument, id: string): XmlElement {
  const [only, ...more] = [...descendantsOf(root)].filter(one => attributeOf(one, 'Id') === id)
  if (only === undefined || more.length > 0) throw new AdesRefusal('signature-unreadable', `Id ${id}`)
  return only
}

export function referencesIn(signedInfo: XmlElement): readonly XmlElement[] {
  return childrenOf(signedInfo, [DS, 'Reference'])
}
