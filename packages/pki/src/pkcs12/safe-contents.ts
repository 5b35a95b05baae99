/** SafeContents (RFC 7292, 4.2): a list of bags, each with a key, a certificate or something else, and its names. */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { type Fields, readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readOctetString, readOid, readSequence, readText, readUnsortedSetOf } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import type { WorkBudget } from '../pbe/budget.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { type EncryptedKey, readEncryptedKey } from '../pkcs8/open.ts'
import { readPrivateKeyInfo } from '../pkcs8/private-key-info.ts'

export interface BagNames {
  readonly friendlyName: string | undefined
  /** The same octets tie a key to its certificate. */
  readonly localKeyId: Uint8Array | undefined
}

export type Bag = BagContent & BagNames

type BagContent =
  | { readonly kind: 'key'; readonly privateKeyInfo: Uint8Array }
  | { readonly kind: 'encrypted-key'; readonly encrypted: EncryptedKey }
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array }
  /** A revocation list or a secret; nothing for us. */
  | { readonly kind: 'passed-over' }

/** Work that encrypted keys will need is taken from the budget here. */
export function readSafeContents(node: DerNode, budget: WorkBudget): readonly Bag[] {
  return readSequence(node, 'SafeContents').map(bag =>
    readFields(bag, 'SafeBag', fields => {
      const type = readOid(fields.take('bagId'))
      const value = fields.explicit(0)
      if (value === undefined) throw new DerError('missing-field', 'SafeBag.bagValue')
      return { ...readBag(type, value, budget), ...readNames(fields) }
    }),
  )
}

/** Bags inside bags would be a second way to say the same and a way around every count; nobody writes them. */
function readBag(type: string, value: DerNode, budget: WorkBudget): BagContent {
  const read = READERS[type]
  if (read === undefined) throw new KeyFileRefusal('bag-unsupported', type)
  return read(value, budget)
}

const READERS: Readonly<Record<string, (value: DerNode, budget: WorkBudget) => BagContent>> = {
  [OID.keyBag]: value => {
    readPrivateKeyInfo(value)
    return { kind: 'key', privateKeyInfo: value.bytes }
  },
  [OID.pkcs8ShroudedKeyBag]: (value, budget) => ({
    kind: 'encrypted-key',
    encrypted: readEncryptedKey(value, budget),
  }),
  [OID.certBag]: readCertificateBag,
  [OID.crlBag]: () => ({ kind: 'passed-over' }),
  [OID.secretBag]: () => ({ kind: 'passed-over' }),
}

/** RFC 7292, 4.2.3. */
function readCertificateBag(value: DerNode): BagContent {
  return readFields(value, 'CertBag', fields => {
    const type = readOid(fields.take('certId'))
    if (type !== OID.x509Certificate) throw new KeyFileRefusal('bag-unsupported', type)
    const certificate = fields.explicit(0)
    if (certificate === undefined) throw new DerError('missing-field', 'CertBag.certValue')
    return { kind: 'certificate', certificate: readOctetString(certificate) }
  })
}

/** RFC 2985, 5.5. Attributes of other kinds (of Microsoft, of Java) say nothing about the key. */
function readNames(fields: Fields): BagNames {
  const attributes = fields.optional(TAG.set)
  const named = (attributes === undefined ? [] : readUnsortedSetOf(attributes)).map(readAttribute)
  const firstOf = (type: string) => named.find(({ oid }) => oid === type)?.values[0]
  const [friendlyName, localKeyId] = [firstOf(OID.friendlyName), firstOf(OID.localKeyId)]
  return {
    friendlyName: friendlyName && readText(friendlyName),
    localKeyId: localKeyId && readOctetString(localKeyId),
  }
}

function readAttribute(node: DerNode) {
  return readFields(node, 'PKCS12Attribute', fields => ({
    oid: readOid(fields.take('attrId')),
    values: readUnsortedSetOf(fields.take('attrValues')),
  }))
}
