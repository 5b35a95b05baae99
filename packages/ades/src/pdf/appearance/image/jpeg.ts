/** A JPEG goes into a PDF as it is; only its size and its colors are read (ITU-T T.81, B.2.2). */
import { PdfRefusal } from '../../refusal.ts'
import { type Image, mayBeDrawn } from './image.ts'

/** @throws PdfRefusal `image-unsupported`; RangeError where it is damaged */
export function readJpeg(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) throw new PdfRefusal('image-unsupported', 'a JPEG without a frame')
    const marker = view.getUint8(at + 1)
    if (!FRAMES.has(marker)) continue
    return { ...readFrame(view, at), data: bytes, encoding: 'jpeg' }
  }
}

function readFrame(view: DataView, at: number): Pick<Image, 'width' | 'height' | 'colors'> {
  const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
  const colors = COLORS[view.getUint8(at + 9)]
  const isPlain = view.getUint8(at + 4) === 8 && mayBeDrawn(width, height)
  if (colors === undefined || !isPlain) throw new PdfRefusal('image-unsupported', 'colors or size of a JPEG')
  return { width, height, colors }
}

/** Baseline, extended and progressive: what DCTDecode reads (ISO 32000-2, 7.4.8). */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2])
const COLORS: Readonly<Record<number, Image['colors']>> = { 1: 'gray', 3: 'rgb' }
