/**
 * signer-attributes-v2 with roles that the signer claims and nobody certified: EN 319 122-1 V1.3.1, 5.2.6.1.
 *
 * A role is an attribute `name` with text, which is what EU DSS writes and shows. The RoleAttribute of X.509 that the
 * standard mentions holds a GeneralName, and none of those is plain text.
 */
import type { DerNode } from '../../asn1/der-node.ts'
import { readFields } from '../../asn1/fields.ts'
import { OID } from '../../asn1/oid.ts'
import { isText, readOid, readSequence, readText, readUnsortedSetOf } from '../../asn1/read.ts'
import { explicit, oid, sequence, set, utf8String } from '../../asn1/write.ts'
import type { Claim } from './claim.ts'

export const claimedRoles: Claim<readonly string[]> = {
  oid: OID.signerAttributesV2,
  write: roles => {
    const attributes = roles.map(role => sequence(oid(OID.name), set(utf8String(role))))
    return sequence(explicit(0, sequence(...attributes)))
  },
  // Certified attributes and signed assertions stand behind, and are nobody's claim.
  read: node =>
    readFields(node, 'SignerAttributeV2', fields => {
      const claimed = fields.explicit(0)
      fields.rest()
      return claimed === undefined ? [] : readSequence(claimed, 'ClaimedAttributes').flatMap(textsOf)
    }),
}

function textsOf(attribute: DerNode): readonly string[] {
  return readFields(attribute, 'Attribute', fields => {
    readOid(fields.take('attrType'))
    return readUnsortedSetOf(fields.take('attrValues')).filter(isText).map(readText)
  })
}
