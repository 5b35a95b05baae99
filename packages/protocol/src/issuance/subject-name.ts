/**
 * The one subject name that belongs to attested subject attributes.
 *
 * `authorities` writes it into the certificate, the SAM compares it before it links one, a verifier of evidence
 * compares it again: all three by bytes, so all three must build the same (order: EN 319 412-2 V2.3.1, 4.2.4,
 * and EN 319 412-3 V1.3.1, 4.2.1, from the country to the person).
 */
import { OID } from '@natsuin/pki/asn1'
import { buildName, type NameAttribute } from '@natsuin/pki/x509'
import type { SubjectAttributes } from '../approval/index.ts'

const ORDER = [
  'countryName',
  'organizationName',
  'organizationIdentifier',
  'surname',
  'givenName',
  'serialNumber',
  'commonName',
] as const

/** DER Name. @throws InvalidName when an attribute cannot be written into a certificate */
export function subjectName(subject: SubjectAttributes): Uint8Array {
  return buildName(ORDER.flatMap(name => attribute(name, subject[name])))
}

function attribute(name: (typeof ORDER)[number], value: string | undefined): NameAttribute[] {
  return value === undefined ? [] : [{ oid: OID[name], value }]
}
