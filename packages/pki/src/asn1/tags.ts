/** Identifier octets (X.690, 8.1.2), class and constructed bit included, so that one number says it all. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

export const CONSTRUCTED = 0x20
const CONTEXT = 0x80

/** The identifier octet of `[n]` around a constructed value, and of every EXPLICIT `[n]`. */
export function contextConstructed(n: number): number {
  return CONTEXT | CONSTRUCTED | n
}

/** The identifier octet of `[n] IMPLICIT` around a primitive value. */
export function contextPrimitive(n: number): number {
  return CONTEXT | n
}
