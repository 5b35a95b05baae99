/**
 * A PNG as samples (RFC 2083): any color type, 8 bits a sample, not interlaced.
 *
 * What is more than half transparent is not drawn, the rest is drawn in full: a mask of that kind is allowed in every
 * part of PDF/A, while soft masks are transparency.
 */
import { concat } from '@natsuin/pki/encoding'
import { inflate } from '../../inflate.ts'
import { undoRows } from '../../predictor.ts'
import { PdfRefusal } from '../../refusal.ts'
import { type Image, mayBeDrawn } from './image.ts'

interface Header {
  readonly width: number
  readonly height: number
  readonly type: ColorType
}

interface ColorType {
  readonly channels: number
  readonly colors: Image['colors']
  /** Whether the last channel is opacity. */
  readonly opacity: boolean
  readonly palette: boolean
}

/** RFC 2083, 4.1.1. */
const COLOR_TYPES: Readonly<Record<number, ColorType>> = {
  0: { channels: 1, colors: 'gray', opacity: false, palette: false },
  2: { channels: 3, colors: 'rgb', opacity: false, palette: false },
  3: { channels: 1, colors: 'rgb', opacity: false, palette: true },
  4: { channels: 2, colors: 'gray', opacity: true, palette: false },
  6: { channels: 4, colors: 'rgb', opacity: true, palette: false },
}

/** @throws PdfRefusal `image-unsupported`; RangeError where it is damaged */
export async function readPng(bytes: Uint8Array): Promise<Image> {
  const chunks = [...chunksIn(bytes)]
  const all = (name: string) => concat(...chunks.filter(chunk => chunk.name === name).map(({ data }) => data))
  const header = readHeader(all('IHDR'))
  const rowBytes = header.width * header.type.channels
  const filtered = await inflate(all('IDAT'), header.height * (rowBytes + 1))
  if (filtered.length !== header.height * (rowBytes + 1)) throw new RangeError('rows of a PNG')
  const rows = undoRows(filtered, rowBytes, header.type.channels)
  return pixelsOf(rows, header, { palette: all('PLTE'), transparency: all('tRNS') })
}

function* chunksIn(bytes: Uint8Array): Generator<{ readonly name: string; readonly data: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) throw new RangeError('a chunk beyond the end of the PNG')
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    yield { name, data: bytes.subarray(at + 8, at + 8 + length) }
    at += 12 + length
  }
}

function readHeader(data: Uint8Array): Header {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const type = COLOR_TYPES[view.getUint8(9)]
  const isPlain = view.getUint8(8) === 8 && view.getUint8(12) === 0 && mayBeDrawn(width, height)
  if (type === undefined || !isPlain)
    throw new PdfRefusal('image-unsupported', 'depth, size or interlacing of a PNG')
  return { width, height, type }
}

interface Extras {
  readonly palette: Uint8Array
  readonly transparency: Uint8Array
}

function pixelsOf(rows: Uint8Array, { width, height, type }: Header, extras: Extras): Image {
  const samples = type.colors === 'rgb' ? 3 : 1
  const data = new Uint8Array(width * height * samples)
  const mask = new Mask(width, height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const { color, opacity } = pixelAt(rows, pixel * type.channels, type, extras)
    data.set(color, pixel * samples)
    if (opacity < 128) mask.hide(pixel)
  }
  const masked = mask.isEmpty ? {} : { mask: mask.bytes }
  return { width, height, colors: type.colors, data, encoding: 'samples', ...masked }
}

/** One bit a pixel, rows filled up to bytes (ISO 32000-2, 8.9.6.2). */
class Mask {
  readonly bytes: Uint8Array
  isEmpty = true
  readonly #width: number

  constructor(width: number, height: number) {
    this.#width = width
    this.bytes = new Uint8Array(Math.ceil(width / 8) * height)
  }

  hide(pixel: number): void {
    const [row, column] = [Math.floor(pixel / this.#width), pixel % this.#width]
    const at = row * Math.ceil(this.#width / 8) + (column >> 3)
    this.bytes[at] = (this.bytes[at] ?? 0) | (0x80 >> (column & 7))
    this.isEmpty = false
  }
}

function pixelAt(rows: Uint8Array, at: number, type: ColorType, { palette, transparency }: Extras) {
  if (type.palette) {
    const index = rows[at] ?? 0
    if (3 * index + 3 > palette.length) throw new RangeError('a color beyond the palette')
    return { color: palette.subarray(3 * index, 3 * index + 3), opacity: transparency[index] ?? 255 }
  }
  const colors = type.channels - (type.opacity ? 1 : 0)
  const color = rows.subarray(at, at + colors)
  if (type.opacity) return { color, opacity: rows[at + colors] ?? 255 }
  // One color may stand for nothing at all (4.2.9), as numbers of two bytes.
  const isNothing =
    transparency.length === 2 * colors && color.every((value, i) => value === transparency[2 * i + 1])
  return { color, opacity: isNothing ? 0 : 255 }
}
