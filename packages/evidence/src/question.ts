/** What a verifier of evidence is asked: the file, the pin, and the document if there is one. */
import type { Platform } from '@natsuin/pki/platform'

/** The signature as it stands in the document, when there is a document to compare with. */
export interface DocumentSignature {
  /** DER signed attributes, tag 0x31: what was hashed into the DTBS/R. */
  readonly signedAttributes: Uint8Array
  /** As CMS carries it. */
  readonly signatureValue: Uint8Array
}

export interface EvidenceQuestion {
  /** The evidence file: UTF-8 JSON. */
  readonly evidence: Uint8Array
  /** The pin: SHA-256 of the SAM key's DER SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly samKeyDigest: string
  readonly document?: DocumentSignature
  /** Witnesses whom the verifier knows, as verifier keys (C2SP signed-note), and how many must have cosigned: all, by default. */
  readonly witnesses?: { readonly vkeys: readonly string[]; readonly quorum?: number }
  readonly platform: Platform
}
