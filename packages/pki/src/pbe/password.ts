/**
 * The two spellings of a password. RFC 8018 wants octets, which everybody takes from UTF-8 (RFC 9579 says so for
 * PBMAC1); RFC 7292, B.1 wants a BMPString with two zero octets after it.
 *
 * An *empty* password is those two zero octets; *no* password is nothing at all. Both exist in files, and a person
 * who types nothing means either.
 */
import { utf8 } from '../encoding/bytes.ts'

export interface Password {
  readonly utf8: Uint8Array
  /** UTF-16 in big-endian order with its end, or nothing. */
  readonly bmp: Uint8Array
}

/** What a typed text may stand for, the usual reading first. */
export function passwordsOf(text: string): readonly Password[] {
  const given = { utf8: utf8(text), bmp: bmpString(text) }
  return text === '' ? [given, { utf8: given.utf8, bmp: new Uint8Array() }] : [given]
}

function bmpString(text: string): Uint8Array {
  const octets = new Uint8Array(2 * text.length + 2)
  const view = new DataView(octets.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i))
  return octets
}
