/**
 * The time-stamping unit: a TimeStampReq in, a TimeStampResp out (RFC 3161, 2.4, with RFC 5816; EN 319 422).
 *
 * It never throws for what a caller sent: the protocol has its own words for every no, and a fault inside is
 * `systemFailure` to the caller and told to the log. No token is made while the clock is not trusted or outside
 * the period of the unit's key; the serial number is durable before the key signs.
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError } from '@natsuin/pki/asn1'
import { nodePlatform } from '@natsuin/pki/node'
import {
  assembleTimeStampToken,
  buildTimeStampRejection,
  buildTimeStampResponse,
  buildTstInfo,
  parseTimeStampRequest,
  prepareTimeStampToken,
  type TimeStampFailure,
  type TimeStampRequest,
} from '@natsuin/pki/tsp'
import type { Certificate } from '@natsuin/pki/x509'
import { Refusal } from '@natsuin/protocol/refusal'
import { type SigningKey, signData } from '../ca/issuer.ts'
import type { TimeStampSerialNumbers } from './serial-numbers.ts'
import type { TrustedClock } from './trusted-clock.ts'

export interface TimeStampingUnit {
  readonly module: CryptoModule
  readonly key: SigningKey
  readonly certificate: Certificate
  /** The rest of the chain that a token brings along when it is asked for certificates, DER; without the root. */
  readonly chain: readonly Uint8Array[]
  /** The one policy we stamp under, dotted OID. */
  readonly policy: string
  readonly clock: TrustedClock
  readonly serialNumbers: TimeStampSerialNumbers
}

/** DER TimeStampResp for the DER of a request. `onFault` is told what the caller only knows as systemFailure. */
export async function timeStamp(
  unit: TimeStampingUnit,
  request: Uint8Array,
  onFault: (fault: unknown) => void,
): Promise<Uint8Array> {
  try {
    return buildTimeStampResponse(await stamp(unit, readRequest(request, unit.policy)))
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) onFault(error)
    const { failure, text } = FAILURES[refusal ?? 'fault']
    return buildTimeStampRejection(failure, text)
  }
}

type TimeStampRefusal =
  | 'malformed'
  | 'algorithm-unknown'
  | 'policy-unknown'
  | 'extension-unknown'
  | 'nonce-too-long'
  | 'time-untrusted'
  | 'key-out-of-period'

/** What a client is told: PKIFailureInfo of RFC 3161, 2.4.2. */
const FAILURES: Readonly<
  Record<TimeStampRefusal | 'fault', { readonly failure: TimeStampFailure; readonly text: string }>
> = {
  malformed: { failure: 'badDataFormat', text: 'the request is not a TimeStampReq, version 1' },
  'algorithm-unknown': { failure: 'badAlg', text: 'the hash algorithm is not SHA-256, SHA-384 or SHA-512' },
  'policy-unknown': { failure: 'unacceptedPolicy', text: 'there is no such policy here' },
  'extension-unknown': { failure: 'unacceptedExtension', text: 'no extension is supported' },
  'nonce-too-long': { failure: 'badRequest', text: 'the nonce is too long' },
  'time-untrusted': { failure: 'timeNotAvailable', text: 'the clock is not to be trusted at present' },
  'key-out-of-period': { failure: 'systemFailure', text: 'the time-stamping unit is out of service' },
  fault: { failure: 'systemFailure', text: 'the time-stamping unit failed' },
}

interface AcceptedRequest extends TimeStampRequest {
  readonly imprint: { readonly digestAlgorithm: DigestAlgorithm; readonly hashedMessage: Uint8Array }
}

function readRequest(der: Uint8Array, policy: string): AcceptedRequest {
  const request = parseRequest(der)
  const { imprint, nonce, extensions } = request
  const { digestAlgorithm, hashedMessage } = imprint
  if (digestAlgorithm === undefined) throw new Refusal<TimeStampRefusal>('algorithm-unknown')
  if ((request.policy ?? policy) !== policy) throw new Refusal<TimeStampRefusal>('policy-unknown')
  // RFC 3161, 2.4.1: an unrecognised extension is refused whether it is critical or not.
  if (extensions.length > 0) throw new Refusal<TimeStampRefusal>('extension-unknown')
  if (nonce !== undefined && nonce.length > MAX_NONCE_BYTES) {
    throw new Refusal<TimeStampRefusal>('nonce-too-long')
  }
  return { ...request, imprint: { digestAlgorithm, hashedMessage } }
}

const MAX_NONCE_BYTES = 64

function parseRequest(der: Uint8Array): TimeStampRequest {
  try {
    return parseTimeStampRequest(der)
  } catch (error) {
    if (error instanceof DerError) throw new Refusal<TimeStampRefusal>('malformed', {}, { cause: error })
    throw error
  }
}

async function stamp(unit: TimeStampingUnit, request: AcceptedRequest): Promise<Uint8Array> {
  const reserved = trustedNow(unit)
  const serial = await unit.serialNumbers.next(reserved.getTime())
  // Read again: taking a serial number may have waited for the disk.
  const genTime = trustedNow(unit)
  const tstInfo = buildTstInfo({
    policy: unit.policy,
    ...request.imprint,
    serialNumber: bigEndian(serial),
    genTime,
    accuracy: ACCURACY,
    nonce: request.nonce,
  })
  const { key, certificate, chain } = unit
  const prepared = await prepareTimeStampToken(tstInfo, certificate, key.algorithm, nodePlatform)
  const signature = await signData(unit.module, key, prepared.signedAttributes)
  return assembleTimeStampToken(prepared, signature, { certReq: request.certReq, certificates: chain })
}

/** EN 319 421 V1.3.1, TIS-7.7.1-05: one second or better. */
const ACCURACY = { seconds: 1 }

function trustedNow({ clock, certificate }: TimeStampingUnit): Date {
  const now = clock.now()
  if (now === undefined) throw new Refusal<TimeStampRefusal>('time-untrusted')
  if (!mayStampAt(certificate, now)) throw new Refusal<TimeStampRefusal>('key-out-of-period')
  return now
}

/** Within the certificate's validity and the period in which its key may be used. */
export function mayStampAt({ notBefore, notAfter, extensions }: Certificate, at: Date): boolean {
  const period = extensions.privateKeyUsagePeriod
  const begins = [notBefore, period?.notBefore].every(begin => begin === undefined || at >= begin)
  const ended = [notAfter, period?.notAfter].some(end => end !== undefined && at > end)
  return begins && !ended
}

function refusalOf(error: unknown): TimeStampRefusal | undefined {
  if (!(error instanceof Refusal)) return undefined
  return isTimeStampRefusal(error.code) ? error.code : undefined
}

function isTimeStampRefusal(code: string): code is TimeStampRefusal {
  return code !== 'fault' && Object.hasOwn(FAILURES, code)
}

function bigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}
