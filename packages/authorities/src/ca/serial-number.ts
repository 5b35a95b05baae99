/**
 * Serial numbers: 158 bits of the module's own generator, always positive and always 20 octets (RFC 5280, 4.1.2.2;
 * EN 319 411-1 V1.5.1, GEN-6.3.3-02A).
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { toHex } from '@natsuin/pki/encoding'

/** Content octets of the INTEGER: the first bit is clear (positive), the second set (never shorter than 20). */
export async function newSerialNumber(module: CryptoModule): Promise<Uint8Array> {
  const serial = new Uint8Array(await module.random(20))
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

/** How register and CRL entries name a serial number: content octets in lower-case hex. */
export const serialText = (contentOctets: Uint8Array): string => toHex(contentOctets)

export function serialOctets(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
