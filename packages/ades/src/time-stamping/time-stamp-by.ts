/**
 * Time-stamps from an authority (RFC 3161), without any I/O of our own.
 *
 * The caller gives the exchange: request in, answer out, over HTTP (RFC 3161, 3.4) or whatever reaches the
 * authority. What comes back is believed only when it answers this request.
 */

import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import type { Platform } from '@natsuin/pki/platform'
import { buildTimeStampRequest, verifyTimeStampResponse } from '@natsuin/pki/tsp'
import { AdesRefusal } from '../refusal.ts'

/** DER TimeStampReq out, DER TimeStampResp in. */
export type TimeStampExchange = (request: Uint8Array) => Promise<Uint8Array>

export interface TimeStampByOptions {
  readonly platform: Platform
  readonly exchange: TimeStampExchange
}

/**
 * A `timeStamp` for `completePades`.
 *
 * @returns DER TimeStampToken
 * @throws AdesRefusal `time-stamp-invalid` when the authority refused or answered something else
 */
export function timeStampBy({ platform, exchange }: TimeStampByOptions) {
  return async (hashedMessage: Uint8Array, digestAlgorithm: DigestAlgorithm): Promise<Uint8Array> => {
    const request = buildTimeStampRequest({
      digestAlgorithm,
      hashedMessage,
      certReq: true,
      nonce: newNonce(),
    })
    const verdict = await verifyTimeStampResponse(await exchange(request), request, platform)
    if (!verdict.valid || verdict.token === undefined) throw new AdesRefusal('time-stamp-invalid')
    return verdict.token
  }
}

/** 64 random bits as a positive, minimally encoded INTEGER (RFC 3161, 2.4.1: "a large random number"). */
function newNonce(): Uint8Array {
  const nonce = crypto.getRandomValues(new Uint8Array(9))
  nonce[0] = 0x01
  return nonce
}
