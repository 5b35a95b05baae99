/** Time-stamps as unsigned properties: EN 319 132-1 V1.3.1, 5.1.4.3, 5.3 and 5.5.2. */
import { attributeOf, isNamed, type XmlElement } from '../xml/node.ts'
import { base64, declarationsOf, element, type Markup } from './markup.ts'
import { canonicalisationMethod } from './signature-markup.ts'
import { bytesIn, childrenOf } from './signature-structure.ts'
import { XADES, XADES141 } from './vocabulary.ts'

const SIGNATURE_TIME_STAMP = [XADES, 'SignatureTimeStamp'] as const
export const ARCHIVE_TIME_STAMP = [XADES141, 'ArchiveTimeStamp'] as const

export function signatureTimeStamp(id: string, token: Uint8Array): Markup {
  return timeStamp('xades:SignatureTimeStamp', id, token)
}

export function archiveTimeStamp(id: string, token: Uint8Array): Markup {
  return timeStamp('xades141:ArchiveTimeStamp', id, token)
}

function timeStamp(name: string, id: string, token: Uint8Array): Markup {
  return element(
    name,
    { ...declarationsOf('ds', 'xades', 'xades141'), Id: id },
    canonicalisationMethod(),
    element('xades:EncapsulatedTimeStamp', {}, base64(token)),
  )
}

/** DER each. */
export function tokensIn(property: XmlElement): readonly Uint8Array[] {
  return childrenOf(property, [XADES, 'EncapsulatedTimeStamp']).map(bytesIn)
}

export function isTimeStamp(property: XmlElement): boolean {
  return isNamed(property, SIGNATURE_TIME_STAMP) || isNamed(property, ARCHIVE_TIME_STAMP)
}

/** An Id that no property before it has. */
export function nextId(signatureId: string, properties: readonly XmlElement[]): string {
  const taken = new Set(properties.map(property => attributeOf(property, 'Id')))
  let count = properties.length
  while (taken.has(`${signatureId}-property-${count}`)) count++
  return `${signatureId}-property-${count}`
}
