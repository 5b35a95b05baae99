/** TimeStampResp (RFC 3161, 2.4.2): a token, or why there is none. */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readNamedBits, readSequence, readSmallInteger, readText } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { type Der, integer, namedBits, sequence, utf8String } from '../asn1/write.ts'

/** PKIFailureInfo and its bits (RFC 3161, 2.4.2). */
export const TIME_STAMP_FAILURES = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const

export type TimeStampFailure = keyof typeof TIME_STAMP_FAILURES

export type TimeStampResponse =
  | { readonly granted: true; readonly token: Uint8Array }
  | {
      readonly granted: false
      /** PKIStatus: 2 rejection, 3 waiting, 4 and 5 revocation warnings. */
      readonly status: number
      readonly failures: readonly TimeStampFailure[]
      readonly text: readonly string[]
    }

const GRANTED = 0
const GRANTED_WITH_MODS = 1
const REJECTION = 2

/** DER TimeStampResp, granted. */
export function buildTimeStampResponse(token: Uint8Array): Der {
  return sequence(sequence(integer(GRANTED)), token)
}

/** DER TimeStampResp, rejected. `text` is for people and goes to the client. */
export function buildTimeStampRejection(failure: TimeStampFailure, text?: string): Der {
  return sequence(
    sequence(
      integer(REJECTION),
      text === undefined ? undefined : sequence(utf8String(text)),
      namedBits([TIME_STAMP_FAILURES[failure]]),
    ),
  )
}

/** @throws DerError, also when a token is there without being granted or the reverse (RFC 3161, 2.4.2) */
export function parseTimeStampResponse(der: Uint8Array): TimeStampResponse {
  return readFields(parseDer(der), 'TimeStampResp', fields => {
    const { status, failures, text } = readStatus(fields.take('status'))
    const token = fields.optional(TAG.sequence)
    const granted = status === GRANTED || status === GRANTED_WITH_MODS
    if (granted !== (token !== undefined)) throw new DerError('value-not-allowed', 'PKIStatus')
    return token === undefined
      ? { granted: false, status, failures, text }
      : { granted: true, token: token.bytes }
  })
}

interface Status {
  readonly status: number
  readonly failures: readonly TimeStampFailure[]
  readonly text: readonly string[]
}

function readStatus(node: DerNode): Status {
  return readFields(node, 'PKIStatusInfo', fields => {
    const status = readSmallInteger(fields.take('status'))
    const text = fields.optional(TAG.sequence)
    const failInfo = fields.optional(TAG.bitString)
    const bits = failInfo === undefined ? [] : readNamedBits(failInfo)
    return {
      status,
      text: text === undefined ? [] : readSequence(text).map(readText),
      failures: FAILURE_NAMES.filter(name => bits.includes(TIME_STAMP_FAILURES[name])),
    }
  })
}

// Object.keys loses the key type of a constant object.
const FAILURE_NAMES = Object.keys(TIME_STAMP_FAILURES) as readonly TimeStampFailure[]
