/**
 * Undoes the predictor of a Flate stream (ISO 32000-2, 7.4.4.4; the PNG filters are RFC 2083, 6).
 *
 * Only what cross-reference and object streams use: none (1) and the PNG group (10 to 15). The TIFF
 * predictor is for images. A PNG file has the same rows.
 */
import { asCount, isDictionary, type PdfDictionary, type PdfObject } from './objects.ts'
import { PdfRefusal } from './refusal.ts'

export function undoPredictor(data: Uint8Array, parameters: PdfObject | undefined): Uint8Array {
  if (!isDictionary(parameters)) return data
  const predictor = count(parameters, 'Predictor', 1)
  if (predictor === 1) return data
  if (predictor < 10 || predictor > 15)
    throw new PdfRefusal('unsupported-compression', `predictor ${predictor}`)
  const bits = count(parameters, 'Colors', 1) * count(parameters, 'BitsPerComponent', 8)
  const rowBytes = Math.ceil((bits * count(parameters, 'Columns', 1)) / 8)
  return undoRows(data, rowBytes, Math.max(1, Math.ceil(bits / 8)))
}

function count(parameters: PdfDictionary, key: string, fallback: number): number {
  const object = parameters.entries.get(key)
  const value = object === undefined ? fallback : asCount(object)
  if (value === undefined || value === 0 || value > 65_536)
    throw new PdfRefusal('malformed-structure', `DecodeParms ${key}`)
  return value
}

/**
 * Each row begins with the number of its filter.
 *
 * @param left  how far back in the row the corresponding byte is
 * @throws PdfRefusal `malformed-structure`
 */
export function undoRows(data: Uint8Array, rowBytes: number, left: number): Uint8Array {
  if (data.length % (rowBytes + 1) !== 0)
    throw new PdfRefusal('malformed-structure', 'a predictor row is cut short')
  const rows = data.length / (rowBytes + 1)
  const output = new Uint8Array(rows * rowBytes)
  for (let row = 0; row < rows; row++) undoRow(data, output, { row, rowBytes, left })
  return output
}

interface Row {
  readonly row: number
  readonly rowBytes: number
  readonly left: number
}

function undoRow(data: Uint8Array, output: Uint8Array, { row, rowBytes, left }: Row): void {
  const source = row * (rowBytes + 1)
  const target = row * rowBytes
  const predict = PNG_FILTERS[data[source] ?? PNG_FILTERS.length]
  if (predict === undefined) throw new PdfRefusal('malformed-structure', 'an unknown predictor row')
  for (let i = 0; i < rowBytes; i++) {
    const a = i < left ? 0 : (output[target + i - left] ?? 0)
    const b = row === 0 ? 0 : (output[target + i - rowBytes] ?? 0)
    const c = i < left || row === 0 ? 0 : (output[target + i - rowBytes - left] ?? 0)
    output[target + i] = (data[source + 1 + i] ?? 0) + predict(a, b, c)
  }
}

type Prediction = (left: number, above: number, aboveLeft: number) => number

/** RFC 2083, 6.2 to 6.6: none, sub, up, average, Paeth. */
const PNG_FILTERS: readonly Prediction[] = [
  () => 0,
  left => left,
  (_left, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
]

function paeth(left: number, above: number, aboveLeft: number): number {
  const estimate = left + above - aboveLeft
  const toLeft = Math.abs(estimate - left)
  const toAbove = Math.abs(estimate - above)
  const toAboveLeft = Math.abs(estimate - aboveLeft)
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left
  return toAbove <= toAboveLeft ? above : aboveLeft
}
