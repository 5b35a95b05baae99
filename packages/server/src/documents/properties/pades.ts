/**
 * signed_props of PAdES: entries of the signature dictionary, values are texts in UTF-8 (CSC API v2.0.0.2, 11.11;
 * EN 319 142-1 V1.2.1, 5.3). Of a document that the client prepared the dictionary is the client's.
 */
import type { SignatureDescription } from '@natsuin/ades/pades'
import { OID } from '@natsuin/pki/asn1'
import { fromUtf8 } from '@natsuin/pki/encoding'
import { parseCertificate } from '@natsuin/pki/x509'
import { DocumentRefused } from '../refusal.ts'
import type { DocumentTask, SignedProperty } from '../task.ts'

type Entries = Omit<SignatureDescription, 'signingTime'>

const ENTRIES: ReadonlyMap<string, keyof Entries> = new Map([
  ['Location', 'location'],
  ['Reason', 'reason'],
  ['Name', 'signerName'],
  ['ContactInfo', 'contactInfo'],
])

/** @throws DocumentRefused `signed-props-invalid` */
export function padesDescription({ properties, source, signingCertificate }: DocumentTask): Entries {
  const names = properties.map(({ name }) => name)
  if ('digest' in source && names.length > 0)
    throw new DocumentRefused('signed-props-invalid', names.join(', '))
  const computed = { Name: commonNameOf(signingCertificate) }
  return Object.fromEntries(properties.map(property => entryOf(property, computed)))
}

function entryOf(
  { name, value }: SignedProperty,
  computed: Readonly<Record<string, string>>,
): [string, string] {
  const entry = ENTRIES.get(name)
  const text = value === undefined ? computed[name] : fromUtf8(value)
  if (entry === undefined || text === undefined || text === '')
    throw new DocumentRefused('signed-props-invalid', name)
  return [entry, text]
}

/** Where nothing else was said, the signer is called what the certificate calls him. */
function commonNameOf(certificate: Uint8Array): string {
  const { attributes } = parseCertificate(certificate).subject
  return attributes.find(({ oid }) => oid === OID.commonName)?.value ?? ''
}
