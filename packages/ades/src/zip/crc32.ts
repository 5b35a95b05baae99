/** The checksum of ZIP (APPNOTE 6.3.10, 4.4.7): it finds accidents, and nobody relies on it against anybody. */
const POLYNOMIAL = 0xedb88320

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
  return value
})

export class Crc32 {
  #value = 0xffffffff

  update(bytes: Uint8Array): void {
    let value = this.#value
    for (const byte of bytes) value = (value >>> 8) ^ (TABLE[(value ^ byte) & 0xff] ?? 0)
    this.#value = value
  }

  get value(): number {
    return ~this.#value >>> 0
  }
}
