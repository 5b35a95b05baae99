/**
 * ECDSA-Sig-Value, the DER form in which X.509 and CMS carry an ECDSA signature: RFC 3279, 2.2.3.
 *
 * Both modules answer with r and s side by side, which is not what a certificate or a CMS SignerInfo holds.
 */
import { concat } from '@natsuin/pki/encoding'
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
