/** What a client asks a signer for: these representations, signed once each with this credential. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { digestName, identifier, visibleText } from '../approval/index.ts'
import { base64url, list, optional, record, type Shaped } from '../shape/shape.ts'

export const MAX_SIGNATURES = 1000
/** As the approval statement allows it. */
export const MAX_DTBS_BYTES = 16384

const requestedItem = record({
  label: visibleText(255),
  dtbsr: base64url({ min: 32, max: 64 }),
  dtbs: optional(base64url({ max: MAX_DTBS_BYTES })),
  documentDigest: optional(base64url({ min: 32, max: 64 })),
})

/** Also the form in which a request is stored and handed to the approval page (bytes as base64url). */
export const requestedSignatures = record({
  credentialId: identifier,
  digestAlgorithm: digestName,
  items: list(requestedItem, { min: 1, max: MAX_SIGNATURES }),
})

export type RequestedItem = Shaped<typeof requestedItem>
export interface RequestedSignatures {
  readonly credentialId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly items: readonly RequestedItem[]
}
