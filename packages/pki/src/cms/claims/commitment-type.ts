/** commitment-type-indication: EN 319 122-1 V1.3.1, 5.2.3; what the signer commits to by signing. */
import { readFields } from '../../asn1/fields.ts'
import { OID } from '../../asn1/oid.ts'
import { readOid } from '../../asn1/read.ts'
import { TAG } from '../../asn1/tags.ts'
import { oid, sequence } from '../../asn1/write.ts'
import type { Claim } from './claim.ts'

/** The commitments that everybody knows (RFC 5126, 5.11.1). */
export const COMMITMENT_TYPES = {
  proofOfOrigin: '1.2.840.113549.1.9.16.6.1',
  proofOfReceipt: '1.2.840.113549.1.9.16.6.2',
  proofOfDelivery: '1.2.840.113549.1.9.16.6.3',
  proofOfSender: '1.2.840.113549.1.9.16.6.4',
  proofOfApproval: '1.2.840.113549.1.9.16.6.5',
  proofOfCreation: '1.2.840.113549.1.9.16.6.6',
} as const

/** Dotted OID: one of `COMMITMENT_TYPES`, or a registered one. */
export const commitmentType: Claim<string> = {
  oid: OID.commitmentTypeIndication,
  write: type => sequence(oid(type)),
  read: node =>
    readFields(node, 'CommitmentTypeIndication', fields => {
      const type = readOid(fields.take('commitmentTypeId'))
      fields.optional(TAG.sequence)
      return type
    }),
}
