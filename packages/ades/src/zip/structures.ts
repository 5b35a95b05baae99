/** The three records of a ZIP file that matter here (APPNOTE 6.3.10, 4.3.7, 4.3.12 and 4.3.16). */

export const LOCAL = { signature: 0x04034b50, size: 30 } as const
export const CENTRAL = { signature: 0x02014b50, size: 46 } as const
export const END = { signature: 0x06054b50, size: 22 } as const
export const DESCRIPTOR_SIGNATURE = 0x08074b50

/** Bit 3 says that sizes and checksum stand behind the data, bit 11 that names are UTF-8. */
export const FLAG = { descriptor: 1 << 3, utf8: 1 << 11 } as const
export const METHOD = { stored: 0, deflated: 8 } as const

/** Beyond this it would be another format (ZIP64). */
export const MAX_SIZE = 0xffff_fffe
export const MAX_ENTRIES = 0xfffe

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
