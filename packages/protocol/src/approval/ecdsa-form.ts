/**
 * The two spellings of a P-256 signature: r || s of IEEE P1363 (RFC 7518, 3.4; WebCrypto) and the DER
 * ECDSA-Sig-Value of RFC 3279, 2.2.3 (X.509, CMS, WebAuthn, crypto modules).
 */
import { concat } from '@natsuin/pki/encoding'

/** r || s, 64 bytes, to DER. */
export function derFromP1363(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const r = derInteger(signature.subarray(0, 32))
  const s = derInteger(signature.subarray(32))
  return concat(Uint8Array.of(0x30, r.length + s.length), r, s)
}

/** DER of a P-256 signature to r || s. Trusts its input: a signature this process just made. */
export function p1363FromDer(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const rLength = der[3] ?? 0
  const r = der.subarray(4, 4 + rLength)
  const s = der.subarray(6 + rLength, 6 + rLength + (der[5 + rLength] ?? 0))
  return concat(fixed32(r), fixed32(s))
}

function derInteger(unsigned: Uint8Array): Uint8Array {
  const start = unsigned.findIndex(byte => byte !== 0)
  const digits = start < 0 ? unsigned.subarray(-1) : unsigned.subarray(start)
  const positive = (digits[0] ?? 0) & 0x80 ? concat(Uint8Array.of(0), digits) : digits
  return concat(Uint8Array.of(0x02, positive.length), positive)
}

function fixed32(integer: Uint8Array): Uint8Array {
  const digits = integer.length > 32 ? integer.subarray(integer.length - 32) : integer
  return concat(new Uint8Array(32 - digits.length), digits)
}
