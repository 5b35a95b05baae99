/**
 * What an application asks signatures for, as each edition writes it: `authorization_details` (CSC API v2.0.0.2, 8.4.2 and
 * RFC 9396; a URI as type since 2.1), or parameters of scope `credential` (v1.0.4.0, 8.3.2; v2.0.0.2, 8.4.2).
 */
import { toBase64, toBase64url } from '@natsuin/pki/encoding'
import type { Edition } from '@natsuin/protocol/csc'
import type { ServiceInfo } from '../csc/service-info.ts'
import { present } from '../json.ts'

/** Signatures that somebody is to approve. Names and meanings are the standard's; what it spells in base64 is bytes. */
export interface CredentialRequest {
  /** Or `signatureQualifier`, which lets the service choose. */
  readonly credentialID?: string
  readonly signatureQualifier?: string
  /** How many signatures there will be; else as many as there are digests. */
  readonly numSignatures?: number
  readonly documentDigests: readonly RequestedDigest[]
  /** OID of the algorithm that the digests are of. */
  readonly hashAlgorithmOID: string
  /** Shown to the signer by services that take no labels: at most 500 characters. */
  readonly description?: string
  /** Natsuin's: where the signer's browser can fetch the documents. Only in a signed request. */
  readonly documentLocations?: readonly { readonly uri: string }[]
}

export interface RequestedDigest {
  /** What is going to be signed: the DTBS/R, unless `hashType` says that it is the document's. */
  readonly hash: Uint8Array
  /** What the signer reads. */
  readonly label?: string
  readonly hashType?: 'dtbsr' | 'sdr' | 'sodr'
  /** Natsuin's: of what `hash` is the digest, so that the approval page can check the document that it shows. */
  readonly dtbs?: Uint8Array
  /** Natsuin's: digest of the prepared document. */
  readonly documentDigest?: Uint8Array
}

/** Whether the service takes `authorization_details`: v2.0 has them together with pushed requests, 2.1 says so. */
export function takesDetails({ specs, methods, supportsRar, oauth2Servers }: ServiceInfo): boolean {
  const said = supportsRar ?? oauth2Servers[0]?.supportsRar
  return said ?? (specs.startsWith('2.0') && methods.includes('oauth2/pushed_authorize'))
}

/** One element of `authorization_details`, as it goes to the service. */
export type AuthorizationDetail = Readonly<Record<string, unknown>>

export function detailOf(request: CredentialRequest, { specs }: ServiceInfo): AuthorizationDetail {
  const { documentDigests, description: _, ...members } = request
  const isV20 = specs.startsWith('2.0')
  return {
    ...(isV20 ? { type: 'credential' } : { type: TYPE_SINCE_2_1, numSignatures: documentDigests.length }),
    ...members,
    documentDigests: documentDigests.map(({ hash, dtbs, documentDigest, ...more }) => ({
      ...more,
      hash: toBase64(hash),
      ...present({
        dtbs: dtbs && toBase64(dtbs),
        documentDigest: documentDigest && toBase64(documentDigest),
      }),
    })),
  }
}

const TYPE_SINCE_2_1 = 'https://cloudsignatureconsortium.org/2025/credential'

export type Parameters = Readonly<Record<string, string | undefined>>

/** @param spelling `base64url`, as the standard has it, or `base64`, for services that understand nothing else */
export function parametersOf(
  request: CredentialRequest,
  edition: Edition,
  spelling: 'base64' | 'base64url',
): Parameters {
  const { credentialID, signatureQualifier, documentDigests, hashAlgorithmOID, description } = request
  const encode = spelling === 'base64' ? toBase64 : toBase64url
  const hashes = documentDigests.map(({ hash }) => encode(hash)).join(',')
  const spelled = edition === 'v1' ? { hash: hashes } : { hashes, hashAlgorithmOID, signatureQualifier }
  const numSignatures = String(request.numSignatures ?? documentDigests.length)
  // Natsuin's: here they are all of one type, which the standard leaves open.
  const hashType = documentDigests[0]?.hashType
  return { scope: 'credential', credentialID, numSignatures, description, hashType, ...spelled }
}
