/** An image as PDF can draw it: ISO 32000-2, 8.9.5. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly colors: 'gray' | 'rgb'
  /** 8 bits a component, rows from the top, or a whole JPEG file. */
  readonly data: Uint8Array
  readonly encoding: 'samples' | 'jpeg'
  /** One bit a pixel, rows filled up to bytes; 1 where nothing is drawn. */
  readonly mask?: Uint8Array
}

const MAX_PIXELS = 16 * 1024 * 1024

/** Whether an image of that size has any pixel, and not more than a seal on a page can need. */
export function mayBeDrawn(width: number, height: number): boolean {
  return width * height > 0 && width * height <= MAX_PIXELS
}
