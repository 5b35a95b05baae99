/**
 * `authorization_details` of type `credential`: CSC API v2.0.0.2, 8.4.4; RFC 9396.
 *
 * Strict: one entry, no unknown members, canonical base64, digests of exactly the algorithm's length, labels of
 * visible text. What is accepted here is shown to a signer and compared byte by byte later, so nothing is
 * repaired (threats T-RAR-01, -02, -04).
 */
import { type DigestAlgorithm, digestAlgorithms, digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import { identifier, visibleText } from '../approval/index.ts'
import { integer, list, oneOf, optional, record, type Shape, ShapeError, text } from '../shape/shape.ts'
import {
  documentAddress,
  MAX_DTBS_BYTES,
  MAX_SIGNATURES,
  type RequestedSignatures,
} from './requested-signatures.ts'

/** The type of v2.0, and the URI that v2.2 gave to the same thing. */
export const DETAIL_TYPES = ['credential', 'https://cloudsignatureconsortium.org/2025/credential'] as const

/** What the parsed `authorization_details` ask for. @throws ShapeError */
export function readAuthorizationDetails(value: unknown): RequestedSignatures {
  const [detail] = details(value)
  if (detail === undefined) throw new ShapeError('authorization_details', 'one element')
  const digestAlgorithm = digestByOid(detail.hashAlgorithmOID)
  if (digestAlgorithm === undefined) throw new ShapeError('hashAlgorithmOID', 'a digest algorithm')
  const { documentDigests, numSignatures, credentialID: credentialId } = detail
  if (numSignatures !== undefined && numSignatures !== documentDigests.length) {
    throw new ShapeError('numSignatures', 'the number of documentDigests')
  }
  const items = documentDigests.map((digest, i) => requestedItem(digest, i, digestAlgorithm))
  const locations = (detail.documentLocations ?? []).map(({ uri }) => uri)
  return { credentialId, digestAlgorithm, items, locations }
}

function base64(limits: { min: number; max: number }): Shape<Uint8Array> {
  return (value, path = '') => {
    const bytes = typeof value === 'string' && value.length <= 2 * limits.max ? fromBase64(value) : undefined
    if (bytes === undefined || bytes.length < limits.min || bytes.length > limits.max) {
      throw new ShapeError(path, `base64 of ${limits.min} to ${limits.max} bytes`)
    }
    return bytes
  }
}

const documentDigest = record({
  hash: base64({ min: 1, max: 64 }),
  label: optional(visibleText(255)),
  // Clients of v2.2 write it in capitals.
  hashType: optional(oneOf('dtbsr', 'DTBSR')),
  dtbs: optional(base64({ min: 1, max: MAX_DTBS_BYTES })),
  documentDigest: optional(base64({ min: 32, max: 64 })),
})

/** Spelled as the wallet pilots spell it; no edition of the CSC API has it (csc-api 10.6). */
const documentLocation = record({
  uri: documentAddress,
  /** Who may fetch it: whoever has the address. */
  method: optional(record({ type: oneOf('public') })),
})

const details = list(
  record({
    type: oneOf(...DETAIL_TYPES),
    credentialID: identifier,
    signatureQualifier: optional(text({ max: 255 })),
    numSignatures: optional(integer({ min: 1, max: MAX_SIGNATURES })),
    documentDigests: list(documentDigest, { min: 1, max: MAX_SIGNATURES }),
    hashAlgorithmOID: text({ max: 64 }),
    locations: optional(list(text({ max: 2048 }), { max: 10 })),
    documentLocations: optional(list(documentLocation, { max: MAX_SIGNATURES })),
  }),
  { min: 1, max: 1 },
)

function requestedItem(
  digest: ReturnType<typeof documentDigest>,
  i: number,
  algorithm: DigestAlgorithm,
): RequestedSignatures['items'][number] {
  const { hash: dtbsr, label, dtbs, documentDigest: prepared } = digest
  if (dtbsr.length !== digestAlgorithms[algorithm].size) {
    throw new ShapeError(`documentDigests[${i}].hash`, `${digestAlgorithms[algorithm].size} bytes`)
  }
  return {
    label: label ?? defaultLabel(i),
    dtbsr,
    ...(dtbs === undefined ? {} : { dtbs }),
    ...(prepared === undefined ? {} : { documentDigest: prepared }),
  }
}

/** What a signer sees for a digest that the client gave no label. */
export function defaultLabel(i: number): string {
  return `#${i + 1}`
}
