/** `signatures/timestamp`: CSC API v1.0.4.0, 11.10 and v2.0.0.2, 11.13, the same in both. */
import { toBase64, toHex } from '@natsuin/pki/encoding'
import { bytesIn } from '../base64.ts'
import { membersOf } from '../json.ts'
import type { Token } from '../token.ts'
import type { CscService, MethodOptions } from './service.ts'

export interface TimestampRequest {
  readonly hash: Uint8Array
  /** OID. */
  readonly hashAlgo: string
  /** A large random number, most significant byte first; whoever sends one looks for it in the token. */
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
  return bytesIn(membersOf(answer.body)['timestamp'], 'the time-stamp token')
}
