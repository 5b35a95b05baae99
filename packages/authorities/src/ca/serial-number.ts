/**
 * Serial numbers: always positive, always 20 octets (RFC 5280, 4.1.2.2), of two parts.
 *
 * The first 12 octets are the module's own generator's: 94 bits nobody can foresee (EN 319 411-1 V1.5.1,
 * GEN-6.3.3-02A). The last 8 are the tag of the certified key, a MAC that only the module can compute. So the CRL
 * outside the database knows revoked keys as well as serial numbers: who deletes the row of a revoked
 * certificate does not get a fresh one for its key.
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { concat, toHex, utf8 } from '@natsuin/pki/encoding'
import { sealKeyLabel } from '../module/keys.ts'

/** Content octets of the INTEGER: the first bit is clear (positive), the second set (never shorter than 20). */
export async function newSerialNumber(module: CryptoModule, spki: Uint8Array): Promise<Uint8Array> {
  const random = new Uint8Array(await module.random(RANDOM_OCTETS))
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x40
  return concat(random, await keyTag(module, spki))
}

/** Ends the serial number of every certificate of this key. */
export async function keyTag(module: CryptoModule, spki: Uint8Array): Promise<Uint8Array> {
  return (await module.mac(sealKeyLabel, concat(utf8(KEY_TAG_LABEL), spki))).subarray(0, TAG_OCTETS)
}

/** The key tag in a serial number, as `serialText` spells both. */
export const keyTagOf = (serial: string): string => serial.slice(-2 * TAG_OCTETS)

const RANDOM_OCTETS = 12
const TAG_OCTETS = 8
// Differs from the label of the seal in its first line, so that neither MAC says anything of the other.
const KEY_TAG_LABEL = 'natsuin-authorities-key-tag-v1\n'

/** How register and CRL entries name a serial number: content octets in lower-case hex. */
export const serialText = (contentOctets: Uint8Array): string => toHex(contentOctets)

export function serialOctets(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
