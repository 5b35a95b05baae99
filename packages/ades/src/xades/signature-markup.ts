/** A ds:Signature from its parts: XMLDSig 1.1, 4.2 and EN 319 132-1 V1.3.1, 4.4.1. */
import { type DigestAlgorithm, type SignatureAlgorithm, uriOfSignature } from '@natsuin/pki/algorithms'
import { uriOfCanonicalisation } from '../xml/c14n-methods.ts'
import { base64, declarationsOf, EXCLUSIVE, element, joined, type Markup } from './markup.ts'
import { digestOf } from './signed-properties.ts'

/** Ids within one signature, all of them from its own. */
export const idsOf = (signature: string) => ({
  signature,
  signatureValue: `${signature}-value`,
  signedProperties: `${signature}-signed`,
  reference: (index: number) => `${signature}-reference-${index}`,
  object: (index: number) => `${signature}-object-${index}`,
})

export type SignatureIds = ReturnType<typeof idsOf>

export interface ReferenceParts {
  readonly id?: string
  readonly uri: string
  readonly type?: string
  readonly transforms: readonly Markup[]
  readonly digest: Uint8Array
}

export function signedInfo(
  signatureAlgorithm: SignatureAlgorithm,
  digestAlgorithm: DigestAlgorithm,
  references: readonly ReferenceParts[],
): Markup {
  return element(
    'ds:SignedInfo',
    {},
    canonicalisationMethod(),
    element('ds:SignatureMethod', { Algorithm: uriOfSignature(signatureAlgorithm) }),
    ...references.map(parts => reference(parts, digestAlgorithm)),
  )
}

/** EN 319 132-1 V1.3.1, 4.5: always said, never left to a default. */
export function canonicalisationMethod(): Markup {
  return element('ds:CanonicalizationMethod', { Algorithm: uriOfCanonicalisation(EXCLUSIVE) })
}

/** The transform that makes octets of an element of ours. */
export function exclusiveTransform(): Markup {
  return element('ds:Transform', { Algorithm: uriOfCanonicalisation(EXCLUSIVE) })
}

function reference(
  { id, uri, type, transforms, digest }: ReferenceParts,
  algorithm: DigestAlgorithm,
): Markup {
  return element(
    'ds:Reference',
    { Id: id, Type: type, URI: uri },
    transforms.length === 0 ? undefined : element('ds:Transforms', {}, ...transforms),
    digestOf(algorithm, digest),
  )
}

export function signatureValue(id: string, value: Uint8Array): Markup {
  return element('ds:SignatureValue', { Id: id }, base64(value))
}

export interface SignatureParts {
  readonly ids: SignatureIds
  readonly signedInfo: Markup
  readonly signatureValue: Markup
  /** DER each, the signer's first. */
  readonly certificates: readonly Uint8Array[]
  readonly signedProperties: Markup
  readonly objects: readonly Markup[]
}

export function signatureMarkup(parts: SignatureParts): Markup {
  const { ids, certificates, objects } = parts
  const properties = element(
    'xades:QualifyingProperties',
    { ...declarationsOf('xades'), Target: `#${ids.signature}` },
    parts.signedProperties,
  )
  return element(
    'ds:Signature',
    { ...declarationsOf('ds'), Id: ids.signature },
    parts.signedInfo,
    parts.signatureValue,
    keyInfo(certificates),
    ...objects,
    element('ds:Object', {}, properties),
  )
}

/** EN 319 132-1 V1.3.1, 6.3: the certificates that a path is built from; which is the signer's is signed elsewhere. */
function keyInfo(certificates: readonly Uint8Array[]): Markup {
  const each = certificates.map(der => element('ds:X509Certificate', {}, base64(der)))
  return element('ds:KeyInfo', {}, element('ds:X509Data', {}, joined(...each)))
}
