/** The message-digest attribute of DER signed attributes: RFC 5652, 5.4 and 11.2. */
import {
  DerError,
  type DerNode,
  OID,
  parseDer,
  readFields,
  readOctetString,
  readOid,
  readSetOf,
} from '@natsuin/pki/asn1'

/** `undefined` unless the bytes are signed attributes with exactly one message digest. */
export function messageDigestOf(signedAttributes: Uint8Array): Uint8Array | undefined {
  try {
    const attributes = readSetOf(parseDer(signedAttributes), 'SignedAttributes').map(readAttribute)
    const [only, ...more] = attributes.filter(({ type }) => type === OID.messageDigest)
    const [value, ...others] = only?.values ?? []
    return value === undefined || more.length + others.length > 0 ? undefined : readOctetString(value)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function readAttribute(node: DerNode) {
  return readFields(node, 'Attribute', fields => ({
    type: readOid(fields.take('attrType')),
    values: readSetOf(fields.take('attrValues'), 'AttributeValue'),
  }))
}
