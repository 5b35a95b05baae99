/** A large document on disk: pages that each show an image of half a megabyte, in a classic cross-reference table. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { HEADER } from './build-pdf.ts'

const IMAGE_BYTES = 512 * 1024

/** Writes a valid PDF of about `megabytes` times 1 048 576 bytes, the same bytes every time. */
export function writeLargePdf(path: string, megabytes: number): void {
  const file = new SequentialFile(path)
  const pages = Math.max(1, Math.round((megabytes * 1024 * 1024) / IMAGE_BYTES))
  const image = noise(IMAGE_BYTES)
  file.text(HEADER)
  file.object(1, '<< /Type /Catalog /Pages 2 0 R >>')
  const kids = Array.from({ length: pages }, (_, page) => `${3 + 3 * page} 0 R`)
  file.object(2, `<< /Type /Pages /Count ${pages} /Kids [${kids.join(' ')}] >>`)
  for (let page = 0; page < pages; page++) writePage(file, 3 + 3 * page, image)
  file.finish()
}

function writePage(file: SequentialFile, number: number, image: Uint8Array): void {
  const resources = `<< /XObject << /I ${number + 2} 0 R >> >>`
  const entries = `/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources ${resources}`
  file.object(number, `<< ${entries} /Contents ${number + 1} 0 R >>`)
  const content = '595 0 0 842 0 0 cm /I Do'
  file.object(number + 1, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
  const size = '/Width 1024 /Height 512 /ColorSpace /DeviceGray /BitsPerComponent 8'
  file.begin(number + 2)
  file.text(`<< /Type /XObject /Subtype /Image ${size} /Length ${image.length} >>\nstream\n`)
  file.bytes(image)
  file.text('\nendstream\nendobj\n')
}

/** Bytes that do not compress, from a linear congruential generator (Numerical Recipes). */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

class SequentialFile {
  readonly #descriptor: number
  readonly #offsets: number[] = []
  #size = 0

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w')
  }

  bytes(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done)
    this.#size += bytes.length
  }

  text(text: string): void {
    this.bytes(Uint8Array.from(text, character => character.charCodeAt(0)))
  }

  begin(number: number): void {
    this.#offsets[number] = this.#size
    this.text(`${number} 0 obj\n`)
  }

  object(number: number, body: string): void {
    this.begin(number)
    this.text(`${body}\nendobj\n`)
  }

  finish(): void {
    const xref = this.#size
    const lines = this.#offsets.slice(1).map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`)
    const size = lines.length + 1
    this.text(
      `xref\n0 ${size}\n0000000000 65535 f \n${lines.join('')}trailer\n<< /Size ${size} /Root 1 0 R >>\n`,
    )
    this.text(`startxref\n${xref}\n%%EOF\n`)
    closeSync(this.#descriptor)
  }
}
