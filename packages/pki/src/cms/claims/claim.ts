/** One thing that a signer may say in a signed attribute: how it is written and read. */
import type { DerNode } from '../../asn1/der-node.ts'
import type { Der } from '../../asn1/write.ts'

export interface Claim<T> {
  /** Dotted OID of the attribute. */
  readonly oid: string
  /** DER of the attribute's one value. */
  readonly write: (value: T) => Der
  /** @throws DerError */
  readonly read: (node: DerNode) => T
}
