/**
 * How many bytes the tokens of an authority can have, learned from one that is asked for and thrown away.
 *
 * In a PDF the room for a token has to be there before what it stamps can be hashed. A guess would be too small one day, and
 * waste space in every document until then. An authority is asked once, however many documents follow.
 */
import type { TimeStampSource } from './first-time-stamp.ts'

/** Serial numbers, fractions of a second and ECDSA values of one authority differ in length by less than this. */
export const TOKEN_LEEWAY_BYTES = 128

const learned = new WeakMap<TimeStampSource, number>()

/** @throws AdesRefusal what the source refuses with */
export async function tokenBytesOf(source: TimeStampSource): Promise<number> {
  const known = learned.get(source)
  if (known !== undefined) return known
  // The longest digest there is, so that a token over any other is not longer.
  const token = await source(crypto.getRandomValues(new Uint8Array(64)), 'sha512')
  const bytes = token.length + TOKEN_LEEWAY_BYTES
  learned.set(source, bytes)
  return bytes
}
