/** What somebody appends to a document, byte by byte and in order, for the tests of this folder. */
import { type ShapeObject, toBytes, withTable } from '@natsuin/testing/pdf'

const textOf = (document: Uint8Array) => Buffer.from(document).toString('latin1')

export const stream = (content: string) => `<< /Length ${content.length} >>\nstream\n${content}\nendstream`

/** Objects behind a document, in a section that is in order. */
export function appended(
  document: Uint8Array,
  objects: readonly ShapeObject[],
  root = '1 0 R',
  entries = '',
): Uint8Array {
  const text = textOf(document)
  const prev = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
  const sizes = [...text.matchAll(/\/Size (\d+)/g)].map(match => Number(match[1]))
  const size = Math.max(...sizes, ...objects.map(({ number }) => number + 1))
  return toBytes(withTable(text, objects, { size, entries: `/Root ${root} ${entries}`, prev }).text)
}

/** The newest version of an object, without its frame. */
export function bodyOf(document: Uint8Array, number: number): string {
  return (
    [...textOf(document).matchAll(new RegExp(`\\n${number} 0 obj\\n(.*?)\\nendobj`, 'gs'))].at(-1)?.[1] ?? ''
  )
}

export interface Answers {
  readonly ocsp?: readonly Uint8Array[]
  readonly crls?: readonly Uint8Array[]
}

const NEW_STORE = 90

/** The document with a security store of these answers and nothing else, in the place of the one that it has. */
export function withStore(document: Uint8Array, { ocsp = [], crls = [] }: Answers): Uint8Array {
  const catalog = bodyOf(document, 1)
  const number = Number(/\/DSS (\d+) 0 R/.exec(catalog)?.[1] ?? NEW_STORE)
  const first = NEW_STORE + 1
  const streams = [...ocsp, ...crls].map((der, i) => ({ number: first + i, body: stream(textOf(der)) }))
  const list = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `${from + i} 0 R`).join(' ')
  const body = `<< /OCSPs [${list(first, ocsp.length)}] /CRLs [${list(first + ocsp.length, crls.length)}] >>`
  const named = catalog.includes('/DSS') ? catalog : catalog.replace(/>>$/, ` /DSS ${number} 0 R>>`)
  return appended(document, [...streams, { number, body }, { number: 1, body: named }])
}
