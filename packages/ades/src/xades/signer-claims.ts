/** What the signer says beside the content; proven by nobody. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'

/** EN 319 132-1 V1.3.1, 5.2.5. At least one part of it is there. */
export interface ProductionPlace {
  readonly city?: string
  readonly streetAddress?: string
  readonly stateOrProvince?: string
  readonly postalCode?: string
  readonly countryName?: string
}

export interface SignaturePolicy {
  /** URI or dotted OID of the policy. */
  readonly identifier: string
  readonly digestAlgorithm: DigestAlgorithm
  /** Of the policy document. */
  readonly digest: Uint8Array
  /** Where the document is. */
  readonly uri?: string
}

/** The commitments that everybody knows (EN 319 132-1 V1.3.1, 5.2.3). */
export const COMMITMENT_TYPES = {
  proofOfOrigin: 'http://uri.etsi.org/01903/v1.2.2#ProofOfOrigin',
  proofOfReceipt: 'http://uri.etsi.org/01903/v1.2.2#ProofOfReceipt',
  proofOfDelivery: 'http://uri.etsi.org/01903/v1.2.2#ProofOfDelivery',
  proofOfSender: 'http://uri.etsi.org/01903/v1.2.2#ProofOfSender',
  proofOfApproval: 'http://uri.etsi.org/01903/v1.2.2#ProofOfApproval',
  proofOfCreation: 'http://uri.etsi.org/01903/v1.2.2#ProofOfCreation',
} as const

export interface XadesSignerClaims {
  readonly signingTime: Date
  /** Claimed, and certified by nobody (5.2.6). */
  readonly claimedRoles?: readonly string[]
  readonly productionPlace?: ProductionPlace
  /** URIs or dotted OIDs: those of `COMMITMENT_TYPES`, or registered ones; about all that is signed. */
  readonly commitmentTypes?: readonly string[]
  readonly signaturePolicy?: SignaturePolicy
}
