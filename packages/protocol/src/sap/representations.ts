/**
 * What `sign` and `sads/extend` are asked for: a DTBS/R as it was approved, in bytes; or the digest of a document that was
 * approved, and how its DTBS/R is made (sole-control 4).
 *
 * The SAM makes it itself as CMS signed attributes (RFC 5652, 5.3) from a template into which nothing comes from outside
 * but the approved digest. What it has no template for `server` makes, which level 3 refuses.
 */
import { documentHashType } from '../approval/index.ts'
import { base64url, oneOf, optional, record, type Shape, type Shaped, variant } from '../shape/shape.ts'

/** How long it has to be is for the SAM to say, in words of its own. */
const digest = base64url({ min: 1, max: 64 })

const approvedDocument = record({ hashType: documentHashType, documentDigest: digest })

/**
 * By which rules the attributes are made: those of CAdES hold the SAM's time (EN 319 122-1 V1.3.1, 6.3), those of PAdES
 * must not hold any (EN 319 142-1 V1.2.1, 6.3). What PAdES signs is not the whole file.
 */
const templateDocument = variant('hashType', {
  sdr: record({ hashType: oneOf('sdr'), documentDigest: digest, cms: oneOf('cades', 'pades') }),
  sodr: record({ hashType: oneOf('sodr'), documentDigest: digest, cms: oneOf('cades') }),
})

const preparedDocument = record({
  hashType: documentHashType,
  documentDigest: digest,
  dtbsr: digest,
  /** Its preimage: goes into the evidence, and a key that signs messages cannot do without. */
  dtbs: optional(base64url({ max: 16384 })),
})

const isText = (value: unknown): boolean => typeof value === 'string'

export const askedDigest: Shape<Uint8Array | Shaped<typeof approvedDocument>> = (value, path) =>
  isText(value) ? digest(value, path) : approvedDocument(value, path)

export const askedRepresentation: Shape<Uint8Array | AskedDocument> = (value, path) => {
  if (isText(value)) return digest(value, path)
  return Object.hasOwn(Object(value), 'cms') ? templateDocument(value, path) : preparedDocument(value, path)
}

export type AskedDigest = Shaped<typeof askedDigest>
export type AskedRepresentation = Shaped<typeof askedRepresentation>
/** The SAM makes the DTBS/R. */
export type TemplateDocument = Shaped<typeof templateDocument>
/** `server` made it. */
export type PreparedDocument = Shaped<typeof preparedDocument>
export type AskedDocument = TemplateDocument | PreparedDocument
