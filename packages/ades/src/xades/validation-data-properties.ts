/** Validation data as unsigned properties: EN 319 132-1 V1.3.1, 5.4.2, 5.4.3 and 5.5.1. */
import type { ValidationData } from '../validation-data/collect.ts'
import { merged } from '../validation-data/merged.ts'
import { isNamed, type XmlElement } from '../xml/node.ts'
import { base64, declarationsOf, element, joined, type Markup } from './markup.ts'
import { bytesIn, childrenOf } from './signature-structure.ts'
import { XADES, XADES141 } from './vocabulary.ts'

const CERTIFICATE_VALUES = [XADES, 'CertificateValues'] as const
const REVOCATION_VALUES = [XADES, 'RevocationValues'] as const
const TIME_STAMP_DATA = [XADES141, 'TimeStampValidationData'] as const
const ANY_DATA = [XADES141, 'AnyValidationData'] as const

export function isValidationData(property: XmlElement): boolean {
  return [CERTIFICATE_VALUES, REVOCATION_VALUES, TIME_STAMP_DATA, ANY_DATA].some(name =>
    isNamed(property, name),
  )
}

/** CertificateValues and RevocationValues, as far as there is something in them. */
export function validationDataProperties(data: ValidationData): Markup {
  return joined(...values(data, declarationsOf('xades')))
}

/** The same for what an archive time-stamp brought along, which stands right behind it (5.5.1.2). */
export function timeStampValidationData(data: ValidationData): Markup {
  const declarations = declarationsOf('xades', 'xades141')
  return element('xades141:TimeStampValidationData', declarations, ...values(data, {}))
}

type Declarations = ReturnType<typeof declarationsOf>

function values(
  { certificates, ocspResponses, crls }: ValidationData,
  declarations: Declarations,
): readonly Markup[] {
  const certificateValues = list(
    'CertificateValues',
    'EncapsulatedX509Certificate',
    certificates,
    declarations,
  )
  // In the order of their schema.
  const revocation = [
    list('CRLValues', 'EncapsulatedCRLValue', crls, {}),
    list('OCSPValues', 'EncapsulatedOCSPValue', ocspResponses, {}),
  ].filter(part => part !== undefined)
  const revocationValues =
    revocation.length === 0 ? undefined : element('xades:RevocationValues', declarations, ...revocation)
  return [certificateValues, revocationValues].filter(part => part !== undefined)
}

function list(name: string, item: string, ders: readonly Uint8Array[], declarations: Declarations) {
  if (ders.length === 0) return undefined
  return element(`xades:${name}`, declarations, ...ders.map(der => element(`xades:${item}`, {}, base64(der))))
}

/** What one of these properties holds. */
export function validationDataIn(property: XmlElement): ValidationData {
  if (!isNamed(property, CERTIFICATE_VALUES) && !isNamed(property, REVOCATION_VALUES)) {
    const certificates = childrenOf(property, CERTIFICATE_VALUES)
    return merged([...certificates, ...childrenOf(property, REVOCATION_VALUES)].map(validationDataIn))
  }
  const under = (parent: string, name: string) =>
    childrenOf(property, [XADES, parent]).flatMap(one => childrenOf(one, [XADES, name]))
  return {
    certificates: childrenOf(property, [XADES, 'EncapsulatedX509Certificate']).map(bytesIn),
    ocspResponses: under('OCSPValues', 'EncapsulatedOCSPValue').map(bytesIn),
    crls: under('CRLValues', 'EncapsulatedCRLValue').map(bytesIn),
  }
}
