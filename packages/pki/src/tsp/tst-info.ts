/** TSTInfo (RFC 3161, 2.4.2): what a time-stamp says. */
import type { DigestAlgorithm } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readGeneralizedTime, readIntegerBytes, readOid, readSmallInteger } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import {
  boolean,
  type Der,
  element,
  generalizedTime,
  implicit,
  integer,
  oid,
  sequence,
  unsignedInteger,
} from '../asn1/write.ts'
import { type Extension, readDefaultFalse, readExtensions } from '../x509/extensions.ts'
import { type MessageImprint, readImprint, readVersion1, writeImprint } from './request.ts'

/** How far `genTime` may lie from UTC, either way. */
export interface Accuracy {
  readonly seconds: number
  /** 0 to 999. */
  readonly millis: number
  /** 0 to 999. */
  readonly micros: number
}

export interface TstInfo {
  /** DER. */
  readonly bytes: Uint8Array
  /** Dotted OID. */
  readonly policy: string
  readonly imprint: MessageImprint
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
  /** To the millisecond; finer digits are in `bytes` only. */
  readonly genTime: Date
  readonly accuracy: Accuracy | undefined
  readonly ordering: boolean
  /** Content octets of the INTEGER. */
  readonly nonce: Uint8Array | undefined
  readonly extensions: readonly Extension[]
}

export interface TstInfoParts {
  readonly policy: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly hashedMessage: Uint8Array
  /** Big-endian, unique for the unit for ever; at most 160 bits (RFC 3161, 2.4.2). */
  readonly serialNumber: Uint8Array
  /** Written to the millisecond. */
  readonly genTime: Date
  readonly accuracy?: Partial<Accuracy>
  readonly ordering?: boolean
  /** Content octets as the request had them. */
  readonly nonce?: Uint8Array | undefined
}

/** DER TSTInfo, version 1. */
export function buildTstInfo(parts: TstInfoParts): Der {
  const { nonce, accuracy } = parts
  return sequence(
    integer(1),
    oid(parts.policy),
    writeImprint(parts),
    unsignedInteger(parts.serialNumber),
    generalizedTime(parts.genTime, { fraction: true }),
    accuracy === undefined ? undefined : writeAccuracy(accuracy),
    parts.ordering ? boolean(true) : undefined,
    nonce === undefined ? undefined : element(TAG.integer, nonce),
  )
}

function writeAccuracy({ seconds = 0, millis = 0, micros = 0 }: Partial<Accuracy>): Der {
  return sequence(
    seconds === 0 ? undefined : integer(seconds),
    millis === 0 ? undefined : implicit(0, integer(millis)),
    micros === 0 ? undefined : implicit(1, integer(micros)),
  )
}

/** @throws DerError */
export function parseTstInfo(der: Uint8Array): TstInfo {
  return readFields(parseDer(der), 'TSTInfo', fields => {
    readVersion1(fields.take('version'))
    const policy = readOid(fields.take('policy'))
    const imprint = readImprint(fields.take('messageImprint'))
    const serialNumber = readIntegerBytes(fields.take('serialNumber'))
    const genTime = readGeneralizedTime(fields.take('genTime'), { fraction: true })
    const accuracy = fields.optional(TAG.sequence)
    const ordering = readDefaultFalse(fields, 'ordering')
    const nonce = fields.optional(TAG.integer)
    fields.explicit(0)
    return {
      bytes: der,
      policy,
      imprint,
      serialNumber,
      genTime,
      accuracy: accuracy === undefined ? undefined : readAccuracy(accuracy),
      ordering,
      nonce: nonce === undefined ? undefined : readIntegerBytes(nonce),
      extensions: readExtensions(fields.implicit(1, TAG.sequence)),
    }
  })
}

function readAccuracy(node: DerNode): Accuracy {
  return readFields(node, 'Accuracy', fields => {
    const seconds = fields.optional(TAG.integer)
    const [millis, micros] = [0, 1].map(n => fields.implicit(n, TAG.integer))
    return {
      seconds: seconds === undefined ? 0 : readSmallInteger(seconds),
      millis: readThousandths(millis),
      micros: readThousandths(micros),
    }
  })
}

/** INTEGER (1..999), 0 when it is absent. */
function readThousandths(node: DerNode | undefined): number {
  if (node === undefined) return 0
  const value = readSmallInteger(node)
  if (value < 1 || value > 999) throw new DerError('value-not-allowed', 'Accuracy')
  return value
}
