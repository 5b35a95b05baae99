/** TimeStampReq (RFC 3161, 2.4.1): built by who wants a time-stamp, parsed by the authority. */
import { type DigestAlgorithm, digestAlgorithms } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readIntegerBytes, readOctetString, readOid, readSmallInteger } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { boolean, type Der, element, integer, octetString, oid, sequence } from '../asn1/write.ts'
import { digestAlgorithmIdentifier, readDigestAlgorithm } from '../x509/algorithm-identifier.ts'
import { type Extension, readDefaultFalse, readExtensions } from '../x509/extensions.ts'

/** The digest of what is stamped. */
export interface MessageImprint {
  /** `undefined` when it is not one of ours: answer badAlg. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  readonly hashedMessage: Uint8Array
}

export interface TimeStampRequest {
  readonly imprint: MessageImprint
  /** Dotted OID of the policy asked for. */
  readonly policy: string | undefined
  /** Content octets of the INTEGER; the answer echoes them. */
  readonly nonce: Uint8Array | undefined
  /** Whether the token shall bring the certificate of the time-stamping unit. */
  readonly certReq: boolean
  readonly extensions: readonly Extension[]
}

export interface TimeStampRequestParts {
  readonly digestAlgorithm: DigestAlgorithm
  readonly hashedMessage: Uint8Array
  readonly policy?: string
  /** Positive INTEGER content octets, from a random source of the caller. */
  readonly nonce?: Uint8Array
  readonly certReq: boolean
}

/** DER TimeStampReq, version 1. */
export function buildTimeStampRequest(parts: TimeStampRequestParts): Der {
  const { policy, nonce } = parts
  return sequence(
    integer(1),
    writeImprint(parts),
    policy === undefined ? undefined : oid(policy),
    nonce === undefined ? undefined : element(TAG.integer, nonce),
    parts.certReq ? boolean(true) : undefined,
  )
}

/**
 * @throws DerError for what an authority answers with badDataFormat: also another version, and a digest whose length
 *   is not the algorithm's
 */
export function parseTimeStampRequest(der: Uint8Array): TimeStampRequest {
  return readFields(parseDer(der), 'TimeStampReq', fields => {
    readVersion1(fields.take('version'))
    const imprint = readImprint(fields.take('messageImprint'))
    const policy = fields.optional(TAG.oid)
    const nonce = fields.optional(TAG.integer)
    return {
      imprint,
      policy: policy === undefined ? undefined : readOid(policy),
      nonce: nonce === undefined ? undefined : readIntegerBytes(nonce),
      certReq: readDefaultFalse(fields, 'certReq'),
      extensions: readExtensions(fields.implicit(0, TAG.sequence)),
    }
  })
}

export function readVersion1(node: DerNode): void {
  if (readSmallInteger(node) !== 1) throw new DerError('value-not-allowed', 'version')
}

export function writeImprint(imprint: {
  readonly digestAlgorithm: DigestAlgorithm
  readonly hashedMessage: Uint8Array
}): Der {
  return sequence(digestAlgorithmIdentifier(imprint.digestAlgorithm), octetString(imprint.hashedMessage))
}

export function readImprint(node: DerNode): MessageImprint {
  return readFields(node, 'MessageImprint', fields => {
    const digestAlgorithm = readDigestAlgorithm(fields.take('hashAlgorithm'))
    const hashedMessage = readOctetString(fields.take('hashedMessage'))
    const size = digestAlgorithm === undefined ? hashedMessage.length : digestAlgorithms[digestAlgorithm].size
    if (hashedMessage.length !== size) throw new DerError('value-not-allowed', 'hashedMessage')
    return { digestAlgorithm, hashedMessage }
  })
}
