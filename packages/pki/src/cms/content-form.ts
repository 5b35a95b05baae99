/**
 * A signature with its content inside and the same signature without it (RFC 5652, 5.2), told apart by their first
 * octets: the content itself is never touched, so that it may be larger than memory.
 *
 * Nothing that is signed changes between the two: the content is hashed without the octets around it (5.4).
 */
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer, readHeader } from '../asn1/parse.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { type Der, element, explicit, headerOctets, oid, sequence } from '../asn1/write.ts'
import { concat, equal } from '../encoding/bytes.ts'

/** Where in an attached signature its content lies, in octets from its beginning; `end` exclusive. */
export interface ContentExtent {
  readonly start: number
  readonly end: number
}

/** As many leading octets as `contentExtentIn` may need: algorithm identifiers are short and few. */
export const CONTENT_HEAD_BYTES = 4096

/**
 * @param head  the first octets of a ContentInfo, `CONTENT_HEAD_BYTES` or all there are
 * @param size  how many octets it has altogether
 * @returns `undefined` where the signature is detached
 * @throws DerError when it is no SignedData in DER
 */
export function contentExtentIn(head: Uint8Array, size: number): ContentExtent | undefined {
  const { encapsulated, fields } = openSignedData(head, size)
  const type = readHeader(head, encapsulated.contentStart, encapsulated.end)
  if (type.tag !== TAG.oid) throw new DerError('unexpected-tag', 'eContentType')
  if (type.end === encapsulated.end) return undefined
  const tagged = readHeader(head, type.end, fields.end)
  const content = readHeader(head, tagged.contentStart, tagged.end)
  const plain = tagged.tag === contextConstructed(0) && content.tag === TAG.octetString
  if (!plain || tagged.end !== encapsulated.end || content.end !== tagged.end)
    throw new DerError('unexpected-tag', 'eContent')
  return { start: content.contentStart, end: content.end }
}

function openSignedData(head: Uint8Array, size: number) {
  const outer = within(head, 0, size, TAG.sequence)
  const type = readHeader(head, outer.contentStart, outer.end)
  if (!equal(head.subarray(type.start, type.end), oid(OID.signedData)))
    throw new DerError('value-not-allowed', 'contentType')
  const tagged = within(head, type.end, outer.end, contextConstructed(0))
  const fields = within(head, tagged.contentStart, tagged.end, TAG.sequence)
  const version = readHeader(head, fields.contentStart, fields.end)
  const digestAlgorithms = readHeader(head, version.end, fields.end)
  const encapsulated = readHeader(head, digestAlgorithms.end, fields.end)
  if (encapsulated.tag !== TAG.sequence) throw new DerError('unexpected-tag', 'encapContentInfo')
  return { fields, encapsulated }
}

/** An element with this tag that fills what is around it. */
function within(head: Uint8Array, start: number, end: number, tag: number) {
  const found = readHeader(head, start, end)
  if (found.tag !== tag) throw new DerError('unexpected-tag', 'ContentInfo')
  if (found.end !== end) throw new DerError('trailing-bytes', 'ContentInfo')
  return found
}

/**
 * The same signature without its content.
 *
 * @param head    the octets before the content
 * @param tail    the octets behind it
 * @param extent  where the content lay between them
 */
export function detachedForm(head: Uint8Array, tail: Uint8Array, { end }: ContentExtent): Der {
  const { fields, encapsulated } = openSignedData(head, end + tail.length)
  const type = readHeader(head, encapsulated.contentStart, encapsulated.end)
  const before = head.subarray(fields.contentStart, encapsulated.start)
  const contentInfo = sequence(head.subarray(type.start, type.end))
  return sequence(oid(OID.signedData), explicit(0, element(TAG.sequence, before, contentInfo, tail)))
}

/** What stands before and behind the content when it is put into a signature. */
export interface AttachedForm {
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

/**
 * @param detached     DER ContentInfo with SignedData
 * @param contentSize  octets
 * @throws DerError when it is not that, or holds a content already
 */
export function attachedForm(detached: Uint8Array, contentSize: number): AttachedForm {
  const [type, content] = parseDer(detached).children
  const [version, digestAlgorithms, encapsulated, ...rest] = content?.children[0]?.children ?? []
  const [contentType, ...more] = encapsulated?.children ?? []
  if (!type || !version || !digestAlgorithms || !contentType || more.length > 0)
    throw new DerError('value-not-allowed', 'a detached SignedData')
  const tail = concat(...rest.map(node => node.bytes))
  const wrap = (tag: number, inside: readonly Uint8Array[], behind: number): readonly Uint8Array[] => {
    const length = inside.reduce((sum, part) => sum + part.length, 0) + contentSize + behind
    return [headerOctets(tag, length), ...inside]
  }
  const octets = wrap(TAG.octetString, [], 0)
  const eContent = [contentType.bytes, ...wrap(contextConstructed(0), octets, 0)]
  const before = [version.bytes, digestAlgorithms.bytes, ...wrap(TAG.sequence, eContent, 0)]
  const signedData = wrap(TAG.sequence, before, tail.length)
  const tagged = [type.bytes, ...wrap(contextConstructed(0), signedData, tail.length)]
  return { head: concat(...wrap(TAG.sequence, tagged, tail.length)), tail }
}
