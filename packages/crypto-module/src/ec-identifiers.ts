/** The names of EC keys in DER: RFC 5480, 2.1.1 and 2.1.1.1. */
import type { Curve } from '@natsuin/pki/algorithms'
import { element } from './der-element.ts'

/** OBJECT IDENTIFIER of each curve; also what CKA_EC_PARAMS holds. */
export const curveIdentifiers: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': Uint8Array.of(0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
  'P-384': Uint8Array.of(0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x22),
  'P-521': Uint8Array.of(0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x23),
}

/** AlgorithmIdentifier of an EC key: id-ecPublicKey, 1.2.840.10045.2.1, with the curve. */
export const ecAlgorithm = (curve: Curve): Uint8Array<ArrayBuffer> =>
  element(0x30, Uint8Array.of(0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01), curveIdentifiers[curve])
