/**
 * How much of a document is read before it is refused with `limit-exceeded`.
 *
 * The bounds hold while parsing, not after: a small file can ask for a large amount of work. They are about structure; how
 * long a document may be, is for whoever takes documents from strangers to say.
 */
export interface PdfLimits {
  /** By default what ten digits can address (7.5.4), updates included: no limit but that of the format. */
  readonly fileBytes: number
  /** Object numbers in use, which also bounds the memory of the cross-reference table. */
  readonly objects: number
  readonly xrefSections: number
  /** Bytes of one stream after inflation. */
  readonly inflatedStreamBytes: number
  /** Bytes of all streams together after inflation. */
  readonly inflatedTotalBytes: number
  /** Length of one object as it stands in the file, stream data apart. */
  readonly objectBytes: number
  /** Nesting of arrays and dictionaries, of page tree nodes, and of form fields. */
  readonly depth: number
  readonly formFields: number
  readonly pageTreeNodes: number
  /** Signatures that are there already. */
  readonly signatures: number
}

const MEBIBYTE = 1024 * 1024

export const DEFAULT_PDF_LIMITS: PdfLimits = {
  fileBytes: 9_900_000_000,
  objects: 1_000_000,
  xrefSections: 1024,
  inflatedStreamBytes: 100 * MEBIBYTE,
  inflatedTotalBytes: 500 * MEBIBYTE,
  objectBytes: 16 * MEBIBYTE,
  depth: 64,
  formFields: 100_000,
  pageTreeNodes: 200_000,
  signatures: 200,
}
