/** An image as objects of a PDF: ISO 32000-2, 8.9.5 (images), 8.9.6.2 (masks), 8.6.5 (colors that need no device). */
import type { ObjectChanges } from '../../object-changes.ts'
import {
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfName,
  pdfNumber,
  pdfNumbers,
} from '../../objects.ts'
import { PdfRefusal } from '../../refusal.ts'
import { deflated } from '../deflate.ts'
import type { Image } from './image.ts'
import { readJpeg } from './jpeg.ts'
import { readPng } from './png.ts'

/** By how the file begins. @throws PdfRefusal `image-unsupported` */
export async function readImage(bytes: Uint8Array): Promise<Image> {
  if (beginsWith(bytes, [0xff, 0xd8, 0xff])) return readJpeg(bytes)
  if (beginsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return readPng(bytes)
  throw new PdfRefusal('image-unsupported', 'neither PNG nor JPEG')
}

function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte)
}

export async function addImage(changes: ObjectChanges, image: Image): Promise<PdfReference> {
  const mask = image.mask === undefined ? {} : { Mask: await addMask(changes, image, image.mask) }
  const isJpeg = image.encoding === 'jpeg'
  return changes.addStream(
    {
      ...imageEntries(image, 8),
      ColorSpace: image.colors === 'gray' ? CAL_GRAY : CAL_RGB,
      Filter: pdfName(isJpeg ? 'DCTDecode' : 'FlateDecode'),
      ...mask,
    },
    isJpeg ? image.data : await deflated(image.data),
  )
}

async function addMask(changes: ObjectChanges, image: Image, mask: Uint8Array): Promise<PdfReference> {
  const entries = { ...imageEntries(image, 1), ImageMask: true, Filter: pdfName('FlateDecode') }
  return changes.addStream(entries, await deflated(mask))
}

function imageEntries({ width, height }: Image, bits: number): Readonly<Record<string, PdfObject>> {
  return {
    Type: pdfName('XObject'),
    Subtype: pdfName('Image'),
    Width: pdfInteger(width),
    Height: pdfInteger(height),
    BitsPerComponent: pdfInteger(bits),
  }
}

// D65, with the primaries of sRGB: PDF/A allows these whatever its output intent is for.
const WHITE_POINT = pdfNumbers(0.9505, 1, 1.089)

export const CAL_GRAY = pdfArray([
  pdfName('CalGray'),
  pdfDictionary({ WhitePoint: WHITE_POINT, Gamma: pdfNumber(2.2) }),
])

const CAL_RGB = pdfArray([
  pdfName('CalRGB'),
  pdfDictionary({
    WhitePoint: WHITE_POINT,
    Gamma: pdfNumbers(2.2, 2.2, 2.2),
    Matrix: pdfNumbers(0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505),
  }),
])
