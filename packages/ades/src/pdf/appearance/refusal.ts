/** Why a visible signature cannot be drawn; the codes are those of `pdf/refusal.ts`. */
import { PdfRefusal, type PdfRefusalCode } from '../refusal.ts'

/**
 * Reads a font or an image. Whatever lies outside its bytes, or does not inflate, is the fault of that file and not of
 * the document.
 */
export async function reading<T>(
  code: 'font-unsupported' | 'image-unsupported',
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const isDamage = error instanceof RangeError || (error instanceof PdfRefusal && DAMAGE.has(error.code))
    throw isDamage ? new PdfRefusal(code, 'it is damaged', { cause: error }) : error
  }
}

const DAMAGE: ReadonlySet<PdfRefusalCode> = new Set(['malformed-structure', 'limit-exceeded'])
