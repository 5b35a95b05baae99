/**
 * ECDSA-Sig-Value, the DER form in which X.509 and CMS carry an ECDSA signature: RFC 3279, 2.2.3.
 *
 * Both modules answer with r and s side by side, which is not what a certificate or a CMS SignerInfo holds. Read
 * strictly: two spellings of one signature would be two signatures to a log.
 */
import { concat, equal } from '@natsuin/pki/encoding'
import { element } from './der-element.ts'

/** r || s, both of the same length, to SEQUENCE { r INTEGER, s INTEGER }. */
export function ecdsaSigValue(pair: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = pair.length / 2
  return element(0x30, integer(pair.subarray(0, half)), integer(pair.subarray(half)))
}

/** X.690, 8.3: the fewest octets, and a leading zero where the first bit would read as a sign. */
function integer(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = octets.findIndex(octet => octet !== 0)
  const significant = start === -1 ? Uint8Array.of(0) : octets.subarray(start)
  const negative = (significant[0] ?? 0) >= 0x80
  return element(0x02, negative ? concat(Uint8Array.of(0), significant) : significant)
}

/**
 * SEQUENCE { r INTEGER, s INTEGER } to r || s of `size` octets each; `undefined` for anything but the one DER
 * spelling of two positive integers that fit.
 */
export function parseEcdsaSigValue(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  const start = (der[1] ?? 0) === 0x81 ? 3 : 2
  const r = integerAt(der, start, size)
  const s = r && integerAt(der, r.end, size)
  if (r === undefined || s === undefined) return undefined
  const pair = concat(r.octets, s.octets)
  // Writing it again finds every other spelling: lengths, leading zeros, negative integers, trailing octets.
  return equal(ecdsaSigValue(pair), der) ? pair : undefined
}

function integerAt(der: Uint8Array, at: number, size: number) {
  const end = at + 2 + (der[at + 1] ?? 0)
  const content = der.subarray(at + 2, end)
  const significant = content.subarray(content.findIndex(octet => octet !== 0))
  if (end > der.length || content.every(octet => octet === 0) || significant.length > size) return undefined
  const octets = new Uint8Array(size)
  octets.set(significant, size - significant.length)
  return { octets, end }
}
