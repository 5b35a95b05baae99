/** `signatures/timestamp`: CSC API v1.0.4.0, 11.10 and v2.0.0.2, 11.13, the same in both. */
import { parseSignedData } from '@natsuin/pki/cms'
import { equal, toBase64, toHex } from '@natsuin/pki/encoding'
import { parseTstInfo } from '@natsuin/pki/tsp'
import { bytesIn } from '../base64.ts'
import { UnexpectedAnswer } from '../csc-error.ts'
import { membersOf } from '../json.ts'
import type { Token } from '../token.ts'
import type { CscService, MethodOptions } from './service.ts'

export interface TimestampRequest {
  readonly hash: Uint8Array
  /** OID. */
  readonly hashAlgo: string
  /** A large random number, most significant byte first. */
  readonly nonce?: Uint8Array
}

export async function timestamp(
  service: CscService,
  token: Token | undefined,
  { hash, hashAlgo, nonce }: TimestampRequest,
  options: MethodOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = { hash: toBase64(hash), hashAlgo, nonce: nonce && toHex(nonce) }
  const answer = await service.call('signatures/timestamp', body, { token }, options)
  const stamped = bytesIn(membersOf(answer.body)['timestamp'], 'the time-stamp token')
  checkToken(stamped, hash, nonce)
  return stamped
}

/** It answers this request; whose it is, and whether it holds, is for who validates. @throws UnexpectedAnswer */
function checkToken(token: Uint8Array, hash: Uint8Array, nonce: Uint8Array | undefined): void {
  const { imprint, nonce: named } = infoIn(token)
  const isFresh = nonce === undefined || (named !== undefined && numberOf(named) === numberOf(nonce))
  if (!isFresh || !equal(imprint.hashedMessage, hash)) {
    throw new UnexpectedAnswer('the time-stamp token answers another request')
  }
}

function infoIn(token: Uint8Array) {
  try {
    return parseTstInfo(parseSignedData(token).content ?? new Uint8Array())
  } catch {
    throw new UnexpectedAnswer('no time-stamp token')
  }
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x0${toHex(bytes)}`)
