/**
 * What a signature brings to show that it lasts: EN 319 132-1 V1.3.1, 5.4 and 5.5.1. Anybody can put anything there, so it
 * is material, trusted for nothing.
 */
import { isNamed, type XmlElement } from '../../xml/node.ts'
import type { StoredData } from '../stored-data.ts'
import { bytesIn, childrenOf, XADES, XADES141 } from './signature-parts.ts'

const CONTAINERS = [
  [XADES141, 'TimeStampValidationData'],
  [XADES141, 'AnyValidationData'],
] as const

/** The data in all these properties together. */
export function dataIn(properties: readonly XmlElement[]): StoredData {
  const inside = properties
    .filter(one => CONTAINERS.some(name => isNamed(one, name)))
    .flatMap(({ children }) => children)
  const all = [...properties, ...inside.filter(node => node.kind === 'element')]
  const within = (path: readonly string[]) =>
    path
      .slice(1)
      .reduce<readonly XmlElement[]>(
        (found, name) => found.flatMap(one => childrenOf(one, [XADES, name])),
        all.filter(one => isNamed(one, [XADES, path[0] ?? ''])),
      )
      .map(bytesIn)
  return {
    certificates: within(['CertificateValues', 'EncapsulatedX509Certificate']),
    ocspResponses: within(['RevocationValues', 'OCSPValues', 'EncapsulatedOCSPValue']),
    crls: within(['RevocationValues', 'CRLValues', 'EncapsulatedCRLValue']),
  }
}
