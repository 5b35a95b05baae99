/**
 * `authorization_details` of type `credential`: CSC API v2.0.0.2, 8.4.4; RFC 9396.
 *
 * Strict: one entry, no unknown members, canonical base64, digests of exactly the algorithm's length, labels of
 * visible text. What is accepted here is shown to a signer and compared byte by byte later, so nothing is
 * repaired (threats T-RAR-01, -02, -04).
 */
import { type DigestAlgorithm, digestAlgorithms, digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import { type HashType, identifier, visibleText } from '../approval/index.ts'
import { integer, list, oneOf, optional, record, type Shape, ShapeError, text } from '../shape/shape.ts'
import {
  documentAddress,
  itemOf,
  MAX_DTBS_BYTES,
  MAX_SIGNATURES,
  type RequestedItem,
  type RequestedSignatures,
} from './requested-signatures.ts'

/** The type of v2.0, and the URI that v2.2 gave to the same thing. */
export const DETAIL_TYPES = ['credential', 'https://cloudsignatureconsortium.org/2025/credential'] as const

/** What a digest is of, as clients of v2.2 write it too: in capitals. */
const HASH_TYPES: Readonly<Record<string, HashType>> = {
  dtbsr: 'dtbsr',
  DTBSR: 'dtbsr',
  sdr: 'sdr',
  SDR: 'sdr',
  sodr: 'sodr',
  SODR: 'sodr',
}

export const hashTypeWord: Shape<HashType> = (value, path = '') => {
  const type = typeof value === 'string' && Object.hasOwn(HASH_TYPES, value) ? HASH_TYPES[value] : undefined
  if (type === undefined) throw new ShapeError(path, 'dtbsr, sdr or sodr')
  return type
}

/**
 * What the parsed `authorization_details` ask for.
 *
 * @param untyped what a digest is of that does not say it. In a request that the client signed always a DTBS/R, the
 *   default of the standard: page, SAM and verifiers read it themselves, and know of no other
 * @throws ShapeError
 */
export function readAuthorizationDetails(value: unknown, untyped: HashType = 'dtbsr'): RequestedSignatures {
  const [detail] = details(value)
  if (detail === undefined) throw new ShapeError('authorization_details', 'one element')
  const digestAlgorithm = digestByOid(detail.hashAlgorithmOID)
  if (digestAlgorithm === undefined) throw new ShapeError('hashAlgorithmOID', 'a digest algorithm')
  const { documentDigests, numSignatures, credentialID: credentialId } = detail
  if (numSignatures !== undefined && numSignatures !== documentDigests.length) {
    throw new ShapeError('numSignatures', 'the number of documentDigests')
  }
  const items = documentDigests.map((digest, i) =>
    requestedItem({ hashType: untyped, ...digest }, i, digestAlgorithm),
  )
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
  hashType: optional(hashTypeWord),
  dtbs: optional(base64({ min: 1, max: MAX_DTBS_BYTES })),
  documentDigest: optional(base64({ min: 32, max: 64 })),
})

/** Spelled as the wallet pilots spell it; no edition of the CSC API has it. */
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
  digest: ReturnType<typeof documentDigest> & { readonly hashType: HashType },
  i: number,
  algorithm: DigestAlgorithm,
): RequestedItem {
  const { hash, hashType, label = defaultLabel(i), dtbs, documentDigest: prepared } = digest
  const item = itemOf(label, hashType, hash)
  if (hash.length !== digestAlgorithms[algorithm].size) {
    throw new ShapeError(`documentDigests[${i}].hash`, `${digestAlgorithms[algorithm].size} bytes`)
  }
  const preimage = {
    ...(dtbs === undefined ? {} : { dtbs }),
    ...(prepared === undefined ? {} : { documentDigest: prepared }),
  }
  if ('dtbsr' in item) return { ...item, ...preimage }
  if (Object.keys(preimage).length > 0) throw new ShapeError(`documentDigests[${i}]`, 'the digest alone')
  return item
}

/** What a signer sees for a digest that the client gave no label. */
export function defaultLabel(i: number): string {
  return `#${i + 1}`
}
