/**
 * A SignedData with more in it: what others signed and hashed stays as it is, octet for octet (EN 319 122-1 V1.3.1,
 * 5.5.3: augmentation preserves the encoding of what is there).
 *
 * What is new goes behind what is there. Nobody hashes these sets as sets, so their order is free (RFC 5652, 5.1 and
 * 5.3), and signers keep the places by which callers name them.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { type Der, element, explicit, integer, oid, sequence } from '../asn1/write.ts'
import { equal, join } from '../encoding/bytes.ts'
import { parseSignedData } from './signed-data.ts'

export interface SignedDataAdditions {
  /** DER AlgorithmIdentifiers. */
  readonly digestAlgorithms?: readonly Uint8Array[]
  /** DER each. */
  readonly certificates?: readonly Uint8Array[]
  /** RevocationInfoChoice, DER each: a CRL, or what `otherRevocationInfo` gives. */
  readonly revocationInfos?: readonly Uint8Array[]
  /** SignerInfo, DER each. */
  readonly signerInfos?: readonly Uint8Array[]
  /** For each place in signerInfos, from 0, DER Attributes. */
  readonly unsignedAttributes?: ReadonlyMap<number, readonly Uint8Array[]>
}

/**
 * @param der  ContentInfo with SignedData
 * @returns the same with these additions; what is there already is not put in twice
 * @throws DerError when the bytes are not that
 */
export function extendSignedData(der: Uint8Array, additions: SignedDataAdditions): Der {
  parseSignedData(der)
  const fields = parseDer(der).children[1]?.children[0]?.children ?? []
  const [version, digestAlgorithms, contentInfo] = fields
  const signerInfos = fields.at(-1)
  const optional = (n: number) => fields.slice(3, -1).find(({ tag }) => tag === contextConstructed(n))
  const revocationInfos = union(optional(1), additions.revocationInfos)
  const extended = (signerInfos?.children ?? []).map((node, i) =>
    withUnsignedAttributes(node, additions.unsignedAttributes?.get(i) ?? []),
  )
  const signedData = sequence(
    needsVersion5(revocationInfos) ? integer(5) : version?.bytes,
    element(TAG.set, ...union(digestAlgorithms, additions.digestAlgorithms)),
    contentInfo?.bytes,
    setOrNothing(0, union(optional(0), additions.certificates)),
    setOrNothing(1, revocationInfos),
    element(TAG.set, ...extended, ...(additions.signerInfos ?? [])),
  )
  return sequence(oid(OID.signedData), explicit(0, signedData))
}

/** RFC 5652, 5.1: where there is revocation information other than CRLs. */
function needsVersion5(revocationInfos: readonly Uint8Array[]): boolean {
  return revocationInfos.some(info => info[0] === contextConstructed(1))
}

function union(present: DerNode | undefined, added: readonly Uint8Array[] = []): readonly Uint8Array[] {
  const members = present?.children.map(({ bytes }) => bytes) ?? []
  for (const der of added) if (!members.some(member => equal(member, der))) members.push(der)
  return members
}

function setOrNothing(n: number, members: readonly Uint8Array[]): Der | undefined {
  return members.length === 0 ? undefined : element(contextConstructed(n), join(members))
}

function withUnsignedAttributes(signerInfo: DerNode, attributes: readonly Uint8Array[]): Uint8Array {
  if (attributes.length === 0) return signerInfo.bytes
  const tag = contextConstructed(1)
  const last = signerInfo.children.at(-1)
  const kept = signerInfo.children.filter(child => child !== last || child.tag !== tag)
  const before = last?.tag === tag ? last.content : new Uint8Array()
  return sequence(...kept.map(child => child.bytes), element(tag, before, ...attributes))
}

/**
 * The same SignedData with one more unsigned attribute on its only signer.
 *
 * @param der        ContentInfo with SignedData and exactly one SignerInfo
 * @param attribute  DER Attribute
 * @throws DerError when the bytes are not that
 */
export function addUnsignedAttribute(der: Uint8Array, attribute: Uint8Array): Der {
  if (parseSignedData(der).signerInfos.length !== 1)
    throw new DerError('value-not-allowed', 'not one SignerInfo')
  return extendSignedData(der, { unsignedAttributes: new Map([[0, [attribute]]]) })
}

/**
 * One signature with the signers of another beside its own: parallel signatures over the same content.
 *
 * @param der      ContentInfo with SignedData
 * @param another  the same, over the same content
 */
export function withSigner(der: Uint8Array, another: Uint8Array): Der {
  const fields = parseDer(another).children[1]?.children[0]?.children ?? []
  const setAt = (tag: number) => fields.slice(3, -1).find(node => node.tag === tag)?.children ?? []
  const bytes = (nodes: readonly DerNode[] = []) => nodes.map(node => node.bytes)
  return extendSignedData(der, {
    digestAlgorithms: bytes(fields[1]?.children),
    certificates: bytes(setAt(contextConstructed(0))),
    revocationInfos: bytes(setAt(contextConstructed(1))),
    signerInfos: bytes(fields.at(-1)?.children),
  })
}
