/** What a client asks a signer for: these representations, signed once each with this credential. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { digestName, documentHashType, type HashType, identifier, visibleText } from '../approval/index.ts'
import {
  base64url,
  list,
  optional,
  record,
  type Shape,
  type Shaped,
  ShapeError,
  text,
} from '../shape/shape.ts'

export const MAX_SIGNATURES = 1000
/** As the approval statement allows it. */
export const MAX_DTBS_BYTES = 16384

const requestedRepresentation = record({
  label: visibleText(255),
  dtbsr: base64url({ min: 32, max: 64 }),
  dtbs: optional(base64url({ max: MAX_DTBS_BYTES })),
  documentDigest: optional(base64url({ min: 32, max: 64 })),
})

/** The digest of a document, whose DTBS/R is made when it is signed. */
const requestedDocument = record({
  label: visibleText(255),
  hashType: documentHashType,
  documentDigest: base64url({ min: 32, max: 64 }),
})

export const requestedItem: Shape<RequestedItem> = (value, path) =>
  Object.hasOwn(Object(value), 'hashType')
    ? requestedDocument(value, path)
    : requestedRepresentation(value, path)

/** What is asked for by its digest alone. */
export const itemOf = (label: string, hashType: HashType, digest: Uint8Array): RequestedItem =>
  hashType === 'dtbsr' ? { label, dtbsr: digest } : { label, hashType, documentDigest: digest }

/** Where a document is fetched: over TLS, or from this machine. */
export const documentAddress: Shape<string> = (value, path = '') => {
  const written = text({ max: 2048 })(value, path)
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (url === undefined || !isFetched(url))
    throw new ShapeError(path, 'an https address, or one of this machine')
  return written
}

function isFetched({ protocol, hostname, username, password }: URL): boolean {
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && username === '' && password === ''
}

/** Also the form in which a request is stored and handed to the approval page (bytes as base64url). */
export const requestedSignatures = record({
  credentialId: identifier,
  digestAlgorithm: digestName,
  items: list(requestedItem, { min: 1, max: MAX_SIGNATURES }),
  locations: list(documentAddress, { max: MAX_SIGNATURES }),
})

export type RequestedRepresentation = Shaped<typeof requestedRepresentation>
export type RequestedDocument = Shaped<typeof requestedDocument>
export type RequestedItem = RequestedRepresentation | RequestedDocument
export interface RequestedSignatures {
  readonly credentialId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly items: readonly RequestedItem[]
  /** Where the signer's browser finds the documents, in any order: a document is known by its digest alone. */
  readonly locations: readonly string[]
}
