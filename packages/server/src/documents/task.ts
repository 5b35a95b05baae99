/** What the thread is asked about one signature: plain values, which go from thread to thread and into the database. */
import type { BaselineLevel } from '@natsuin/ades/pades'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { SignatureFormat } from './offer.ts'

/** Where time-stamps and revocation information come from. */
export interface AuthorityAddresses {
  /** DER of the root in which all paths end. */
  readonly root: Uint8Array
  /** DER of the time-stamping unit. */
  readonly timeStamping: Uint8Array
  readonly timeStampUrl: string
  /** `host:port` of servers that may be asked although they are inside the network. */
  readonly ownHosts: readonly string[]
}

/** An attribute of `signed_props`; without a value where the server shall compute it. */
export interface SignedProperty {
  readonly name: string
  readonly value?: Uint8Array
}

export interface DocumentTask {
  readonly format: SignatureFormat
  /** signed_envelope_property. */
  readonly envelope: string
  readonly level: BaselineLevel
  /** A file, or the digest of what is signed by the digest algorithm of the signature. */
  readonly source: { readonly path: string } | { readonly digest: Uint8Array }
  /** Where what is made goes. */
  readonly outputPath: string
  /** DER each, the root left out. */
  readonly signingCertificate: Uint8Array
  readonly chain: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingTime: Date
  readonly properties: readonly SignedProperty[]
  /** How a signature that stands alone names the document (Data Model 1.0.0, 7.1). */
  readonly referenceUri: string
  readonly withValidationInfo: boolean
  readonly authorities: AuthorityAddresses
}

/**
 * What the key is to sign: either the SAM makes the signed attributes itself over the digest of the document, or the format
 * needs what only we can compute.
 */
export type Representation =
  | { readonly cms: 'cades' | 'pades' }
  | {
      readonly dtbsr: Uint8Array
      /** Its preimage. */
      readonly dtbs: Uint8Array
    }

export interface PreparedDocument {
  /** Of the file, or what was given: what the signer approved. */
  readonly documentDigest: Uint8Array
  readonly representation: Representation
  /** What the format needs to complete; plain. */
  readonly state: unknown
}

/** What came back from the SAM. */
export interface MadeSignature {
  readonly signatureValue: Uint8Array
  /** Signed attributes, where the SAM made them. */
  readonly signedAttributes?: Uint8Array | undefined
}

/** DER each. */
export interface ValidationInfo {
  readonly ocsp: readonly Uint8Array[]
  readonly crl: readonly Uint8Array[]
  readonly certificates: readonly Uint8Array[]
}

export type DocumentQuestion =
  | { readonly step: 'prepare'; readonly task: DocumentTask }
  | {
      readonly step: 'complete'
      readonly task: DocumentTask
      readonly prepared: PreparedDocument
      readonly made: MadeSignature
    }

export type DocumentAnswer = PreparedDocument | ValidationInfo | undefined
