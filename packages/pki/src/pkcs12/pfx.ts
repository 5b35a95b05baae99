/** The outer shell of a PKCS #12 file (RFC 7292, 4): the octets that a MAC protects, and the MAC. */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readOctetString, readOid, readSmallInteger } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'

export interface Pfx {
  /** AuthenticatedSafe, BER. */
  readonly authSafe: Uint8Array
  readonly macData: DerNode
}

/** @throws KeyFileRefusal `public-key-mode`, `mac-missing` */
export function readPfx(node: DerNode): Pfx {
  return readFields(node, 'PFX', fields => {
    if (readSmallInteger(fields.take('version')) !== V3)
      throw new DerError('value-not-allowed', 'PFX.version')
    const { type, content } = readContentInfo(fields.take('authSafe'))
    if (type === OID.signedData) throw new KeyFileRefusal('public-key-mode')
    if (type !== OID.data) throw new DerError('value-not-allowed', 'authSafe')
    const macData = fields.optional(TAG.sequence)
    if (macData === undefined) throw new KeyFileRefusal('mac-missing')
    return { authSafe: readOctetString(content), macData }
  })
}

/** RFC 5652, 3. */
export function readContentInfo(node: DerNode): { readonly type: string; readonly content: DerNode } {
  return readFields(node, 'ContentInfo', fields => {
    const type = readOid(fields.take('contentType'))
    const content = fields.explicit(0)
    if (content === undefined) throw new DerError('missing-field', 'ContentInfo.content')
    return { type, content }
  })
}

const V3 = 3
