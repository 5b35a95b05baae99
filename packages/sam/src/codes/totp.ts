/**
 * Time-based one-time passwords: RFC 6238 over RFC 4226, with what authenticator apps do (HMAC-SHA-1, six digits,
 * thirty seconds).
 *
 * The step that was accepted is what counts: a code is good once, and nothing before it is good afterwards
 * (RFC 6238, 5.2).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { utf8 } from '@natsuin/pki/encoding'

export const STEP_SECONDS = 30
const DIGITS = 6

/** One step of delay or of drift to either side (RFC 6238, 5.2 and 6). */
const DRIFT = [0, -1, 1] as const

/**
 * The step whose code this is; undefined when it is none of them. All are compared, in constant time each.
 *
 * @param now seconds since 1970-01-01T00:00:00Z
 */
export function stepOf(secret: Uint8Array, code: string, now: number): number | undefined {
  const current = Math.floor(now / STEP_SECONDS)
  const given = utf8(code)
  const found = DRIFT.filter(drift => isSame(utf8(codeAt(secret, current + drift)), given))
  return found[0] === undefined ? undefined : current + found[0]
}

/** RFC 4226, 5.3, with the step as the counter (RFC 6238, 4.2). */
export function codeAt(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
