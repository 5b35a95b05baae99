/**
 * A signature in a document as whoever augments or countersigns it needs it: its parts, and the unsigned properties in
 * their order. EN 319 132-1 V1.3.1, 4.3 and 4.4.1. Verifying it is somebody else's business.
 */
import { digestByUri } from '@natsuin/pki/algorithms'
import { equal, fromBase64 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type Certificate, readableCertificates } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import {
  attributeOf,
  descendantsOf,
  elementsOf,
  isNamed,
  type XmlDocument,
  type XmlElement,
} from '../xml/node.ts'
import { DS, XADES } from './vocabulary.ts'

export interface SignatureStructure {
  readonly element: XmlElement
  readonly id: string
  readonly signedInfo: XmlElement
  readonly signatureValue: XmlElement
  readonly keyInfo: XmlElement | undefined
  readonly objects: readonly XmlElement[]
  readonly qualifyingProperties: XmlElement
  /** Those of the signature, in their order. */
  readonly unsigned: readonly XmlElement[]
}

type Name = readonly [namespace: string, localName: string]

/** The signatures that a document has, but not the counter-signatures inside them. */
export function signaturesIn({ root }: XmlDocument): readonly XmlElement[] {
  const all = [...descendantsOf(root)].filter(one => isNamed(one, [DS, 'Signature']))
  return all.filter(one => !hasAncestor(one, [DS, 'Signature']))
}

function hasAncestor({ parent }: XmlElement, name: Name): boolean {
  for (let one = parent; one !== undefined; one = one.parent) if (isNamed(one, name)) return true
  return false
}

/** @throws AdesRefusal `signature-missing` unless there is exactly one */
export function signatureById({ root }: XmlDocument, id: string): XmlElement {
  const [only, ...more] = [...descendantsOf(root)].filter(
    one => isNamed(one, [DS, 'Signature']) && attributeOf(one, 'Id') === id,
  )
  if (only === undefined || more.length > 0) throw new AdesRefusal('signature-missing', id)
  return only
}

/** @throws AdesRefusal `signature-unreadable` */
export function structureOf(element: XmlElement): SignatureStructure {
  const objects = childrenOf(element, [DS, 'Object'])
  const containers = objects.flatMap(object => childrenOf(object, [XADES, 'QualifyingProperties']))
  const [qualifyingProperties, ...more] = containers
  const id = attributeOf(element, 'Id')
  if (qualifyingProperties === undefined || more.length > 0 || id === undefined)
    throw new AdesRefusal('signature-unreadable', 'QualifyingProperties')
  const unsigned = childrenOf(qualifyingProperties, [XADES, 'UnsignedProperties'])
    .flatMap(one => childrenOf(one, [XADES, 'UnsignedSignatureProperties']))
    .flatMap(elementsOf)
  return {
    element,
    id,
    signedInfo: onlyChild(element, [DS, 'SignedInfo']),
    signatureValue: onlyChild(element, [DS, 'SignatureValue']),
    keyInfo: childrenOf(element, [DS, 'KeyInfo'])[0],
    objects,
    qualifyingProperties,
    unsigned,
  }
}

export function childrenOf(element: XmlElement, name: Name): readonly XmlElement[] {
  return elementsOf(element).filter(child => isNamed(child, name))
}

export function onlyChild(element: XmlElement, name: Name): XmlElement {
  const [only, ...more] = childrenOf(element, name)
  if (only === undefined || more.length > 0) throw new AdesRefusal('signature-unreadable', name[1])
  return only
}

/** @throws AdesRefusal `signature-unreadable` for anything but text */
export function textIn({ children, localName }: XmlElement): string {
  return children
    .map(node => (node.kind === 'text' ? node.value : undefined))
    .map(value => value ?? unreadable(localName))
    .join('')
}

export function bytesIn(element: XmlElement): Uint8Array {
  return fromBase64(textIn(element).replace(/\s/g, '')) ?? unreadable(element.localName)
}

function unreadable(what: string): never {
  throw new AdesRefusal('signature-unreadable', what)
}

/** Those in ds:KeyInfo, DER each. */
export function certificatesIn({ keyInfo }: SignatureStructure): readonly Uint8Array[] {
  if (keyInfo === undefined) return []
  const data = childrenOf(keyInfo, [DS, 'X509Data'])
  return data.flatMap(one => childrenOf(one, [DS, 'X509Certificate'])).map(bytesIn)
}

/** The signer's certificate: the one whose digest he signed (5.2.2). */
export async function signerOf(structure: SignatureStructure, platform: Digest): Promise<Certificate> {
  const path = ['SignedProperties', 'SignedSignatureProperties', 'SigningCertificateV2', 'Cert', 'CertDigest']
  const start = structure.qualifyingProperties
  const digest = path.reduce((one, name) => childrenOf(one, [XADES, name])[0] ?? unreadable(name), start)
  const uri = attributeOf(onlyChild(digest, [DS, 'DigestMethod']), 'Algorithm') ?? ''
  const expected = bytesIn(onlyChild(digest, [DS, 'DigestValue']))
  for (const certificate of readableCertificates(certificatesIn(structure))) {
    const actual = await platform.digest(digestByUri(uri) ?? unreadable(uri), certificate.bytes)
    if (equal(actual, expected)) return certificate
  }
  return unreadable('its certificate is missing')
}
