/**
 * What a ds:Reference is over: XMLDSig 1.1, 4.4.3, with far less than it allows. A reference leads to the document around
 * the signature, to an object inside it, to the value that a counter-signature is over, or to what the verifier was
 * handed; never to some element that happens to have the Id (T-XML-03). Transforms are those that leave no doubt about
 * what is selected (T-XML-06).
 */
import type { ByteSource } from '../../pdf/byte-source.ts'
import { type Canonicalisation, canonicalise, type Omission } from '../../xml/canonicalise.ts'
import {
  attributeOf,
  descendantsOf,
  isNamed,
  namespacesOf,
  type XmlDocument,
  type XmlElement,
} from '../../xml/node.ts'
import { ValidationEnded } from '../verdict.ts'
import { canonicalisationIn } from './canonical.ts'
import type { ElementsById } from './ids.ts'
import { inMemory } from './octets.ts'
import {
  algorithmOf,
  bytesIn,
  childOf,
  childrenOf,
  DS,
  malformed,
  partsIn,
  partsOf,
  type SignatureParts,
  textIn,
} from './signature-parts.ts'

export interface SignedDocument {
  readonly document: XmlDocument
  readonly byId: ElementsById
  /** Objects that are elsewhere, by the URI of the signature. */
  readonly detached: ((uri: string) => ByteSource | undefined) | undefined
}

/** For nodes that no transform makes octets of (XMLDSig 1.1, 4.4.3.2). */
export const DEFAULT: Canonicalisation = { form: 'c14n', withComments: false }

/**
 * @param otherwise      how nodes become octets where no transform says it
 * @param counterSigned  the SignatureValue that a counter-signature may be over
 * @throws ValidationEnded
 */
export function contentOf(
  reference: XmlElement,
  parts: SignatureParts,
  signed: SignedDocument & { readonly counterSigned: XmlElement | undefined },
  otherwise = DEFAULT,
): ByteSource {
  const uri = attributeOf(reference, 'URI')
  if (uri === undefined) throw malformed('reference without URI')
  const transforms = childrenOf(reference, [DS, 'Transforms']).flatMap(partsIn)
  if (uri !== '' && !uri.startsWith('#')) return elsewhere(uri, transforms, signed)
  const place = uri === '' ? signed.document : signed.byId.get(uri.slice(1))
  if (place === undefined) throw malformed(`reference to ${uri}`)
  if (!isInPlace(place, parts, signed)) throw malformed(`reference to ${uri}, which is not where it belongs`)
  const octets = octetsOf(place, transforms, parts, otherwise)
  if (octets.length === 0) throw malformed(`reference to ${uri}, which is nothing`)
  return inMemory(octets)
}

function elsewhere(uri: string, transforms: readonly XmlElement[], { detached }: SignedDocument): ByteSource {
  if (transforms.length > 0) throw malformed('transforms of a detached object')
  const source = detached?.(uri)
  if (source === undefined) throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', uri)
  return source
}

type Place = XmlDocument | XmlElement

function isInPlace(
  place: Place,
  parts: SignatureParts,
  { document, counterSigned }: SignedDocument & { readonly counterSigned: XmlElement | undefined },
): boolean {
  if (place.kind === 'document' || place === parts.signedProperties || place === counterSigned) return true
  if (place === document.root) return true
  if (parts.objects.includes(place)) return true
  const { parent } = place
  return parent !== undefined && parts.objects.includes(parent) && partsIn(parent).length === 1
}

function octetsOf(
  place: Place,
  transforms: readonly XmlElement[],
  parts: SignatureParts,
  otherwise: Canonicalisation,
): Uint8Array {
  let isOmitted: Omission = () => false
  for (const [i, transform] of transforms.entries()) {
    const isLast = i === transforms.length - 1
    const canonicalisation = canonicalisationIn(transform)
    if (algorithmOf(transform) === BASE64 && isLast && place.kind === 'element') return bytesIn(place)
    // Comments are no part of what a same-document reference selects (XMLDSig 1.1, 4.4.3.3).
    if (canonicalisation && isLast)
      return canonicalise(place, { ...canonicalisation, withComments: false }, isOmitted)
    isOmitted = omissionOf(transform, place, parts)
  }
  return canonicalise(place, { ...otherwise, withComments: false }, isOmitted)
}

const BASE64 = `${DS}base64`
const ENVELOPED = `${DS}enveloped-signature`
const FILTER = 'http://www.w3.org/2002/06/xmldsig-filter2'
const XPATH = 'http://www.w3.org/TR/1999/REC-xpath-19991116'

/** The expressions that take out all signatures, and the namespace of their element. */
const EXPRESSIONS: Readonly<Record<string, readonly [namespace: string, expression: RegExp]>> = {
  [FILTER]: [FILTER, /^\s*\/descendant::([\w.-]+):Signature\s*$/],
  [XPATH]: [DS, /^\s*not\(\s*ancestor-or-self::([\w.-]+):Signature\s*\)\s*$/],
}

function omissionOf(transform: XmlElement, place: Place, { element }: SignatureParts): Omission {
  const algorithm = algorithmOf(transform)
  if (algorithm === ENVELOPED) return one => one === element
  const [namespace, expression] = EXPRESSIONS[algorithm] ?? unsupported(algorithm)
  const xpath = childOf(transform, [namespace, 'XPath'])
  const prefix = expression.exec(textIn(xpath))?.[1] ?? unsupported(algorithm)
  const subtracts = algorithm === XPATH || attributeOf(xpath, 'Filter') === 'subtract'
  if (namespacesOf(xpath).get(prefix) !== DS || !subtracts) return unsupported(algorithm)
  checkSignatures(place)
  return one => isNamed(one, [DS, 'Signature'])
}

/** What is taken out has to be signatures and nothing else, or anything could hide under the name. */
function checkSignatures(place: Place): void {
  const root = place.kind === 'document' ? place.root : place
  for (const one of descendantsOf(root)) if (isNamed(one, [DS, 'Signature'])) partsOf(one)
}

function unsupported(algorithm: string): never {
  throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', `transform ${algorithm}`)
}
