/** Writing one DER element: X.690, 8.1. The few structures of this package need no more than this. */
import { concat } from '@natsuin/pki/encoding'

/** Identifier, definite length in the shortest form (X.690, 10.1), and the parts as content (under 256 octets). */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concat(...parts)
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return concat(Uint8Array.of(tag, ...length), content)
}
